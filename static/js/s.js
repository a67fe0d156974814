// Tells LeadGov which pages visitors look at, once they agree:
// <script src="https://leads.example.com/s.js" data-site="KEY" async></script>, then leadgov.consent(true).
// Before that, and where the browser asks not to be tracked, nothing is sent and nothing is kept.
(() => {
  const script = document.currentScript;
  if (!script?.dataset.site) return;
  const door = `${new URL(script.src).origin}/s/${encodeURIComponent(script.dataset.site)}/`;
  const name = "leadgov.visitor";
  const longest = 390 * 24 * 3600 * 1000; // thirteen months
  const refused = () => navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  const random = (bytes) =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (one) => one.toString(16).padStart(2, "0")).join("");

  // A browser that keeps nothing (private windows, settings) is a visitor nobody knows.
  const kept = (act) => {
    try { return act(localStorage); } catch { return null; }
  };
  const forget = () => kept((store) => store.removeItem(name));
  const visitor = () => {
    const [id, since] = (kept((store) => store.getItem(name)) || "").split(".");
    if (id && !refused() && Date.now() - since < longest) return id;
    if (id) forget();
    return "";
  };

  const send = (kind) => {
    const id = visitor();
    if (!id) return;
    const body = JSON.stringify({ visitor: id, id: random(12), url: location.origin + location.pathname, kind });
    const headers = { "Content-Type": "text/plain" };
    fetch(door, { method: "POST", body, headers, credentials: "omit", keepalive: true }).catch(() => {});
  };

  window.leadgov = {
    consent(agreed) {
      if (agreed !== true) return void forget();
      if (refused() || visitor()) return;
      kept((store) => store.setItem(name, `${random(16)}.${Date.now()}`));
      send();
    },
    page: () => send(),
    track: (kind) => send(String(kind)),
    visitor,
  };
  send();
})();
