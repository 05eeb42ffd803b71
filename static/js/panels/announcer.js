// Tells screen readers what happens: the newest scaling step and the newest state, in turn, never as a flood.

import { LABELS } from "../figure/filmstrip.js"
import { write } from "../lib/nodes.js"
import { statements, t } from "../lib/words.js"

const PAUSE_MS = 1500

export class Announcer {
  #node
  #film = null
  #told = 0
  #tone = ""
  #step = ""
  #state = ""
  #timer = null

  constructor(node) {
    this.#node = node
  }

  follow(film, { status, replicas }) {
    if (film !== this.#film) this.#told = this.#film ? Math.min(1, film.frames.length) : film.frames.length
    this.#film = film
    if (film.frames.length === this.#told) return
    this.#told = film.frames.length
    const frame = film.frames.at(-1)
    this.#step = t("%(step)s; %(available)s of %(replicas)s available", {
      step: t(LABELS[film.kindOf(frame)], { count: frame.count }),
      available: status.available_replicas,
      replicas,
    })
    this.#tell()
  }

  // How many are updated is told by the steps: a state is told when it is of another kind.
  state({ tone, text }) {
    const isFirst = this.#tone === ""
    if (tone === this.#tone) return
    this.#tone = tone
    if (isFirst) return
    this.#state = text
    this.#tell()
  }

  // The last one wins while a reader still speaks the one before.
  #tell() {
    if (!this.#timer) this.#speak()
  }

  #speak() {
    this.#timer = null
    const text = statements([this.#step, this.#state])
    if (!text) return
    write(this.#node, text)
    this.#step = this.#state = ""
    this.#timer = setTimeout(() => this.#speak(), PAUSE_MS)
  }
}
