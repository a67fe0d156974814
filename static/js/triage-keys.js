// A key that comes before its lead is shown, or before its undo is there, waits for it: what is
// pressed is done to the lead that is marked, never to the one that was shown before.
const inbox = document.querySelector("[data-list]");
const pane = document.getElementById("pane");
const current = () => inbox.querySelector('[data-row][aria-current="true"]');
const shown = () => pane.querySelector("[data-lead]")?.dataset.lead === current()?.id.slice(4);
let held = "";

document.addEventListener("keydown", (event) => {
  const { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !pane.offsetParent) return;
  if (event.target.closest("input, textarea, select") || document.querySelector("dialog[open]")) return;
  held = "";
  if (["u", "z"].includes(key) && inbox.querySelector("[data-leaving]")) {
    document.dispatchEvent(new CustomEvent("leadgov:undo"));
  } else if (["a", "r", "c"].includes(key) && current() && !shown()) held = key;
  else return;
  event.stopPropagation();
}, true);

// An answer that was overtaken by the next key shows nothing.
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement: source } = event.detail.ctx;
  if (source.matches("[data-row]") && source !== current()) event.preventDefault();
});

document.addEventListener("htmx:after:swap", (event) => {
  if (!event.detail.ctx.sourceElement.matches("[data-row]")) return;
  const key = held;
  held = "";
  if (key) setTimeout(() => pane.querySelector(`[data-key="${key}"]`)?.click()); // once htmx has bound it
});
