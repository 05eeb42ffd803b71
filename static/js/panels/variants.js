// One edit with up to four sets of limits side by side, each with its forecast; one click applies one.

import { Latest } from "../lib/latest.js"
import { element, mark, svg, write } from "../lib/nodes.js"
import { listed, number } from "../lib/numbers.js"
import { canEdit, deploymentPath } from "../lib/place.js"
import { post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { duration, noop, t } from "../lib/words.js"
import { praise, spans } from "../model/comparing.js"
import { answerText } from "../model/verdict.js"
import { LIMITS } from "../model/verbs.js"

const VARIANTS = [
  {},
  { max_surge: 1, max_unavailable: 0 },
  { max_surge: "50%", max_unavailable: 0 },
  { max_surge: 0, max_unavailable: "25%" },
]
const FIELDS = {
  max_surge: noop("Max surge"),
  max_unavailable: noop("Max unavailable"),
  min_ready_seconds: noop("Min ready (s)"),
  ready_seconds: noop("Ready after (s)"),
  pre_stop_seconds: noop("preStop: sleep (s)"),
}
const HOOKED = { pre_stop_seconds: 5 } // where a Service leads to the pods
const RESULTS = {
  takes: noop("Duration"),
  peak: noop("Peak"),
  whole: noop("including terminating"),
  least: noop("Lowest available"),
  lost: noop("Lost requests (a model)"),
  ends: noop("Result"),
}
const PATIENCE_MS = 350
const WIDTH = 240
const HEIGHT = 84

export class Variants {
  #name
  #current
  #onApplied
  #dialog = document.getElementById("compare-dialog")
  #rows = document.getElementById("compare-rows")
  #asked = null
  #timer = null
  #latest = new Latest()

  // `current()`: the Deployment's limits as they are; `onApplied(points, traffic)`: what is to be expected.
  constructor(name, current, onApplied) {
    this.#name = name
    this.#current = current
    this.#onApplied = onApplied
    document.getElementById("compare-close").addEventListener("click", () => this.#dialog.close())
    this.#rows.addEventListener("input", () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#fill(), PATIENCE_MS)
    })
  }

  // `asked`: {action, body} as it would be sent; `traffic`: what its forecast says of requests, if there is a Service.
  open(asked, traffic) {
    this.#asked = asked
    write(
      document.getElementById("compare-edit"),
      listed(Object.entries(asked.body.images ?? {}).map(([name, image]) => `${name} = ${image}`)),
    )
    const current = this.#current()
    this.#rows.replaceChildren(
      ...variantsOf(traffic).map((variant, place) => card(variant, place, current, (node) => this.#apply(node))),
    )
    this.#dialog.showModal()
    this.#fill()
  }

  async #fill() {
    const nodes = [...this.#rows.children]
    const wanted = nodes.map(variantOf)
    const answers = await this.#latest.of(Promise.all(wanted.map((variant) => this.#foresee(variant))))
    if (!answers) return
    const found = answers.filter((each) => each.points)
    const most = Math.max(
      1,
      ...found.flatMap(({ points }) => points.map((each) => Math.max(each.ceiling, each.total + each.terminating))),
    )
    const ends = spans(answers.map(lengthOf))
    answers.forEach((each, place) => show(nodes[place], each, { seconds: ends[place], most }))
    praise(answers).forEach((words, place) => showPraise(nodes[place], words))
  }

  async #foresee(variant) {
    try {
      return (await post(`${deploymentPath(this.#name)}forecast/`, { ...this.#asked, variants: [variant] }))
        .forecasts[0]
    } catch ({ message, status }) {
      return { problem: status?.details?.causes?.map((each) => `${each.field}: ${each.message}`).join("; ") || message }
    }
  }

  // The limits first: they change no pod; then the edit itself.
  async #apply(node) {
    const path = deploymentPath(this.#name)
    const limits = Object.fromEntries(Object.entries(variantOf(node)).filter(([key]) => key in LIMITS))
    try {
      if (Object.keys(limits).length) await post(`${path}tune/`, limits)
      const { message } = await post(`${path}${this.#asked.action}/`, this.#asked.body)
      this.#dialog.close()
      const isAssumed = ["ready_seconds", "pre_stop_seconds"].some((key) => key in variantOf(node))
      this.#onApplied(isAssumed ? [] : (node.points ?? []), isAssumed ? null : node.traffic) // an assumption is not applied
      toast(message)
    } catch ({ message }) {
      toast(message, true)
    }
  }
}

function variantsOf(traffic) {
  return traffic ? [VARIANTS[0], HOOKED, ...VARIANTS.slice(1, -1)] : VARIANTS
}

function card(variant, place, current, apply) {
  const inputs = Object.entries(FIELDS).map(([key, label]) =>
    element(
      "label",
      {},
      t(label),
      element("input", {
        name: key,
        className: "mono",
        value: variant[key] ?? "",
        placeholder: current[key] ?? (key === "pre_stop_seconds" ? "–" : t("image")),
        autocomplete: "off",
      }),
    ),
  )
  const results = Object.entries(RESULTS).flatMap(([key, label]) => [
    element("dt", {}, t(label)),
    mark(element("dd", {}, "…"), { result: key }),
  ])
  const button = element("button", { type: "button", className: "primary" }, t("Apply this"))
  const name = place ? t("Variant %(number)s", { number: place }) : t("Current")
  const node = element(
    "li",
    { className: "variant" },
    element("h3", {}, name, " ", element("span", { className: "chip best", hidden: true })),
    element("div", { className: "inputs" }, ...inputs),
    svg("svg", {
      class: "spark",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    }),
    element("p", { className: "problem", hidden: true }),
    element("dl", { className: "results" }, ...results),
    button,
  )
  node.setAttribute("aria-label", name)
  button.setAttribute("aria-disabled", String(!canEdit))
  if (!canEdit) button.title = t("You have view-only access.")
  button.addEventListener("click", () => canEdit && button.getAttribute("aria-disabled") !== "true" && apply(node))
  return node
}

function show(
  node,
  {
    problem = "",
    points = null,
    verdict,
    duration_seconds: seconds,
    peak_pods: peak,
    peak_pods_with_terminating: whole,
    min_available: least,
    floor_held: held,
    traffic = null,
  },
  scale,
) {
  Object.assign(node, { points, traffic })
  const note = node.querySelector(".problem")
  note.hidden = !problem
  write(note, problem)
  const texts = problem
    ? {}
    : {
        takes: duration(seconds),
        peak: number(peak),
        whole: number(whole),
        least: held ? number(least) : t("%(least)s, below the floor", { least }),
        ends: answerText(verdict),
        lost: traffic ? number(traffic.lost) : "–",
      }
  node.querySelector("[data-result=lost]").dataset.tone = traffic?.lost ? "bad" : ""
  for (const cell of node.querySelectorAll("dd")) write(cell, texts[cell.dataset.result] ?? "…")
  node.querySelector("button").setAttribute("aria-disabled", String(!canEdit || Boolean(problem)))
  drawSpark(node.querySelector(".spark"), points ?? [], scale)
}

function lengthOf({ points }) {
  return points ? points.at(-1).at - points[0].at : 0
}

function showPraise(node, words) {
  const chip = node.querySelector(".best")
  chip.hidden = !words.length
  write(chip, listed(words.map((each) => t(each))))
}

function drawSpark(picture, points, { seconds, most }) {
  if (!points.length) return picture.replaceChildren()
  const began = points[0].at
  const x = (at) => ((at - began) / seconds) * WIDTH
  const y = (count) => HEIGHT - 3 - (count / most) * (HEIGHT - 8)
  const line = (value) =>
    points
      .map((each, place) =>
        place ? `H${x(each.at).toFixed(1)}V${y(value(each)).toFixed(1)}` : `M0 ${y(value(each)).toFixed(1)}`,
      )
      .join("") + `H${x(points.at(-1).at).toFixed(1)}`
  const path = (name, value) => svg("path", { class: name, d: line(value), "vector-effect": "non-scaling-stroke" })
  return picture.replaceChildren(
    path("limit", (each) => each.ceiling),
    path("limit", (each) => each.floor),
    path("available", (each) => each.available),
    path("total", (each) => each.total),
  )
}

function variantOf(node) {
  const filled = [...node.querySelectorAll("input")].filter((each) => each.value.trim() !== "")
  return Object.fromEntries(
    filled.map(({ name, value }) => [name, /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value.trim()]),
  )
}
