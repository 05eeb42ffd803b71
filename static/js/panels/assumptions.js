// Under a forecast: what it assumes of each image, with the source of each value; typed values are assumed instead.

import { element, mark, write } from "../lib/nodes.js"
import { noop, t } from "../lib/words.js"
import { assumption, overridesOf, remarks, sourceText, timesOf } from "../model/assuming.js"
import { shortImage } from "../model/images.js"

const LABELS = {
  pull_seconds: noop("Pull (s)"),
  start_seconds: noop("Start (s)"),
  ready_seconds: noop("Ready (s)"),
  stop_seconds: noop("Stop (s)"),
}

export class Assumptions {
  #host = document.getElementById("assumes")
  #line = document.getElementById("assumes-line")
  #rows = document.getElementById("assumes-rows")
  #onChange
  #given = {}

  // `onChange()`: other values are to be assumed.
  constructor(onChange) {
    this.#onChange = onChange
    this.#rows.addEventListener("input", () => {
      this.#given = overridesOf(this.#typed())
      this.#onChange()
    })
    document.getElementById("assumes-reset").addEventListener("click", () => {
      this.give({})
      this.#onChange()
    })
  }

  // {image: {ready_seconds: 30}}: what is assumed instead of what the rules say.
  get overrides() {
    return this.#given
  }

  give(overrides) {
    this.#given = overrides
    this.#rows.replaceChildren()
  }

  // `assumes` of a forecast; null hides it.
  draw(assumes) {
    this.#host.hidden = !assumes
    if (!assumes) return
    write(this.#line, t("Assumes %(images)s", { images: assumes.map(assumption).join("; ") }))
    const wanted = assumes.map((each) => `${each.container} ${each.image} ${each.is_old}`)
    if (wanted.join() !== [...this.#rows.children].map((each) => each.dataset.key).join())
      this.#rows.replaceChildren(...assumes.map((each, place) => mark(row(each, this.#given), { key: wanted[place] })))
    assumes.forEach((each, place) => fill(this.#rows.children[place], each))
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
    return element("label", {}, t(LABELS[key]), mark(input, { image: assumed.image }))
  })
  const name = assumed.is_old
    ? t("%(image)s (replaced)", { image: shortImage(assumed.image) })
    : shortImage(assumed.image)
  return element(
    "li",
    {},
    element("p", {}, element("code", { title: assumed.image }, name), " ", element("span", { className: "quiet" })),
    element("div", { className: "inputs" }, ...inputs),
    element("p", { className: "remarks quiet" }),
  )
}

// The values assumed stand behind empty fields.
function fill(node, assumed) {
  write(node.querySelector("p .quiet"), sourceText(assumed))
  for (const input of node.querySelectorAll("input")) input.placeholder = String(assumed.times[input.name] ?? "–")
  write(node.querySelector(".remarks"), remarks(assumed).join(" "))
}
