// Lists which points of a checklist are not answered yet, while they are filled in.
function tell(form) {
  for (const told of form.querySelectorAll("[data-missing]")) {
    const fields = [...form.elements].filter((field) => field.name.startsWith(`${told.dataset.missing}.`));
    const open = fields.filter((field) => !field.value.trim());
    const names = open.map((field) => field.labels[0].firstChild.textContent.trim());
    told.textContent = names.length ? `Missing: ${names.join(", ")}` : "All answered";
  }
}

document.addEventListener("input", (event) => {
  if (event.target.form?.querySelector("[data-missing]")) tell(event.target.form);
});
