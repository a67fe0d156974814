// A toast leaves by itself: after its seconds when it offers undo, sooner when it only tells.
const PLAIN_SECONDS = 5;

function arm() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-armed])")) {
    toast.dataset.armed = "";
    setTimeout(() => toast.remove(), 1000 * (toast.dataset.seconds ?? PLAIN_SECONDS));
  }
}

arm();
document.addEventListener("htmx:after:swap", arm);
