// Fields of a condition to search in: a combobox with a list of what is on offer, by keyboard too.
// Without this script the browser's own suggestions show the same list.
let input, list, options = [], at = -1, before = "";

const wanted = (element) => element?.matches?.("input[data-facts]");

function build(field) {
  close();
  input = field;
  list = document.createElement("ul");
  list.className = "picker";
  list.id = `${field.id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Fields");
  options = [];
  let group;
  for (const offer of document.getElementById(field.dataset.facts).options) {
    if (offer.dataset.group !== group?.dataset.name) {
      group = document.createElement("li");
      group.className = "picker__group";
      group.setAttribute("role", "presentation");
      group.dataset.name = group.textContent = offer.dataset.group;
      list.append(group);
    }
    list.append(row(offer, options.length));
  }
  field.setAttribute("aria-expanded", "true");
  field.setAttribute("aria-controls", list.id);
  field.parentElement.append(list);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const item = event.target.closest("[role=option]");
    if (item) choose(item);
  });
}

function row(offer, number) {
  const item = document.createElement("li");
  item.id = `${list.id}-${number}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.value = offer.value;
  const [name, line, help] = ["strong", "span", "span"].map((tag) => document.createElement(tag));
  name.textContent = offer.value;
  line.textContent = offer.textContent;
  help.textContent = offer.dataset.about;
  item.append(name, line, help);
  item.dataset.words = `${offer.value} ${offer.textContent} ${offer.dataset.about} ${offer.dataset.group}`.toLowerCase();
  options.push(item);
  return item;
}

function filter(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of options) item.hidden = !words.every((word) => item.dataset.words.includes(word));
  let group;
  for (const item of list.children) {
    if (item.matches(".picker__group")) { group = item; group.hidden = true; }
    else if (!item.hidden) group.hidden = false;
  }
  mark(text ? 0 : shown().findIndex((item) => item.dataset.value === input.value));
}

const shown = () => options.filter((item) => !item.hidden);

function mark(place) {
  const items = shown();
  at = items.length ? Math.min(Math.max(place, -1), items.length - 1) : -1;
  for (const item of options) item.setAttribute("aria-selected", String(item === items[at]));
  if (at < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", items[at].id);
  items[at].scrollIntoView({ block: "nearest" });
}

function choose(item) {
  const field = input;
  field.value = item.dataset.value;
  close();
  if (field.value !== before) field.dispatchEvent(new Event("change", { bubbles: true }));
}

function close() {
  if (!list) return;
  list.remove();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
  input = list = undefined;
}

function open(field, text = "") { build(field); filter(text); }

document.addEventListener("focusin", (event) => { if (wanted(event.target)) before = event.target.value; });
document.addEventListener("input", (event) => { if (wanted(event.target)) open(event.target, event.target.value); });
document.addEventListener("click", (event) => {
  if (wanted(event.target) && event.target !== input) { event.target.select(); open(event.target); }
});
document.addEventListener("focusout", (event) => { if (event.target === input) close(); });
document.addEventListener("keydown", (event) => {
  if (!wanted(event.target)) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { event.preventDefault(); if (event.target !== input) open(event.target); else mark(at + step); }
  else if (!list) return;
  else if (event.key === "Enter") { event.preventDefault(); if (at >= 0) choose(shown()[at]); else close(); }
  else if (event.key === "Tab" && at >= 0 && event.target.value !== before) choose(shown()[at]);
  else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); event.target.value = before; close(); }
});

function prepare() {
  if (list && !list.isConnected) input = list = undefined; // swapped away while it was open
  for (const field of document.querySelectorAll("input[data-facts][list]")) {
    field.removeAttribute("list");
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) field.setAttribute(name, value);
  }
}
prepare();
document.addEventListener("htmx:after:swap", prepare);
