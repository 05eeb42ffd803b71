// A film's frames as a list: time, step, and why. The one shown is marked.

import { element, mark } from "../lib/nodes.js"
import { duration } from "../lib/words.js"
import { step } from "../model/narration.js"

export class StepList {
  #host
  #film = null
  #drawn = 0

  // `onPick(index)`: a step was chosen.
  constructor(host, { onPick = null } = {}) {
    this.#host = host
    if (onPick)
      host.addEventListener(
        "click",
        ({ target }) => target.closest("li") && onPick(Number(target.closest("li").dataset.step)),
      )
  }

  draw(film, current) {
    if (film !== this.#film || film.frames.length !== this.#drawn) {
      this.#film = film
      this.#drawn = film.frames.length
      this.#host.replaceChildren(...film.frames.map((frame, index) => row(film, frame, index)))
    }
    ;[...this.#host.children].forEach((node, index) => {
      node.classList.toggle("later", index > current)
      if (index !== current) return node.removeAttribute("aria-current")
      if (!node.hasAttribute("aria-current")) this.#reveal(node)
      return node.setAttribute("aria-current", "step")
    })
  }

  // Scrolls the list, never the page.
  #reveal(node) {
    const { offsetTop, offsetHeight } = node
    const top = offsetTop - this.#host.offsetTop
    if (top < this.#host.scrollTop || top + offsetHeight > this.#host.scrollTop + this.#host.clientHeight)
      this.#host.scrollTop = top - this.#host.clientHeight / 3
  }
}

function row(film, frame, index) {
  const node = element(
    "li",
    {},
    element("time", {}, duration(frame.at - film.startedAt)),
    element("span", {}, element("b", {}, step(film, frame))),
  )
  if (frame.why) node.append(element("span", { className: "because" }, frame.why))
  return mark(node, { step: index })
}
