// The condition builder: buttons and choices are sent as acts, typing only asks for the outcome.
// Without this script each button submits the form it stands in.
const WAIT = 350;
const asked = new WeakMap(); // root → the fields as they were last sent
let typing;

const rootOf = (element) => element?.closest?.("[data-condition]");

function act(root, value) {
  clearTimeout(typing);
  const field = root.querySelector("[data-act-field]");
  field.value = value;
  root.querySelector("[data-tree]").dispatchEvent(new CustomEvent("condition:act"));
  field.value = "";
}

function askForOutcome(root) {
  clearTimeout(typing);
  typing = setTimeout(() => {
    // What an act changes comes first: its answer tells the outcome too.
    if (root.dataset.busy) return askForOutcome(root);
    root.querySelector("[data-outcome]").dispatchEvent(new CustomEvent("condition:changed"));
  }, WAIT);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-condition] button[data-act]");
  if (!button) return;
  event.preventDefault();
  act(rootOf(button), button.value);
});

document.addEventListener("change", (event) => {
  const root = rootOf(event.target);
  if (!root) return;
  if (event.target.dataset.act) act(root, event.target.dataset.act);
  else if (!event.target.matches("[data-json]")) askForOutcome(root);
});

document.addEventListener("input", (event) => {
  const root = rootOf(event.target);
  if (!root || event.target.matches("[data-json], [data-act], select")) return;
  askForOutcome(root);
});

// A link to what is missing leads to its field, or to the first one of its node.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-outcome] a[href^='#']");
  if (!link) return;
  event.preventDefault();
  const id = link.getAttribute("href").slice(1);
  const node = document.getElementById(id.slice(0, id.lastIndexOf("-")));
  const field = document.getElementById(id) ?? node?.querySelector("input:not([type=hidden]), select, button");
  field?.focus();
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const root = rootOf(ctx.sourceElement);
  if (!root) return;
  asked.set(root, ctx.request.body);
  if (ctx.sourceElement.matches("[data-tree]")) root.dataset.busy = "true";
});

// What was typed while the answer was on its way is put back, and asked for again.
let late = [];
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const root = rootOf(ctx.sourceElement);
  if (!root || !ctx.sourceElement.matches("[data-tree]")) return;
  const sent = new URLSearchParams(asked.get(root));
  late = [...root.querySelectorAll("[data-tree] :is(input[type=text], textarea)[id]:not([data-facts])")]
    .filter((field) => !sent.getAll(field.name).includes(field.value.replace(/\r?\n/g, "\r\n")) && !sent.getAll(field.name).includes(field.value))
    .map((field) => [field.id, field.value]);
});

document.addEventListener("htmx:after:swap", () => {
  for (const [id, value] of late) {
    const field = document.getElementById(id);
    if (!field) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  late = [];
});

document.addEventListener("htmx:finally:request", () => {
  for (const root of document.querySelectorAll("[data-condition][data-busy]")) delete root.dataset.busy;
});
