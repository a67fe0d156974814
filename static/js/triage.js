// The inbox at full speed: what is done to a lead takes its row off at once and opens the next one.
// The server hears of it right after, one act at a time; what it refuses comes back with its reason.
// Without script the same forms are pages of their own.
const inbox = document.querySelector("[data-list]");
const pane = document.getElementById("pane");
const sheet = document.getElementById("sheet");
const body = document.getElementById("sheet-body");
const toasts = document.getElementById("toasts");
const [SETTLED, READ] = [800, 6000]; // ms until the list is read anew: after an act, after a refusal
let [line, timer] = [Promise.resolve()];

const rows = () => [...inbox.querySelectorAll("[data-row]:not([hidden])")];
const current = () => inbox.querySelector('[data-row][aria-current="true"]');
const rowOf = (id) => document.getElementById(`row-${id}`);
const tell = (text) => document.dispatchEvent(new CustomEvent("leadgov:tell", { detail: { text } }));
const online = () => document.documentElement.dataset.offline && new Promise((go) => document.addEventListener("leadgov:online", go, { once: true }));
const ofLead = (form) => new URL(form.action).pathname.match(/\/leads\/(\d+)\//)?.[1];

// The next lead is one with which the same is to be done, else one that awaits a verdict, too.
function after(row) {
  const [all, at] = [rows(), rows().indexOf(row)];
  const order = [...all.slice(at + 1), ...all.slice(0, at).reverse()];
  const judged = order.filter((one) => "verdict" in one.dataset && "verdict" in row.dataset);
  return [...judged, ...order].find((one) => one.dataset.todo === row.dataset.todo) ?? judged[0] ?? order[0];
}

function open(row) { row.scrollIntoView({ block: "nearest" }); row.focus({ preventScroll: true }); row.click(); }

function settle(wait = SETTLED) {
  clearTimeout(timer);
  timer = setTimeout(() => inbox.querySelector("[data-leaving]") ? settle() : document.getElementById("rows").dispatchEvent(new CustomEvent("refresh")), wait);
}

function take(row) {
  const next = after(row);
  row.dataset.leaving = "";
  row.hidden = true;
  row.removeAttribute("aria-current");
  inbox.dataset.acts = Number(inbox.dataset.acts ?? 0) + 1; // lists that are on their way are old now
  inbox.dispatchEvent(new CustomEvent("leadgov:count"));
  next ? open(next) : pane.replaceChildren();
}

function back(row, why, wait) {
  delete row.dataset.leaving;
  row.hidden = false;
  inbox.dispatchEvent(new CustomEvent("leadgov:count"));
  if (why) { row.querySelector(".lead__why").replaceChildren(why); row.dataset.refused = ""; tell(why); }
  settle(wait);
}

// What was typed waits in its form until its lead is taken up again.
const putAside = (url, nodes) => document.dispatchEvent(new CustomEvent("leadgov:unsent", { detail: { url, nodes } }));

function keep(row, url, sent) {
  const error = sent.querySelector(".field__error, [data-refusal]")?.textContent.trim() ?? "Something is missing.";
  putAside(url, [...sent.body.childNodes]);
  back(row, `Not sent: ${error} Open it again to go on.`, READ);
  if (!current()) open(row);
}

async function post(url, data) {
  const answer = await fetch(url, { method: "POST", body: data, headers: { "HX-Request": "true", "X-In-Place": "1" } });
  if (answer.headers.get("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));
  const sent = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { answer, sent, told: [...sent.querySelectorAll("[data-toast]")], why: sent.querySelector("[data-refusal]")?.textContent.trim() };
}

// Its lead is in hand again if it is still shown.
function failed(row, url, typed, why) {
  if (typed.length) putAside(url, typed);
  back(row, why);
  if (pane.querySelector("[data-lead]")?.dataset.lead !== row.id.slice(4)) return;
  open(row);
}

async function act(url, data, row, typed) {
  try {
    const { answer, sent, told, why } = await post(url, data);
    if (answer.status === 422) return keep(row, url, sent);
    if (answer.status === 401) { failed(row, url, typed); return document.dispatchEvent(new CustomEvent("leadgov:signed-out")); }
    if (answer.status >= 500) return failed(row, url, typed, "That did not work on our side. Nothing was changed; try again.");
    if (!answer.ok) return answer.status === 403 ? failed(row, url, typed, why) : back(row, why, READ);
    delete row.dataset.leaving;
    toasts.prepend(...told);
  } catch {
    return failed(row, url, typed, "No connection. Nothing was changed; try again.");
  }
  settle();
}

async function undo(form, toast) {
  toast.remove();
  try {
    const { answer, told, why } = await post(form.action, new FormData(form));
    if (!answer.ok) return tell(why ?? "That could not be undone.");
    toasts.prepend(...told);
    inbox.dataset.wanted = ofLead(form) ?? ""; // in hand again, once the list has it
    settle(0);
  } catch {
    tell("No connection. Nothing was undone; try again.");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const toast = form.closest("[data-toast]");
  const row = form.matches("[data-at-once], #sheet-body form") && rowOf(ofLead(form));
  if (!pane.offsetParent || (!toast && !row) || !form.checkValidity()) return;
  event.preventDefault(); event.stopPropagation();
  const [data, typed] = [new FormData(form, event.submitter), sheet.open ? [...body.childNodes] : []];
  if (row?.hidden && !toast) return; // a second click
  if (!toast) { sheet.close(); take(row); }
  line = line.then(online).then(() => toast ? undo(form, toast) : act(form.action, data, row, typed));
}, true);

// An undo asked for before the server has answered waits for what it takes back.
document.addEventListener("leadgov:undo", () => {
  line = line.then(() => toasts.querySelector("[data-key]")?.click());
});
