// Single keys on staff pages: an element with data-key="A" is pressed by A, an input is focused by it.
// They work outside inputs only, are listed under ? and can be switched off there (WCAG 2.1.4).

const OFF = "keys-off";
const COMPACT = "compact";
const root = document.documentElement;

root.classList.toggle("ow-compact", localStorage.getItem(COMPACT) === "1");

const dialog = document.getElementById("keys");
const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

function press(key) {
  const element = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key.toUpperCase() === key);
  if (!element) return false;
  if (element.matches("input, textarea, select")) element.focus();
  else element.click();
  return true;
}

function move(step) {
  const rows = [...document.querySelectorAll(".ow-queue tbody tr")];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.classList.contains("is-here"));
  const next = Math.min(Math.max(at + step, 0), rows.length - 1);
  rows.forEach((row, index) => row.classList.toggle("is-here", index === next));
  rows[next].querySelector("a").focus();
  return true;
}

const built = {
  J: () => move(1),
  K: () => move(-1),
  X: () => document.querySelector(".ow-queue .is-here input[type=checkbox]")?.click() ?? true,
  O: () => document.querySelector(".ow-queue .is-here a")?.click() ?? true,
  D: () => localStorage.setItem(COMPACT, root.classList.toggle("ow-compact") ? "1" : "0") ?? true,
  "?": () => dialog?.showModal() ?? true,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const key = event.key.toUpperCase();
  if (key !== "?" && localStorage.getItem(OFF) === "1") return;
  if (press(key) || built[key]?.()) event.preventDefault();
});

if (dialog) {
  const off = dialog.querySelector("[data-keys-off]");
  off.checked = localStorage.getItem(OFF) === "1";
  off.addEventListener("change", () => localStorage.setItem(OFF, off.checked ? "1" : "0"));
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
}
