// A student's seat: links and commands to copy.

import { copy } from "../lib/clipboard.js"

for (const button of document.querySelectorAll("[data-copy]"))
  button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy).textContent))
