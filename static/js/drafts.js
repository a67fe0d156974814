// A form that is closed with words in it keeps them while the page is open: what was typed is there
// when the form is opened again. Only Cancel and sending forget it.
const sheet = document.getElementById("sheet");
const body = document.getElementById("sheet-body");
const kept = new Map(); // by the address the form is sent to: name and value of each field
const TYPED = "textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=submit])";
let touched = false;

const form = () => body.querySelector("form[action]");
const fields = () => [...form().elements].filter((one) => one.name && one.type !== "hidden" && one.type !== "submit");
const isBox = (one) => ["checkbox", "radio"].includes(one.type);

body?.addEventListener("input", (event) => { touched ||= event.target.matches(TYPED); });

// Before the form is taken out of the page.
sheet?.addEventListener("close", () => {
  const typed = touched && form() && fields().some((one) => one.matches(TYPED) && one.value.trim());
  touched = false;
  if (!typed) return;
  kept.set(form().action, fields().map((one) => [one.name, one.value, isBox(one) ? one.checked : null]));
  const text = sheet.dataset.kept;
  document.dispatchEvent(new CustomEvent("leadgov:tell", { detail: { text, tone: "info" } }));
}, true);

function forget() {
  touched = false;
  if (form()) kept.delete(form().action);
}

document.addEventListener("submit", (event) => {
  if (event.target === form() && form().checkValidity()) forget();
}, true);
body?.addEventListener("click", (event) => { if (event.target.closest(".form__foot [data-close-sheet]")) forget(); }, true);

function fill(one, saved) {
  const [, value, checked] = saved.find(([name, value]) => name === one.name && (!isBox(one) || value === one.value)) ?? [];
  if (value === undefined) return;
  if (isBox(one)) one.checked = checked; else one.value = value;
  one.dispatchEvent(new Event("input", { bubbles: true }));
  one.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("htmx:after:swap", (event) => {
  touched ||= Boolean(sheet?.open && body.querySelector("[aria-invalid=true], [role=alert]")); // sent, and refused
  const saved = sheet?.open && event.detail?.ctx?.sourceElement?.matches("[data-sheet]") && form() && kept.get(form().action);
  if (saved) for (const one of fields()) fill(one, saved);
});
