// A field of its own choices offers these and no others; without script they stand by field.
const field = document.querySelector('[name="field"]');
const choice = document.querySelector('[name="picked"]');

function narrow() {
  for (const group of choice.querySelectorAll("optgroup")) {
    const isOfField = group.querySelector("option").value.startsWith(`${field.value}=`);
    group.hidden = group.disabled = !isOfField;
  }
  if (choice.selectedOptions[0]?.closest("optgroup")?.disabled) choice.value = "";
}

if (choice) {
  field.addEventListener("change", narrow);
  narrow();
}
