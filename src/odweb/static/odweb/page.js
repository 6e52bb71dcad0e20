// What pages cannot do with HTML alone. Everything works without it.
"use strict";

// After a form came back with errors, the first wrong field has the focus.
document.querySelector(".field-wrong input, .field-wrong select, .field-wrong textarea")?.focus();

// Where one is among the places, when they are wider than the screen.
document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Buttons that copy what stands beside them, or print the page: hidden until there is a script to do it.
for (const button of document.querySelectorAll("[data-copy], [data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => ("print" in button.dataset ? window.print() : copy(button)));
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const said = button.querySelector("[aria-live]");
  said.textContent = said.dataset.done;
}
