// Under a forecast: what it assumes of each container, with the source of each value; typed values are assumed instead, and
// are kept as image rules if one wishes. Beneath, what of the manifest is not acted on.

import { element, mark, write } from "../lib/nodes.js"
import { canTurn, namespace } from "../lib/place.js"
import { post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { noop, sentences, statements, t } from "../lib/words.js"
import { assumption, overridesOf, remarks, sourceText, subject, timesOf } from "../model/assuming.js"
import { writeTerms } from "./terms.js"
import { drawUnacted } from "./unacted.js"

const LABELS = {
  pull_seconds: noop("Pull (s)"),
  start_seconds: noop("Start (s)"),
  ready_seconds: noop("Ready (s)"),
  stop_seconds: noop("Stop (s)"),
}
const RUNS = noop("Runs for (s)")

export class Assumptions {
  #host = document.getElementById("assumes")
  #line = document.getElementById("assumes-line")
  #rows = document.getElementById("assumes-rows")
  #keep = document.getElementById("assumes-keep")
  #onChange
  #given = {}

  // `onChange()`: other values are to be assumed.
  constructor(onChange) {
    this.#onChange = onChange
    this.#rows.addEventListener("input", () => {
      this.#given = overridesOf(this.#typed())
      this.#onChange()
    })
    document.getElementById("assumes-reset").addEventListener("click", () => this.#reset())
    this.#keep.title = t(
      "Makes an image rule of these values, for these images alone, in the namespace %(namespace)s. Other Deployments there with the same image follow it too.",
      { namespace },
    )
    this.#keep.addEventListener("click", () => this.#store())
  }

  // {image: {ready_seconds: 30}}: what is assumed instead of what the rules say.
  get overrides() {
    return this.#given
  }

  give(overrides) {
    this.#given = overrides
    this.#rows.replaceChildren()
  }

  // `forecast` with its `assumes` and what is `unacted`; null hides both.
  draw(forecast) {
    const { assumes = null, unacted = [] } = forecast ?? {}
    this.#host.hidden = !assumes
    drawUnacted(unacted)
    if (!assumes) return
    write(this.#line, t("Assumes %(images)s", { images: statements(assumes.map(assumption)) }))
    const wanted = assumes.map((each) => `${each.container} ${each.image} ${each.is_old}`)
    if (wanted.join() !== [...this.#rows.children].map((each) => each.dataset.key).join())
      this.#rows.replaceChildren(...assumes.map((each, place) => mark(row(each, this.#given), { key: wanted[place] })))
    assumes.forEach((each, place) => fill(this.#rows.children[place], each))
    this.#keep.hidden = !canTurn || !Object.keys(this.#given).length
  }

  #reset() {
    this.give({})
    this.#onChange()
  }

  // The typed values are those of the rules from now on.
  async #store() {
    try {
      await post("behaviours/", { overrides: this.#given })
      toast(t("Kept as image rules of the namespace."))
      this.#reset()
    } catch ({ message }) {
      toast(message, true)
    }
  }

  #typed() {
    return [...this.#rows.querySelectorAll("input")].map(({ name, value, dataset }) => ({
      image: dataset.image,
      key: name,
      text: value,
    }))
  }
}

function row(assumed, given) {
  const inputs = timesOf(assumed).map((key) => {
    const value = given[assumed.image]?.[key] ?? ""
    const input = element("input", { name: key, value, inputMode: "decimal", className: "mono", autocomplete: "off" })
    const label = key === "ready_seconds" && assumed.role === "init" ? RUNS : LABELS[key]
    return element("label", {}, t(label), mark(input, { image: assumed.image }))
  })
  return element(
    "li",
    {},
    element(
      "p",
      {},
      element("code", { title: assumed.image }, subject(assumed)),
      " ",
      element("span", { className: "quiet" }),
    ),
    element("div", { className: "inputs" }, ...inputs),
    element("p", { className: "remarks quiet" }),
  )
}

// The values assumed stand behind empty fields.
function fill(node, assumed) {
  writeTerms(node.querySelector("p .quiet"), sourceText(assumed))
  for (const input of node.querySelectorAll("input")) input.placeholder = String(assumed.times[input.name] ?? "–")
  write(node.querySelector(".remarks"), sentences(remarks(assumed)))
}
