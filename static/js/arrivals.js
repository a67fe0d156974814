// The list of the inbox when it is read anew: what is in hand stays where it is, new leads are told
// of, and an answer that is older than the last act is thrown away.
const inbox = document.querySelector("[data-list]");
const pane = document.getElementById("pane");
const scroller = () => inbox.querySelector(".inbox__scroll");
const all = () => [...inbox.querySelectorAll("[data-row]")];
const current = () => inbox.querySelector('[data-row][aria-current="true"]');
const isList = (event) => event.detail.ctx.sourceElement.id === "rows";
let before = { ids: new Set(), top: null, acts: undefined };

function count() {
  for (const place of inbox.querySelectorAll("[data-count-of]")) {
    const left = inbox.querySelectorAll(`[data-group="${place.dataset.countOf}"]:not([hidden])`).length;
    place.textContent = left;
    if (place.closest(".group__name")) place.closest(".group__name").hidden = !left;
  }
}

inbox.addEventListener("leadgov:count", count);

document.addEventListener("htmx:config:request", (event) => {
  if (!isList(event)) return;
  before.acts = inbox.dataset.acts;
  if (inbox.querySelector("[data-leaving]")) event.preventDefault();
});

document.addEventListener("htmx:before:swap", (event) => {
  if (!isList(event)) return;
  if (inbox.querySelector("[data-leaving]") || before.acts !== inbox.dataset.acts) return event.preventDefault();
  before.ids = new Set(all().map((row) => row.id));
  before.top = current()?.getBoundingClientRect().top ?? null;
});

document.addEventListener("htmx:after:swap", (event) => {
  if (!isList(event)) return;
  const now = current();
  if (before.top !== null && now) scroller().scrollTop += now.getBoundingClientRect().top - before.top;
  const came = all().filter((row) => !before.ids.has(row.id) && row.id !== `row-${inbox.dataset.wanted}`);
  if (came.length) {
    const text = came.length === 1 ? `New lead: ${came[0].dataset.name}` : `${came.length} new leads`;
    document.dispatchEvent(new CustomEvent("leadgov:tell", { detail: { text, tone: "info" } }));
  }
  const wanted = document.getElementById(`row-${inbox.dataset.wanted}`);
  delete inbox.dataset.wanted;
  if (wanted) { wanted.focus({ preventScroll: true }); wanted.scrollIntoView({ block: "nearest" }); }
  if (wanted || !pane.querySelector("[data-lead]")) (wanted ?? all()[0])?.click();
  left();
});

// A lead in hand that somebody took away, or that was dealt with elsewhere, is not acted on any more.
function left() {
  const id = pane.querySelector("[data-lead]")?.dataset.lead;
  if (!id || !before.ids.has(`row-${id}`) || document.getElementById(`row-${id}`)) return;
  const name = pane.querySelector("h2")?.textContent.trim() ?? "";
  const open = Object.assign(document.createElement("a"), { href: `/leads/${id}/`, textContent: name });
  const told = document.createElement("p");
  told.className = "empty";
  told.append(`${pane.dataset.left} `, open);
  pane.replaceChildren(told);
}
