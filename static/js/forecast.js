// What an edit would do, told before it is made: one line beneath the buttons, a curve in the chart, and variants side by side.

import { duration, element, t, tn, write } from "./format.js"
import { canEdit, post, toast } from "./requests.js"

const PATIENCE_MS = 350
const FORESEEN = new Set(["set-image", "scale", "tune", "restart", "resume", "undo"])
const VARIANTS = [{}, { max_surge: 1, max_unavailable: 0 }, { max_surge: "25%", max_unavailable: "25%" }, { max_surge: "50%", max_unavailable: 0 }]
const FIELDS = { max_surge: "Max surge", max_unavailable: "Unavailable", min_ready_seconds: "Min ready s", ready_seconds: "Ready after s" }
const LIMITS = ["max_surge", "max_unavailable", "min_ready_seconds"]

export class Forecast {
  #points = []
  #kept = []
  #name
  #line = document.getElementById("forecast")
  #compare = document.getElementById("compare")
  #dialog = document.getElementById("compare-dialog")
  #rows = document.getElementById("compare-rows")
  #onChange
  #asked = null
  #timer = null

  constructor(name, onChange) {
    this.#name = name
    this.#onChange = onChange
    this.#compare.addEventListener("click", () => this.#asked && this.#openComparison())
    document.getElementById("compare-close").addEventListener("click", () => this.#dialog.close())
    document.getElementById("compare-again").addEventListener("click", () => this.#fill())
  }

  // The curve to draw: of the edit at hand, or else of the last one made, for its actual course to be drawn over.
  get points() {
    return this.#points.length ? this.#points : this.#kept
  }

  // The edit was made.
  keep(points = this.#points) {
    this.#kept = points
    this.#show("", [])
  }

  // `action` and `body` as they would be sent; asked once the hand rests.
  ask(action, body) {
    clearTimeout(this.#timer)
    if (!FORESEEN.has(action)) return this.#show("", [])
    this.#timer = setTimeout(() => this.#fetch(action, body), PATIENCE_MS)
    return undefined
  }

  async #fetch(action, body) {
    this.#asked = { action, body }
    try {
      const [found] = await this.#foresee([{}])
      this.#show(sentence(found), found.points)
    } catch ({ message }) {
      this.#show(t("No forecast: %(message)s", { message }), [])
    }
  }

  async #foresee(variants) {
    const { forecasts } = await post(`deployments/${encodeURIComponent(this.#name)}/forecast/`, { ...this.#asked, variants })
    return forecasts
  }

  #show(text, points) {
    this.#points = points
    write(this.#line, text)
    this.#compare.hidden = !points.length
    this.#onChange()
  }

  #openComparison() {
    this.#rows.replaceChildren(...VARIANTS.map((variant) => row(variant, (node) => this.#apply(variantOf(node), node.points))))
    this.#dialog.showModal()
    this.#fill()
  }

  async #fill() {
    const rows = [...this.#rows.children]
    try {
      const found = await this.#foresee(rows.map(variantOf))
      found.forEach((each, place) => {
        rows[place].points = each.points
        rows[place].querySelectorAll("td.result").forEach((cell, column) => write(cell, results(each)[column]))
      })
    } catch ({ message }) {
      toast(message, true)
    }
  }

  // The limits first: they change no pod; then the edit itself.
  async #apply(variant, points = []) {
    const path = `deployments/${encodeURIComponent(this.#name)}/`
    const limits = Object.fromEntries(Object.entries(variant).filter(([key]) => LIMITS.includes(key)))
    try {
      if (Object.keys(limits).length) await post(`${path}tune/`, limits)
      const { message } = await post(`${path}${this.#asked.action}/`, this.#asked.body)
      this.#dialog.close()
      this.keep(points)
      toast(message)
    } catch ({ message }) {
      toast(message, true)
    }
  }
}

function sentence({ outcome, duration_seconds: seconds, peak_pods: peak, peak_pods_with_terminating: whole, min_available: least, floor_held: held }) {
  const parts = [
    outcome === "settled" ? t("complete after %(time)s", { time: duration(seconds) }) : t("%(outcome)s after %(time)s", { outcome: t(outcome), time: duration(seconds) }),
    tn("at most %(count)s pod (%(whole)s with those that still stop)", "at most %(count)s pods (%(whole)s with those that still stop)", peak, { whole }),
    t("at least %(least)s available", { least }),
  ]
  return `${t("Forecast")}: ${parts.join(", ")}${held ? "" : `, ${t("below the floor")}`}.`
}

function results({ outcome, duration_seconds: seconds, peak_pods: peak, peak_pods_with_terminating: whole, min_available: least, floor_held: held }) {
  return [duration(seconds), `${peak} (${whole})`, String(least), held ? t(outcome) : `${t(outcome)}, ${t("below the floor")}`]
}

function row(variant, apply) {
  const cells = Object.entries(FIELDS).map(([key, label]) => {
    const input = element("input", { name: key, className: "mono", value: variant[key] ?? "", placeholder: t("as now") })
    input.setAttribute("aria-label", t(label))
    return element("td", {}, input)
  })
  const button = element("button", { type: "button" }, t("Apply"))
  const node = element("tr", {}, ...cells, ...Array.from({ length: 4 }, () => element("td", { className: "result" }, "…")), element("td", {}, button))
  button.setAttribute("aria-disabled", String(!canEdit))
  button.addEventListener("click", () => canEdit && apply(node))
  return node
}

function variantOf(node) {
  const filled = [...node.querySelectorAll("input")].filter((each) => each.value.trim() !== "")
  return Object.fromEntries(filled.map(({ name, value }) => [name, /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value.trim()]))
}
