// Five steps through the page on a first visit, and again whenever they are asked for. Takes no focus and covers nothing
// that it speaks of.

import { element, write } from "../lib/nodes.js"
import { noop, t } from "../lib/words.js"

const STEPS = [
  [
    "#figure",
    noop(
      "The Deployment and its ReplicaSets. Each square is a pod, its mark is the pod's state. Click one for its events, log and conditions.",
    ),
  ],
  [
    "#images",
    noop("Set another image, or fill in a suggestion. The forecast says what will happen before anything is changed."),
  ],
  ["#narration", noop("What happens now, and why: which rule of the controller, with which numbers.")],
  ["#clock", noop("Time is simulated and belongs to the cluster. Pause it, then step from one decision to the next.")],
  [
    "#strip",
    noop("Every step of the rollout is a card. Recorded rollouts can be replayed, from the list further down."),
  ],
]
const SEEN = "toured"

export class Tour {
  #card = null
  #at = 0

  // Only to who has not seen it in this browser.
  offer() {
    if (!localStorage.getItem(SEEN)) this.start()
  }

  start() {
    this.#card ??= this.#make()
    this.#show(0)
  }

  #make() {
    const card = element("section", { className: "tour panel" })
    const next = element("button", { type: "button", className: "primary" })
    const end = element("button", { type: "button", className: "plain" }, t("End the tour"))
    card.setAttribute("aria-label", t("Tour"))
    card.append(
      element("p", { className: "quiet" }),
      element("p"),
      element("div", { className: "row-of-buttons" }, next, end),
    )
    card.firstChild.setAttribute("aria-live", "polite")
    next.addEventListener("click", () => this.#show(this.#at + 1))
    end.addEventListener("click", () => this.#end())
    card.addEventListener("keydown", ({ key }) => key === "Escape" && this.#end())
    document.body.append(card)
    return card
  }

  #show(place) {
    this.#mark(null)
    if (place >= STEPS.length) return this.#end()
    this.#at = place
    const [selector, text] = STEPS[place]
    const [count, words, buttons] = this.#card.children
    write(count, t("Tour, step %(step)s of %(steps)s", { step: place + 1, steps: STEPS.length }))
    write(words, t(text))
    write(buttons.firstChild, place + 1 < STEPS.length ? t("Next") : t("Done"))
    this.#mark(document.querySelector(selector))
    if (place) document.querySelector(selector)?.scrollIntoView({ block: "center" })
    return undefined
  }

  #mark(node) {
    for (const each of document.querySelectorAll("[data-toured]")) delete each.dataset.toured
    if (node) node.dataset.toured = ""
  }

  #end() {
    localStorage.setItem(SEEN, "yes")
    this.#mark(null)
    this.#card.remove()
    this.#card = null
  }
}
