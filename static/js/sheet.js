// Forms open in a native dialog when they arrive there; without script their links are pages.
const sheet = document.getElementById("sheet");
const body = document.getElementById("sheet-body");

// What is done here opens the next lead of the list, not the first.
function workOn(form) {
  const rows = [...document.querySelectorAll("[data-list] [data-row]")];
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = rows[at + 1] ?? rows[at - 1];
  const field = form.querySelector('input[name="next"]');
  if (at >= 0 && next && field) field.value = new URL(next.href).pathname + new URL(next.href).search;
}

document.addEventListener("htmx:after:swap", (event) => {
  if (sheet?.open && body.querySelector("[aria-invalid=true]")) return begin(); // sent, and something is wrong
  if (!body?.hasChildNodes() || sheet.open || !event.detail?.ctx?.sourceElement?.matches("[data-sheet]")) return;
  workOn(body);
  sheet.showModal();
  begin();
});

// What is wrong comes first, else the first thing to fill in.
function begin() {
  wantNote();
  const first = ["[aria-invalid=true]", "[autofocus]", "form :is(input:not([type=hidden]), select, textarea)"];
  first.map((one) => body.querySelector(one)).find(Boolean)?.focus();
}

// A reason that needs a note says so before it is sent.
function wantNote() {
  const note = body.querySelector("[data-note]");
  const picked = body.querySelector("input[type=radio]:checked");
  if (!note || !picked) return;
  note.required = picked.matches("[data-note-next]");
  const word = note.labels?.[0]?.querySelector("[data-needed]");
  if (!word) return;
  word.dataset.optional ??= word.textContent;
  word.textContent = note.required ? word.dataset.needed : word.dataset.optional;
}

document.addEventListener("submit", (event) => {
  const note = event.target.querySelector("[data-note]:required");
  if (!note || (note.value = note.value.trim())) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  note.reportValidity();
}, true);

sheet?.addEventListener("leadgov:shown", begin);
body?.addEventListener("change", wantNote);

// What is done at once has no form in the dialog; it opens where something is wrong or missing.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-at-once]")) workOn(event.target);
}, true);

sheet?.addEventListener("click", (event) => {
  const outside = event.target === sheet;
  if (!outside && !event.target.closest("[data-close-sheet]")) return;
  event.preventDefault();
  sheet.close();
});

sheet?.addEventListener("close", () => body.replaceChildren());

// On a phone the lead in hand is its own page: the link is followed instead of swapped.
document.addEventListener("htmx:config:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  const pane = document.getElementById("pane");
  if (!source.matches("[data-wide-only]") || pane?.offsetParent) return;
  event.preventDefault();
  location.assign(source.href);
});

// A reason picked by its number that needs a note leads there.
body?.addEventListener("click", (event) => {
  if (!event.isTrusted && event.target.matches("[data-note-next]")) body.querySelector("[data-note]")?.focus();
});
