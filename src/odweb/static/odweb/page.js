// What pages cannot do with HTML alone. Everything works without it.
"use strict";

// After a form came back with errors, the first wrong field has the focus.
document.querySelector(".field-wrong input, .field-wrong select, .field-wrong textarea")?.focus();

// Where one is among the places, when they are wider than the screen.
document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
