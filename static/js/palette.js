// The palette: Ctrl-K goes to anything, and does what the page offers. Whatever it lists is a link
// or button of its own; without script the search box is the way.
const palette = document.querySelector("[data-palette]");
const ask = document.getElementById("palette-ask");
const list = document.getElementById("palette-list");
const here = document.getElementById("palette-here");
const told = document.getElementById("palette-told");
const MOST = 8;
const VISITED = /^\/(leads|accounts|opportunities|reports)\/[\w-]+\/$/;

// Paths only: names are told by the server, to who may see them.
const store = `visited-${palette?.dataset.palette}`;
function visited() {
  try { return JSON.parse(localStorage.getItem(store)) ?? []; } catch { return []; }
}
if (palette && VISITED.test(location.pathname)) {
  const rest = visited().filter((path) => path !== location.pathname);
  try { localStorage.setItem(store, JSON.stringify([location.pathname, ...rest].slice(0, MOST))); } catch { /* private window */ }
}

function label(element) {
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll("kbd, svg, .side__count, .visually-hidden")) extra.remove();
  return (copy.textContent.trim() || element.getAttribute("aria-label") || "").replace(/\s+/g, " ");
}

function offered() {
  const acts = [...document.querySelectorAll("main :is(a[data-sheet], [data-at-once] button, .page__head a.btn, [data-key])")];
  const pages = [...document.querySelectorAll(".side__link, .menu__item[href]")];
  return [...acts.filter((one) => one.checkVisibility() && !one.matches("[data-row]")), ...pages];
}

function option(element, place) {
  const one = document.createElement("a");
  Object.assign(one, { className: "palette__option", id: `palette-here-${place}`, tabIndex: -1 });
  one.setAttribute("role", "option");
  one.textContent = label(element);
  if (element.hasAttribute("href")) one.dataset.leadsTo = element.getAttribute("href");
  one.addEventListener("click", (event) => { event.preventDefault(); palette.close(); setTimeout(() => element.click()); });
  return one;
}

function showHere() {
  const words = ask.value.toLowerCase().split(/\s+/).filter(Boolean);
  const seen = new Set();
  const fitting = offered().filter((one) => {
    const text = label(one).toLowerCase();
    return text && !seen.has(text) && seen.add(text) && words.every((word) => text.includes(word));
  });
  here.replaceChildren(here.firstElementChild, ...fitting.slice(0, MOST).map(option));
  here.hidden = !fitting.length;
  once();
  mark(options()[0]);
}

// What the page itself offers is listed there only.
function once() {
  const offers = new Set([...here.querySelectorAll("[data-leads-to]")].map((one) => one.dataset.leadsTo));
  for (const group of document.querySelectorAll("#palette-found [role=group]")) {
    const all = [...group.querySelectorAll('[role="option"]')];
    for (const one of all) one.hidden = offers.has(one.getAttribute("href"));
    group.hidden = all.every((one) => one.hidden);
  }
}

const options = () => [...list.querySelectorAll('[role="option"]:not([hidden])')];
const current = () => list.querySelector('[aria-selected="true"]');

function mark(one) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === one));
  if (one) ask.setAttribute("aria-activedescendant", one.id); else ask.removeAttribute("aria-activedescendant");
  one?.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = options();
  if (all.length) mark(all[(all.indexOf(current()) + step + all.length) % all.length]);
}

function open() {
  if (!palette || document.querySelector("dialog[open]")) return;
  document.getElementById("palette-recent").value = visited().filter((path) => path !== location.pathname).join(" ");
  ask.value = "";
  palette.showModal();
  ask.focus();
  showHere();
  ask.dispatchEvent(new Event("ask"));
}

const KEYS = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => current()?.click() };

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
});
document.addEventListener("click", (event) => { if (event.target.closest("[data-open-palette]")) open(); });
palette?.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
ask?.addEventListener("input", showHere);
ask?.addEventListener("keydown", (event) => {
  const does = KEYS[event.key];
  if (!does || event.key === "Enter" && !current()) return;
  event.preventDefault();
  does();
});
list?.addEventListener("pointermove", (event) => {
  const one = event.target.closest('[role="option"]');
  if (one && one !== current()) mark(one);
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.sourceElement !== ask) return;
  once();
  if (!current()) mark(options()[0]);
  const count = options().length;
  told.textContent = count ? `${count} to choose from` : "Nothing found";
});
