// Tells screen readers what happens: each scaling step and each new state, in turn, never as a flood.

import { LABELS } from "./filmstrip.js"
import { t, write } from "./format.js"

const PAUSE_MS = 1500

export class Announcer {
  #node
  #film = null
  #told = 0
  #state = ""
  #waiting = ""
  #timer = null

  constructor(node) {
    this.#node = node
  }

  follow(film, { status, replicas }) {
    if (film !== this.#film) this.#told = film.frames.length
    this.#film = film
    if (film.frames.length === this.#told) return
    this.#told = film.frames.length
    const frame = film.frames.at(-1)
    this.#tell(t("%(step)s; %(available)s of %(replicas)s available", { step: t(LABELS[film.kindOf(frame)], { count: frame.count }), available: status.available_replicas, replicas }))
  }

  state(text) {
    if (text === this.#state) return
    const isFirst = this.#state === ""
    this.#state = text
    if (!isFirst) this.#tell(text)
  }

  // The last one wins while a reader still speaks the one before.
  #tell(text) {
    this.#waiting = text
    if (this.#timer) return
    this.#speak()
  }

  #speak() {
    this.#timer = null
    if (!this.#waiting) return
    write(this.#node, this.#waiting)
    this.#waiting = ""
    this.#timer = setTimeout(() => this.#speak(), PAUSE_MS)
  }
}
