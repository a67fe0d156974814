// A toast leaves by itself: after its seconds when it offers undo, sooner when it only tells.
const PLAIN_SECONDS = 5;

function arm() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-armed])")) {
    toast.dataset.armed = "";
    setTimeout(() => toast.remove(), 1000 * (toast.dataset.seconds ?? PLAIN_SECONDS));
  }
}

function tell(text, tone = "late") {
  const region = document.getElementById("toasts");
  if (!region) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.toast = "";
  toast.dataset.tone = tone;
  toast.textContent = text;
  region.prepend(toast);
  arm();
}

// A server that fails or is away never replaces what is on the page.
document.addEventListener("htmx:error", () => tell("No connection. Nothing was changed; try again."));
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status < 500) return;
  ctx.swap = "none";
  tell("That did not work on our side. Nothing was changed; try again.");
});

document.addEventListener("leadgov:tell", (event) => tell(event.detail.text, event.detail.tone));

arm();
document.addEventListener("htmx:after:swap", arm);
const region = document.getElementById("toasts");
if (region) new MutationObserver(arm).observe(region, { childList: true });
