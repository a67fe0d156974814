// The wall fills the screen, and the screen stays on while it does.
const page = document.getElementById("wall-page");
const button = document.querySelector("[data-full-screen]");

async function fill() {
  await page.requestFullscreen();
  await navigator.wakeLock?.request("screen").catch(() => {}); // a wish: browsers may refuse it
}

if (document.fullscreenEnabled) {
  button.hidden = false;
  button.addEventListener("click", fill);
  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "f" && plain && !event.target.closest("input, textarea, select")) fill();
  });
}
