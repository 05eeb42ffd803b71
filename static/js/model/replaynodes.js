// What was taken of the nodes at any moment of a replay: the server's frames, taken up to there. Knows no DOM.

import { Nodes } from "./nodes.js"

export class ReplayNodes extends Nodes {
  #frames = []
  #next = 0
  #rv = 0
  #now = 0

  // `frames`: {rv, at, ...} in order, the first one with all nodes; none: they were not recorded.
  load(frames) {
    this.isMissing = !frames.length
    this.#frames = frames
    this.#next = 0
  }

  // As of a change and a time; what is of the same time and comes after the change is not yet.
  seek(rv, now) {
    if (rv < this.#rv || now < this.#now) this.#next = 0
    this.#rv = rv
    this.#now = now
    for (; this.#next < this.#frames.length; this.#next += 1) {
      const frame = this.#frames[this.#next]
      if (frame.rv > rv && frame.at >= now) return
      this.take(frame)
    }
  }
}
