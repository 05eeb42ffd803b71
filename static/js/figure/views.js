// The figure by ReplicaSet, as the book has it, or by node: a switch above it. What was chosen stands in the address
// (?view=nodes) and is remembered for the next page.

import { offerKeys } from "../lib/keys.js"
import { element } from "../lib/nodes.js"
import { noop, t } from "../lib/words.js"
import { Boards } from "./boards.js"
import { Figure } from "./figure.js"

const VIEWS = { sets: noop("by ReplicaSet"), nodes: noop("by node") }
const KEY = "view"

export class Views {
  #host
  #options
  #onView
  #view
  #drawing = null

  // `options` are Figure's and Boards'; `onView(view)`: sets or nodes is to be drawn now.
  constructor(host, { onView = () => {}, ...options } = {}) {
    this.#host = host
    this.#options = options
    this.#onView = onView
    this.#view = chosen(new URLSearchParams(location.search)) ?? remembered()
    host.before(this.#switch())
    offerKeys({ n: () => this.toggle(), N: () => this.toggle() }) // where there is a story or a lesson, n is that one's
    document.addEventListener("presenter", ({ detail }) => this.#show(chosen(detail) ?? "sets"))
    this.#show(this.#view)
  }

  toggle() {
    this.#choose(this.#view === "nodes" ? "sets" : "nodes")
  }

  draw(...what) {
    this.#drawing.draw(...what)
  }

  #switch() {
    const group = element("div", { className: "views", role: "radiogroup", "aria-label": t("How pods are drawn") })
    for (const [value, words] of Object.entries(VIEWS)) {
      const input = element("input", { type: "radio", name: KEY, value })
      input.addEventListener("change", () => this.#choose(value))
      group.append(element("label", {}, input, element("span", {}, t(words))))
    }
    return group
  }

  #choose(view) {
    remember(view)
    this.#show(view)
  }

  #show(view) {
    if (this.#drawing && view === this.#view) return
    this.#view = view
    this.#host.parentElement.querySelector(`.views [value=${view}]`).checked = true
    this.#host.replaceChildren()
    this.#drawing = new (view === "nodes" ? Boards : Figure)(this.#host, this.#options)
    this.#onView(view)
  }
}

function chosen(query) {
  return query.get(KEY) in VIEWS ? query.get(KEY) : null
}

// A file that was taken along may have neither storage nor an address to change.
function remembered() {
  try {
    return localStorage.getItem(KEY) === "nodes" ? "nodes" : "sets"
  } catch {
    return "sets"
  }
}

function remember(view) {
  const address = new URL(location)
  address.searchParams.set(KEY, view)
  try {
    localStorage.setItem(KEY, view)
    history.replaceState(null, "", address)
  } catch {
    // the choice holds for this page
  }
}
