// The film strip: one card per scaling step, as in the book's figure; steps still to come are faint.

import { element, hue, mark, prefersStillness, svg } from "../lib/nodes.js"
import { number as written } from "../lib/numbers.js"
import { duration, noop, t } from "../lib/words.js"

const MOST_CARDS = 60
const MOST_COMING = 40
const MOST_CELLS = 8
const CELL = 11
const PITCH = CELL + 3
const AT_END = 40
const HAND_MS = 1500

export const LABELS = {
  start: noop("start"),
  "new up": noop("new up to %(count)s"),
  "new down": noop("new down to %(count)s"),
  "old up": noop("old up to %(count)s"),
  "old down": noop("old down to %(count)s"),
}

export class FilmStrip {
  #host
  #onPick
  #drawn = 0
  #film = null
  #coming = ""
  #follows = true
  #touchedAt = -Infinity

  // `onPick(index)`: a card was chosen; without it cards are no buttons.
  constructor(host, { onPick = null } = {}) {
    this.#host = host
    this.#onPick = onPick
    for (const kind of ["wheel", "pointerdown", "keydown"])
      host.addEventListener(kind, () => (this.#touchedAt = performance.now()), { passive: true })
    host.addEventListener("scroll", () => this.#scrolled(), { passive: true })
    // A click takes no focus, so that Space plays afterwards.
    if (onPick) host.addEventListener("mousedown", (event) => event.target.matches(".pick") && event.preventDefault())
    if (onPick)
      host.addEventListener(
        "click",
        ({ target }) => target.closest(".card") && onPick(Number(target.closest(".card").dataset.frame)),
      )
  }

  // `current`: the index of the frame that is shown, the newest if it is not given; `coming`: frames of a forecast, as
  // a film's.
  draw(film, { current = film.frames.length - 1, coming = [] } = {}) {
    if (film !== this.#film) {
      this.#host.replaceChildren()
      this.#film = film
      this.#drawn = 0
      this.#coming = ""
    }
    const { frames } = film
    const grown = frames.length > this.#drawn
    const isForetold = coming.length > 0 && !this.#host.querySelector(".coming")
    const key = `${frames.length} ${coming.map(({ at, counts }) => `${at.toFixed(1)} ${counts.map((each) => each.desired)}`)}`
    if (key === this.#coming && !grown) return this.#point(current) && this.#onPick && this.#reveal()
    for (const each of this.#host.querySelectorAll(".coming")) each.remove()
    for (let index = this.#drawn; index < frames.length; index += 1) this.#host.append(this.#card(frames[index], index))
    this.#drawn = frames.length
    while (this.#host.children.length > MOST_CARDS && !this.#onPick) this.#host.children[1].remove()
    this.#host.append(
      ...coming.slice(0, MOST_COMING).map((each, place) => this.#comingCard(each, coming[place - 1] ?? frames.at(-1))),
    )
    this.#coming = key
    const changed = this.#point(current)
    if (((grown || isForetold) && this.#follows) || (changed && this.#onPick)) this.#reveal()
    return undefined
  }

  // Who scrolls away by hand stays there; who comes back to the end follows again.
  #scrolled() {
    if (performance.now() - this.#touchedAt > HAND_MS) return
    const card = this.#host.querySelector("[aria-current]")
    const end = card ? card.offsetLeft + card.offsetWidth : this.#host.scrollWidth
    this.#follows = end - this.#host.clientWidth - this.#host.scrollLeft < AT_END
  }

  #point(current) {
    const before = this.#host.querySelector("[aria-current]")
    const now = this.#host.querySelector(`[data-frame="${current}"]`)
    if (before === now) return false
    before?.removeAttribute("aria-current")
    now?.setAttribute("aria-current", "step")
    return true
  }

  #reveal() {
    const card = this.#host.querySelector("[aria-current]")
    if (card)
      this.#host.scrollTo({
        left: card.offsetLeft - this.#host.clientWidth / 2,
        behavior: prefersStillness() ? "auto" : "smooth",
      })
  }

  #card(frame, index) {
    const before = this.#film.frames[index - 1]
    const node = element("li", { className: "card" }, ...this.#face(frame, before, this.#film.newest))
    const { old, fresh } = this.#film.sides(frame)
    mark(node, { frame: index, old, new: fresh })
    if (this.#onPick)
      node.append(element("button", { type: "button", className: "pick", ariaLabel: t("Go to this step") }))
    if (frame.why) node.title = frame.why
    return node
  }

  #comingCard(frame, before) {
    const node = element("li", { className: "card coming" }, ...this.#face(frame, before, frame.newest))
    node.title = t("Forecast")
    return node
  }

  #face(frame, before, newest) {
    const largest = Math.max(
      1,
      ...this.#film.frames.flatMap(({ counts }) => counts.map((each) => each.desired)),
      ...frame.counts.map((each) => each.desired),
    )
    const shown = frame.counts.filter(
      (each) =>
        each.desired || each.uid === newest || before?.counts.some((was) => was.uid === each.uid && was.desired),
    )
    shown.sort((one, two) => (one.uid === newest) - (two.uid === newest)) // the new beneath the old
    return [
      ...shown.map((each) => row(each, largest)),
      element(
        "span",
        { className: "label" },
        t(LABELS[frame.kind ?? this.#film.kindOf(frame)], { count: frame.count }),
      ),
      element("span", { className: "time" }, this.#timeOf(frame, before)),
    ]
  }

  // Since the rollout began; of an edit that is not made yet, since now.
  #timeOf({ at, since }, before) {
    if (before && Math.abs(at - before.at) < 0.05) return t("same instant")
    const { startedAt, shownFrom } = this.#film
    return duration(Math.max(0, at - (since ?? (at < shownFrom ? startedAt : shownFrom))))
  }
}

// Few pods are cells to count, many are a bar.
function row({ number, desired, name }, largest) {
  const wide = Math.min(largest, MOST_CELLS) * PITCH
  const cell = (kind, x, width) =>
    svg("rect", { class: kind, x: x + 0.5, y: 0.5, width: Math.max(width - 1, 0), height: CELL - 1, rx: 2.5 })
  const parts =
    largest <= MOST_CELLS
      ? Array.from({ length: largest }, (_, place) => cell(place < desired ? "full" : "none", place * PITCH, CELL))
      : [cell("none", 0, wide), ...(desired ? [cell("full", 0, (wide * desired) / largest)] : [])]
  const picture = svg(
    "svg",
    { class: `cells ${hue(number)}`, viewBox: `0 0 ${wide} ${CELL}`, width: wide, height: CELL, "aria-hidden": "true" },
    ...parts,
  )
  return element(
    "span",
    { className: "row", title: name },
    picture,
    element("b", { className: hue(number) }, written(desired)),
  )
}
