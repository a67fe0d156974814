// The reader's choice of light, dark or as the system, kept in this browser.
const root = document.documentElement;

function show(choice) {
  if (choice === "auto") delete root.dataset.theme;
  else root.dataset.theme = choice;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  localStorage.setItem("theme", button.dataset.themeChoice);
  show(button.dataset.themeChoice);
});

show(localStorage.getItem("theme") ?? "auto");
