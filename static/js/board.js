// The board of leads by owner: a lead is dragged to a column, or handed on by its link (m). Either
// way the form asks why; dropped on a column, it is filled in with whom.
const board = () => document.querySelector("[data-board]");
const cards = (column) => [...column.querySelectorAll("[data-card]")];
let held = null;
let wanted = null;

function over(column) {
  for (const other of board().querySelectorAll("[data-over]")) delete other.dataset.over;
  if (column && column !== held?.closest("[data-column]")) column.dataset.over = "";
}

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-card][draggable]") ?? null;
  if (!held) return;
  held.dataset.held = "";
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
});

document.addEventListener("dragover", (event) => {
  const column = held && event.target.closest("[data-column]");
  if (!column) return;
  event.preventDefault();
  over(column);
});

document.addEventListener("drop", (event) => {
  const column = held && event.target.closest("[data-column]");
  if (!column || column === held.closest("[data-column]")) return;
  event.preventDefault();
  wanted = column.dataset.owner;
  held.querySelector("[data-move]").click();
});

document.addEventListener("dragend", () => {
  if (held) delete held.dataset.held;
  held = null;
  over(null);
});

// The sheet has arrived with the form: whom it was dropped on is chosen, why is left to say.
document.addEventListener("htmx:after:swap", () => {
  const chosen = document.querySelector('#sheet-body select[name="to"]');
  if (wanted === null || !chosen) return;
  if ([...chosen.options].some((one) => one.value === wanted)) chosen.value = wanted;
  wanted = null;
  document.querySelector('#sheet-body [name="reason"]')?.focus();
});

// A page that comes after a lead was handed on goes on with the next lead of the column.
const FOLLOWING = "board-following";

document.addEventListener("click", (event) => {
  const card = event.target.closest?.("[data-move]")?.closest("[data-card]");
  if (!card) return;
  const next = along(card, 1) ?? along(card, -1);
  sessionStorage.setItem(FOLLOWING, next?.querySelector("a").getAttribute("href") ?? "");
}, true);
document.addEventListener("close", () => sessionStorage.removeItem(FOLLOWING), true);

const following = sessionStorage.getItem(FOLLOWING);
sessionStorage.removeItem(FOLLOWING);
if (following !== null) {
  (cards(board()).find((card) => card.querySelector("a").getAttribute("href") === following) ?? cards(board())[0])
    ?.querySelector("a").focus();
}

function beside(card, step) {
  const columns = [...board().querySelectorAll("[data-column]")].filter((one) => cards(one).length);
  const column = card.closest("[data-column]");
  const next = columns[columns.indexOf(column) + step];
  return next && (cards(next)[cards(column).indexOf(card)] ?? cards(next).at(-1));
}

function along(card, step) {
  const all = cards(card.closest("[data-column]"));
  return all[all.indexOf(card) + step];
}

const STEPS = { ArrowDown: [along, 1], ArrowUp: [along, -1], ArrowRight: [beside, 1], ArrowLeft: [beside, -1] };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !board()?.contains(event.target)) return;
  const card = event.target.closest("[data-card]");
  if (event.key === "m" && card) {
    card.querySelector("[data-move]")?.click();
    return event.preventDefault();
  }
  const [to, step] = STEPS[event.key] ?? [];
  const next = to && (card ? to(card, step) : cards(board())[0]);
  if (!next) return;
  event.preventDefault();
  next.querySelector("a").focus();
});
