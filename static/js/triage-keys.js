// Keys that come before what they are meant for is shown wait for it: what is pressed is done to the
// lead that is marked, never to the one that was shown before, and goes into the form that was asked
// for, never into the one that was open before.
const inbox = document.querySelector("[data-list]");
const pane = document.getElementById("pane");
const sheet = document.getElementById("sheet");
const current = () => inbox.querySelector('[data-row][aria-current="true"]');
const shown = () => pane.querySelector("[data-lead]")?.dataset.lead === current()?.id.slice(4);
const typing = (field) => field.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
const MOVES = ["j", "k", "ArrowDown", "ArrowUp", "Escape"];
const SEND = "send"; // Ctrl Enter, from a note of several lines
const NOTICED = 600; // ms within which it is known that there is no line
const PATIENCE = 8000; // ms that keys wait for a form
let waiting = [];
let asked = null; // the link whose form is on its way
let since = 0;
let fetched = null; // the row whose lead is on its way
const dropped = new WeakSet(); // links whose forms nobody waits for any more

const awaited = () => asked && performance.now() - since < PATIENCE;

function drop() {
  if (asked) dropped.add(asked);
  asked = null;
}

function forget() {
  waiting = [];
  drop();
}

function waits(key) {
  if (document.querySelector("dialog[open]")) return waiting.length;
  return awaited() || waiting.length || ["a", "r", "c", "e"].includes(key) && current() && !shown();
}

// What cannot be done to the lead in hand is said.
function says(key) {
  if (!current() || document.querySelector("dialog[open], [data-key~=" + CSS.escape(key) + "]")) return;
  const text = inbox.dataset[`no${key.toUpperCase()}`];
  if (text) document.dispatchEvent(new CustomEvent("leadgov:tell", { detail: { text, tone: "warn" } }));
}

document.addEventListener("keydown", (event) => {
  const held = event.ctrlKey || event.metaKey;
  const key = held && event.key === "Enter" ? SEND : event.key;
  if (!event.isTrusted || held && key !== SEND || event.altKey || !pane.offsetParent) return;
  const overtakes = sheet.open && waiting.length; // those before it are not done yet
  if (typing(event.target) && !overtakes) return;
  if (MOVES.includes(key) && !document.querySelector("dialog[open]")) {
    if (awaited() || waiting.length) forget();
    return;
  }
  if (["u", "z"].includes(key) && inbox.querySelector("[data-leaving]") && !sheet.open) {
    forget();
    document.dispatchEvent(new CustomEvent("leadgov:undo"));
  } else if (waits(key)) {
    waiting.push(key);
    if (current() && !shown() && fetched !== current()) current().click(); // it did not come: again
  } else return says(key);
  setTimeout(goOn);
  event.preventDefault();
  event.stopPropagation();
}, true);

// As if it were pressed now.
function press(key) {
  const field = document.activeElement;
  const form = sheet.open && document.querySelector("#sheet-body form");
  const breaks = key === "Enter" && field.matches("textarea");
  if (form && (key === SEND || key === "Enter" && !breaks)) { if (!form.checkValidity()) waiting = []; form.requestSubmit(); }
  else if (form && typing(field) && (breaks || key.length === 1)) field.setRangeText(breaks ? "\n" : key, field.selectionStart, field.selectionEnd, "end");
  else document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

function goOn() {
  while (waiting.length && !awaited() && (sheet.open || shown())) press(waiting.shift());
}

document.addEventListener("click", (event) => {
  const [row, link] = [event.target.closest("[data-row]"), event.target.closest("a[data-sheet]")];
  fetched = row ?? fetched;
  if (!pane.offsetParent || !row && !link) return;
  drop();
  if (!link) return;
  dropped.delete(link);
  [asked, since] = [link, performance.now()];
});

// What cannot be shown without a line says so, in place of the lead before; once it is back the
// lead is asked for again.
document.addEventListener("htmx:error", (event) => {
  const row = event.detail?.ctx?.sourceElement;
  setTimeout(() => { // until it is known whether the line is gone
    if (!document.documentElement.dataset.offline || row !== current() || shown()) return;
    pane.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: pane.dataset.away }));
  }, NOTICED);
});
document.addEventListener("leadgov:online", () => { if (current() && !shown()) current().click(); });

// An answer that was overtaken by the next key shows nothing.
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement: source } = event.detail.ctx;
  if (source.matches("[data-row]") && source !== current()) event.preventDefault();
  if (dropped.has(source)) event.preventDefault();
});

document.addEventListener("htmx:finally:request", (event) => {
  const { sourceElement: source, response } = event.detail.ctx;
  if (!source.matches("[data-row], a[data-sheet]")) return;
  if (source === asked) asked = null;
  if (source === fetched) fetched = null;
  if (response?.status < 400) setTimeout(goOn); else waiting = []; // once htmx has bound it
});
