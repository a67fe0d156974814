// Keys for the hand that stays on the keyboard. Each key presses a link or button that is on the
// page anyway, so nothing works by key alone.
const list = () => document.querySelector("[data-list]");
const rows = () => [...(list()?.querySelectorAll("[data-row]:not([hidden])") ?? [])];
const current = () => list()?.querySelector('[data-row][aria-current="true"]');
let going = false;

function typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

function mark(row) {
  for (const other of rows()) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
}

function choose(row) {
  if (!row) return;
  row.scrollIntoView({ block: "nearest" });
  mark(row); // at once: the next key goes on from here
  row.focus({ preventScroll: true });
  row.click();
}

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  choose(all[Math.min(all.length - 1, Math.max(0, at + step))]);
}

function press(key) {
  const scope = document.querySelector("dialog[open]") ?? document;
  const found = scope.querySelector(`[data-key~="${CSS.escape(key)}"]`);
  found?.click();
  return Boolean(found);
}

function go(key) {
  const found = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  found?.click();
}

function focusSearch(event) {
  const search = document.querySelector("[data-focus-key]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
}

function act(event) {
  if (going) { going = false; return go(event.key); }
  if (document.querySelector("dialog[open]")) {
    if (press(event.key)) event.preventDefault();
    return;
  }
  if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1200); }
  else if (event.key === "j" || event.key === "ArrowDown" && current()) { event.preventDefault(); move(1); }
  else if (event.key === "k" || event.key === "ArrowUp" && current()) { event.preventDefault(); move(-1); }
  else if (event.key === "/") focusSearch(event);
  else if (event.key === "?") document.getElementById("keys")?.showModal();
  else if (event.key === "Enter" && current() && !event.target.closest("a:not([data-row]), button, summary")) {
    event.preventDefault();
    location.assign(current().dataset.open);
  } else if (press(event.key)) event.preventDefault();
}

// Enter sends from a field of one line, as everywhere; from a note of several Ctrl or Cmd Enter does.
function sends(event) {
  const held = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  return event.key === "Enter" && held && !event.isComposing && event.target.matches("textarea");
}

document.addEventListener("keydown", (event) => {
  if (sends(event) && event.target.form) { event.preventDefault(); return event.target.form.requestSubmit(); }
  if (event.key === "Escape" && event.target.matches("[data-focus-key]")) return event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  act(event);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-keys]")) document.getElementById("keys")?.showModal();
  const row = event.target.closest("[data-row]");
  if (!row || event.ctrlKey || event.metaKey) return;
  mark(row);
  // Coming back, and the next refresh, find the same lead in hand.
  if (document.getElementById("pane")?.offsetParent) history.replaceState(null, "", row.href);
  document.getElementById("rows")?.setAttribute("hx-get", row.href);
});
