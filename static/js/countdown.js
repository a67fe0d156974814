// Keeps every clock going: text and state from data-due and data-warn. The words are those of
// web/console/words.py; the server's time is used, so a wrong clock of the computer changes nothing.
const skew = Date.parse(document.body.dataset.now) - Date.now() || 0;

function span(seconds) {
  const s = Math.abs(Math.trunc(seconds));
  if (s < 60) return s ? `${s} s` : "0 min";
  if (s >= 36000 && s < 172800) return `${Math.floor(s / 3600)} h`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  const [large, small, first, second] = s < 172800 ? [3600, 60, "h", "min"] : [86400, 3600, "d", "h"];
  const rest = Math.floor((s % large) / small);
  return `${Math.floor(s / large)} ${first}${rest ? ` ${rest} ${second}` : ""}`;
}

function tick() {
  const now = Date.now() + skew;
  for (const clock of document.querySelectorAll("[data-due]")) {
    const due = Date.parse(clock.dataset.due);
    const left = (due - now) / 1000;
    const text = left >= 0 ? span(left) : `\u2212${span(left)}`;
    const state = left <= 0 ? "late" : now >= Date.parse(clock.dataset.warn) ? "warn" : "ok";
    const count = clock.querySelector("[data-count]");
    if (count.textContent !== text) count.textContent = text;
    if (clock.dataset.state !== state) clock.dataset.state = state;
  }
}

tick();
setInterval(() => { if (!document.hidden) tick(); }, 1000);
document.addEventListener("visibilitychange", tick);
document.addEventListener("htmx:after:swap", tick);
