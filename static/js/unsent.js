// What could not be sent is kept as it was typed, and waits until its lead is taken up again: opened
// by itself it would meet keys that are meant for the next lead.
const sheet = document.getElementById("sheet");
const body = document.getElementById("sheet-body");
const pane = document.getElementById("pane");
const unsent = new Map();
const pathOf = (address) => new URL(address, location.href).pathname;

function resume(event, address) {
  const typed = pane.offsetParent && !sheet.open && unsent.get(pathOf(address));
  if (!typed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  unsent.delete(pathOf(address));
  body.replaceChildren(...typed);
  window.htmx.process(body);
  sheet.showModal();
  sheet.dispatchEvent(new CustomEvent("leadgov:shown"));
}

document.addEventListener("leadgov:unsent", ({ detail }) => unsent.set(pathOf(detail.url), detail.nodes));
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-sheet]");
  if (link) resume(event, link.href);
}, true);
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-at-once]")) resume(event, event.target.action);
}, true);
