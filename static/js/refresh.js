// Lists ask for themselves again while somebody looks: every 30 seconds or as often as they say,
// and on coming back.
const SECONDS = 30;
const last = new Map();
const start = Date.now();

function refresh({ atOnce = false } = {}) {
  if (document.hidden || document.querySelector("dialog[open]") || document.documentElement.dataset.offline) return;
  for (const list of document.querySelectorAll("[data-refresh]")) {
    const every = Number(list.dataset.refresh) || SECONDS;
    if (!atOnce && Date.now() - (last.get(list.id) ?? start) < every * 1000) continue;
    last.set(list.id, Date.now());
    list.dispatchEvent(new CustomEvent("refresh"));
  }
}

setInterval(refresh, 5000);
document.addEventListener("visibilitychange", () => refresh());
document.addEventListener("leadgov:online", () => refresh({ atOnce: true }));
