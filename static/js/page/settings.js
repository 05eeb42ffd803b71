// A cluster's settings are plain forms. What is shown once is copied with a button; times are written as the page's language and the
// reader's clock have them.

import { copy } from "../lib/clipboard.js"
import { write } from "../lib/nodes.js"
import { dayAndTime } from "../lib/numbers.js"

for (const button of document.querySelectorAll("[data-copy]"))
  button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy).textContent))
for (const each of document.querySelectorAll("time[datetime]"))
  write(each, dayAndTime(Date.parse(each.dateTime) / 1000))
