// Lists ask for themselves again while somebody looks: every 30 seconds, and on coming back.
const SECONDS = 30;
let last = Date.now();

function refresh() {
  if (document.hidden || document.querySelector("dialog[open]")) return;
  if (Date.now() - last < SECONDS * 1000) return;
  last = Date.now();
  for (const list of document.querySelectorAll("[data-refresh]")) {
    list.dispatchEvent(new CustomEvent("refresh"));
  }
}

setInterval(refresh, 5000);
document.addEventListener("visibilitychange", refresh);
