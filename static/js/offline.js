// The line to the server is gone, or is back: a bar says so, what would lose the page is held back,
// and what was done in the inbox meanwhile is sent once somebody answers again (triage.js waits).
const bar = document.getElementById("line");
const AGAIN = 3000; // ms between two looks
const SHOWN = 5000; // ms that the good news stands
let [off, timer] = [false, 0];

async function reached() {
  try { await fetch("/healthz", { cache: "no-store" }); return true; } catch { return false; }
}

function say(key) {
  bar.dataset.tone = key === "off" ? "warn" : "ok";
  if (key) bar.showPopover?.(); else bar.hidePopover?.();
  bar.textContent = key ? bar.dataset[key] : "";
}

async function look() {
  clearTimeout(timer);
  const there = await reached();
  if (there && off) back();
  if (!there && !off) leave();
  if (off) timer = setTimeout(look, AGAIN);
}

function leave() {
  off = true;
  document.documentElement.dataset.offline = bar.dataset.off;
  say("off");
}

function back() {
  off = false;
  delete document.documentElement.dataset.offline;
  say("back");
  timer = setTimeout(() => say(""), SHOWN);
  document.dispatchEvent(new CustomEvent("leadgov:online"));
}

const stay = (event) => {
  event.preventDefault();
  document.dispatchEvent(new CustomEvent("leadgov:tell", { detail: { text: bar.dataset.off, tone: "warn" } }));
};

if (bar) {
  for (const name of ["offline", "online"]) window.addEventListener(name, look);
  document.addEventListener("htmx:error", look);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (off && plain && link?.origin === location.origin && !link.getAttribute("href").startsWith("#")) stay(event);
  });
  document.addEventListener("submit", (event) => { if (off && !event.defaultPrevented && event.target.method !== "dialog") stay(event); });
  window.addEventListener("beforeunload", (event) => { if (off && document.querySelector("[data-leaving]")) event.preventDefault(); });
}
