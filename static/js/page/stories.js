// The library of stories and lessons: found by typing, and played or begun on a cluster of one's own.

import { offerKeys } from "../lib/keys.js"
import { write } from "../lib/nodes.js"
import { number } from "../lib/numbers.js"
import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { matches } from "../model/matching.js"

const host = (id) => document.getElementById(id)
const filter = host("filter")

function find() {
  const shown = ["stories", "lessons"].map((id) => show([...host(id).children]))
  write(host("count"), number(shown[0]))
  host("lessons").closest("section").hidden = shown[1] === 0
  host("none").hidden = shown[0] + shown[1] > 0
}

// How many of the entries have all the words that were typed.
function show(entries) {
  for (const each of entries) each.hidden = !matches(each.textContent, filter.value)
  return entries.filter((each) => !each.hidden).length
}

async function begin(button) {
  button.disabled = true
  try {
    const { address } = await postAt(button.dataset.path)
    location.assign(address)
  } catch ({ message }) {
    toast(message, true)
    button.disabled = false
  }
}

filter.addEventListener("input", find)
host("library").addEventListener("click", ({ target }) => {
  const button = target.closest("[data-path]")
  if (button) begin(button)
})
offerKeys({ "/": () => filter.focus() })
find()
