// Under the chart: what became of the requests to the Deployment's Service, what a forecast says of them, and the numbers
// of that model, to be edited.

import { TrafficLane } from "../figure/traffic.js"
import { element, mark, write } from "../lib/nodes.js"
import { named, t } from "../lib/words.js"
import { ASSUMPTIONS, modelOf, NUMBERS, numbersText, pastWords, words } from "../model/traffic.js"

export class Traffic {
  #host
  #lane
  #past = element("p", { className: "words past" })
  #coming = element("p", { className: "words coming" })
  #numbers = element("div", { className: "numbers" })
  #inputs

  // `onChange()`: other numbers are to be assumed; without it they can't be edited.
  constructor(host, onChange = null) {
    this.#host = host
    this.#lane = new TrafficLane(host)
    this.#inputs = onChange ? Object.entries(NUMBERS).map(([name, { usual }]) => input(name, usual)) : []
    this.#numbers.append(...this.#inputs.map((each) => element("label", {}, t(NUMBERS[each.name].label), each)))
    const note = element(
      "details",
      { className: "quiet" },
      element("summary", {}, t("A model: what is assumed")),
      notes(),
    )
    host.append(this.#past, this.#coming, this.#numbers, note)
    for (const each of this.#inputs) each.addEventListener("input", onChange)
  }

  // The numbers that were typed, as they are sent.
  get model() {
    return modelOf(this.#inputs.map(({ name, value }) => ({ name, text: value })))
  }

  give(model) {
    for (const each of this.#inputs) each.value = model[each.name] ?? ""
  }

  // `past`: the lane of what has happened; `coming`: the traffic of a forecast; `until`: the moment shown. All on the
  // chart's scale; without any of both nothing is there.
  draw({ past = null, coming = null, until }, scale) {
    this.#host.hidden = !(past || coming) || !scale
    if (this.#host.hidden) return
    tell(this.#past, past && pastWords(past), past?.traffic)
    tell(this.#coming, coming && named(t("Forecast"), words(coming)), coming)
    if (!this.#inputs.length) write(this.#numbers, numbersText(past.traffic.model))
    this.#lane.draw({ past: past?.traffic, coming, until }, scale)
  }
}

function input(name, usual) {
  return element("input", { name, placeholder: usual, inputMode: "decimal", className: "mono", autocomplete: "off" })
}

function tell(node, text, traffic) {
  node.hidden = !text
  if (text) mark(node, { lost: traffic.lost > 0 })
  write(node, text ?? "")
}

function notes() {
  const exact = t(
    "Exact are the EndpointSlices, the pods and when their containers end. What requests meet there is a model; it assumes:",
  )
  const list = element("ul", {}, ...ASSUMPTIONS.map((each) => element("li", {}, t(each))))
  return element("div", {}, element("p", {}, exact), list)
}
