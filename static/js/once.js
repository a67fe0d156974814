// A form that is on its way is not sent a second time, however often its button is pressed.
const PATIENCE = 3000; // ms, where no answer says that it may be sent again
const sent = new WeakMap();

// On the body: what another script takes in hand before does not come here.
document.body.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-download")) return; // the page stays; its file may come again
  const since = sent.get(event.target);
  if (since !== undefined && performance.now() - since < PATIENCE) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else sent.set(event.target, performance.now());
}, true);

document.addEventListener("htmx:finally:request", (event) => sent.delete(event.detail.ctx.sourceElement));
