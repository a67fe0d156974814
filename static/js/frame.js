// Within a frame: tells the page around it how high the form is, and where to go once it was sent.
// The page around is named by the server, and is one of the sites the form may be embedded in.
const around = document.documentElement.dataset.parent;

function tell(words) {
  if (around && parent !== window) parent.postMessage({ leadgov: words }, around);
}

new ResizeObserver(() => tell({ height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(
  document.body,
);
// A browser lets no frame take the focus by markup; after a click in it, a script may.
const first = document.querySelector("[data-read-first]");
if (first) {
  first.focus({ preventScroll: true });
  tell({ top: true });
}
const onward = document.querySelector("[data-onward]");
if (onward) tell({ onward: onward.href });
