// The film strip: one card per scaling step, as in the book's figure.

import { duration, element, svg, t } from "./format.js"

const MOST_CARDS = 60
const MOST_CELLS = 12
const CELL = 11

export class FilmStrip {
  #host
  #drawn = 0
  #film = null

  constructor(host) {
    this.#host = host
  }

  draw(film) {
    if (film !== this.#film) {
      this.#host.replaceChildren()
      this.#film = film
      this.#drawn = 0
    }
    const frames = film.frames
    if (frames.length === this.#drawn) return
    for (let index = this.#drawn; index < frames.length; index += 1) {
      this.#host.querySelector("[aria-current]")?.removeAttribute("aria-current")
      this.#host.append(card(frames[index], frames[index - 1], index, film.startedAt))
    }
    this.#drawn = frames.length
    this.#host.lastChild.setAttribute("aria-current", "step")
    this.#shorten()
    this.#host.scrollTo({ left: this.#host.scrollWidth, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" })
  }

  #shorten() {
    while (this.#host.children.length > MOST_CARDS) this.#host.children[1].remove()
  }
}

function card(frame, before, index, startedAt) {
  const counts = frame.counts
  const newest = counts.at(-1)
  const old = counts.slice(0, -1)
  const only = index === 0 || counts.length === 1
  const shown = only && counts.length === 1 ? [newest] : [...old.filter((each) => each.desired || before?.counts.some((was) => was.uid === each.uid && was.desired)), newest]
  const node = element("li", { className: "card" })
  Object.assign(node.dataset, {
    frame: index,
    old: only && counts.length === 1 ? newest.desired : old.reduce((sum, each) => sum + each.desired, 0),
    new: only && counts.length === 1 ? 0 : newest.desired,
  })
  for (const each of shown) node.append(row(each, Math.max(...counts.map((one) => one.desired), 1)))
  const time = frame.at === before?.at ? "" : duration(frame.at - startedAt)
  node.append(element("span", { className: "label" }, t(frame.label)), element("span", { className: "time" }, time))
  if (frame.why) node.title = frame.why
  return node
}

function row({ number, desired, name }, largest) {
  const wide = MOST_CELLS * (CELL + 3)
  const picture = svg("svg", { class: `cells rev-${((number - 1) % 6) + 1}`, viewBox: `0 0 ${Math.min(largest, MOST_CELLS) * (CELL + 3)} ${CELL}`, height: CELL })
  if (largest <= MOST_CELLS) {
    for (let place = 0; place < largest; place += 1) picture.append(svg("rect", { class: place < desired ? "full" : "none", x: place * (CELL + 3) + 0.5, y: 0.5, width: CELL - 1, height: CELL - 1, rx: 2.5 }))
  } else {
    picture.append(svg("rect", { class: "none", x: 0.5, y: 0.5, width: wide - 1, height: CELL - 1, rx: 2.5 }), svg("rect", { class: "full", x: 0.5, y: 0.5, width: (wide * desired) / largest, height: CELL - 1, rx: 2.5 }))
  }
  return element("span", { className: "row", title: name }, picture, element("b", { className: `rev-${((number - 1) % 6) + 1}` }, String(desired)))
}

