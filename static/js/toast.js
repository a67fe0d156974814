// A toast leaves by itself: after its seconds when it offers undo, sooner when it only tells.
const PLAIN_SECONDS = 5;

function arm() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-armed])")) {
    toast.dataset.armed = "";
    setTimeout(() => toast.remove(), 1000 * (toast.dataset.seconds ?? PLAIN_SECONDS));
  }
}

function tell(text, tone = "late", link = null) {
  const region = document.getElementById("toasts");
  if (!region) return;
  for (const same of region.children) if (same.dataset.text === text) same.remove();
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.toast = "";
  toast.dataset.tone = tone;
  toast.dataset.text = text;
  toast.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (link) toast.append(link);
  region.prepend(toast);
  arm();
}

// Who was signed out elsewhere logs in beside the page, and sends again what is still on it.
function signedOut() {
  const address = `/accounts/login/?${new URLSearchParams({ next: location.pathname + location.search })}`;
  const link = Object.assign(document.createElement("a"), { className: "btn btn--small", textContent: "Log in", href: address, target: "_blank" });
  tell("You are signed out; nothing was sent. Log in, then try again: what you typed is still here.", "late", link);
}

document.addEventListener("leadgov:signed-out", signedOut);

// A log-in in another tab changed the token that forms bring along.
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("input[name=csrfmiddlewaretoken]");
  if (field && token()) field.value = token();
}, true);
document.addEventListener("htmx:config:request", (event) => {
  const { headers } = event.detail.ctx.request;
  for (const name of Object.keys(headers)) if (name.toLowerCase() === "x-csrftoken") headers[name] = token() ?? headers[name];
});

// A server that fails or is away never replaces what is on the page.
document.addEventListener("htmx:error", (event) => {
  const { offline } = document.documentElement.dataset;
  if (offline && event.detail?.ctx?.sourceElement?.matches("[data-row], [data-refresh]")) return;
  tell(offline ?? "No connection. Nothing was changed; try again.", offline ? "warn" : "late");
});
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status === 401) { ctx.swap = "none"; signedOut(); }
  if (ctx.response.status < 500) return;
  ctx.swap = "none";
  tell("That did not work on our side. Nothing was changed; try again.");
});

document.addEventListener("leadgov:tell", (event) => tell(event.detail.text, event.detail.tone));

arm();
document.addEventListener("htmx:after:swap", arm);
const region = document.getElementById("toasts");
const home = region?.parentElement;

// What lies under an open dialog is neither seen nor heard: the toasts go where the reader is.
function follow() {
  const place = [...document.querySelectorAll("dialog:modal")].at(-1) ?? home;
  if (region.parentElement === place) return;
  if (place.moveBefore) place.moveBefore(region, null); else place.append(region);
}

if (region) {
  new MutationObserver(arm).observe(region, { childList: true });
  new MutationObserver(follow).observe(document.body, { subtree: true, attributeFilter: ["open"] });
}
