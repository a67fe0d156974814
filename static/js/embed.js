// Puts a hosted form into the page this script stands in: <script src="…/f/KEY.js" async></script>.
// The form tells its height; only what comes from the form's own frame and origin is heard.
(() => {
  const script = document.currentScript;
  if (!script) return;
  const form = new URL(script.src);
  const names = [
    "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid", "gbraid", "wbraid",
    "dclid", "msclkid", "fbclid", "li_fat_id", "ttclid", "twclid", "rdt_cid", "yclid",
  ];
  const asked = new URLSearchParams(location.search);
  const told = new URLSearchParams({ embed: "1", landing: location.origin + location.pathname });
  const referrer = document.referrer.split(/[?#]/)[0];
  if (referrer) told.set("referrer", referrer);
  for (const name of names) if (asked.get(name)) told.set(name, asked.get(name).slice(0, 300));
  // The id under which s.js tells of this visitor, who agreed to it.
  try {
    const visitor = (localStorage.getItem("leadgov.visitor") || "").split(".")[0];
    if (visitor) told.set("visitor", visitor);
  } catch { /* a browser that keeps nothing */ }

  const frame = document.createElement("iframe");
  frame.src = `${form.origin}${form.pathname.replace(/\.js$/, "/")}?${told}`;
  frame.title = script.dataset.title || "Form";
  Object.assign(frame.style, { width: "100%", height: "640px", border: "0", display: "block" });

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== form.origin) return;
    const { height, onward, top } = event.data?.leadgov ?? {};
    if (Number.isFinite(height)) frame.style.height = `${Math.min(Math.max(height, 80), 20000)}px`;
    if (top && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
    if (typeof onward === "string" && onward.startsWith("https://")) location.assign(onward);
  });

  const place = () => (script.closest("body") ? script.after(frame) : document.body.append(frame));
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place, { once: true });
})();
