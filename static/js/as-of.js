// The slider over a lead's events says when each was while it is moved: by the page it leads to, in
// that page's words. Letting the pointer go opens it; by keyboard Enter does.
const PAUSE = 150; // ms without a move
const form = document.querySelector("[data-as-of]");
const range = form?.querySelector("[type=range]");
let waiting = 0;

async function say() {
  const wanted = range.value;
  const answer = await fetch(`${form.action}?step=${wanted}`).catch(() => null);
  if (!answer?.ok || range.value !== wanted) return;
  const there = new DOMParser().parseFromString(await answer.text(), "text/html");
  form.querySelector("b").textContent = there.querySelector("[data-as-of] b").textContent;
  range.setAttribute("aria-valuetext", form.querySelector("label").textContent.trim());
}

range?.addEventListener("input", () => {
  form.querySelector("output").textContent = range.value;
  clearTimeout(waiting);
  waiting = setTimeout(say, PAUSE);
});
range?.addEventListener("pointerup", () => {
  if (range.value !== range.defaultValue) form.requestSubmit();
});
