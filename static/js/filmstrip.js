// The film strip: one card per scaling step, as in the book's figure.

import { duration, element, hue, mark, prefersStillness, svg, t } from "./format.js"

const MOST_CARDS = 60
const MOST_CELLS = 8
const CELL = 11
const PITCH = CELL + 3
const AT_END = 40
const HAND_MS = 1500

export class FilmStrip {
  #host
  #onPick
  #drawn = 0
  #film = null
  #follows = true
  #touchedAt = -Infinity

  // `onPick(index)`: a card was chosen; without it cards are no buttons.
  constructor(host, { onPick = null } = {}) {
    this.#host = host
    this.#onPick = onPick
    for (const kind of ["wheel", "pointerdown", "keydown"]) host.addEventListener(kind, () => (this.#touchedAt = performance.now()), { passive: true })
    host.addEventListener("scroll", () => this.#scrolled(), { passive: true })
    if (onPick) host.addEventListener("click", ({ target }) => target.closest(".card") && onPick(Number(target.closest(".card").dataset.frame)))
  }

  // `current`: the index of the frame that is shown; the newest if it is not given.
  draw(film, current = film.frames.length - 1) {
    if (film !== this.#film) {
      this.#host.replaceChildren()
      this.#film = film
      this.#drawn = 0
    }
    const { frames } = film
    for (let index = this.#drawn; index < frames.length; index += 1) this.#host.append(this.#card(film, index))
    const grown = frames.length > this.#drawn
    this.#drawn = frames.length
    while (this.#host.children.length > MOST_CARDS && !this.#onPick) this.#host.children[1].remove()
    const changed = this.#point(current)
    if ((grown && this.#follows) || (changed && this.#onPick)) this.#reveal()
  }

  // Who scrolls away by hand stays there; who comes back to the end follows again.
  #scrolled() {
    if (performance.now() - this.#touchedAt > HAND_MS) return
    this.#follows = this.#host.scrollWidth - this.#host.clientWidth - this.#host.scrollLeft < AT_END
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
    if (card) this.#host.scrollTo({ left: card.offsetLeft - this.#host.clientWidth / 2, behavior: prefersStillness() ? "auto" : "smooth" })
  }

  #card(film, index) {
    const frame = film.frames[index]
    const before = film.frames[index - 1]
    const { old, fresh } = film.sides(frame)
    const largest = Math.max(1, ...film.frames.flatMap(({ counts }) => counts.map((each) => each.desired)))
    const shown = frame.counts.filter((each) => each.desired || each.uid === film.newest || before?.counts.some((was) => was.uid === each.uid && was.desired))
    const time = before && frame.at === before.at ? "" : duration(frame.at - film.startedAt)
    const node = element(
      "li",
      { className: "card" },
      ...shown.map((each) => row(each, largest)),
      element("span", { className: "label" }, t(frame.label, { count: frame.count })),
      element("span", { className: "time" }, time),
    )
    mark(node, { frame: index, old, new: fresh })
    if (frame.why) node.title = frame.why
    return node
  }
}

// Few pods are cells to count, many are a bar.
function row({ number, desired, name }, largest) {
  const wide = Math.min(largest, MOST_CELLS) * PITCH
  const cell = (kind, x, width) => svg("rect", { class: kind, x: x + 0.5, y: 0.5, width: Math.max(width - 1, 0), height: CELL - 1, rx: 2.5 })
  const parts = largest <= MOST_CELLS ? Array.from({ length: largest }, (_, place) => cell(place < desired ? "full" : "none", place * PITCH, CELL)) : [cell("none", 0, wide), ...(desired ? [cell("full", 0, (wide * desired) / largest)] : [])]
  const picture = svg("svg", { class: `cells ${hue(number)}`, viewBox: `0 0 ${wide} ${CELL}`, width: wide, height: CELL, "aria-hidden": "true" }, ...parts)
  return element("span", { className: "row", title: name }, picture, element("b", { className: hue(number) }, desired.toLocaleString()))
}
