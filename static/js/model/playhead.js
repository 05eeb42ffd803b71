// Where a recorded film can stand: after so many of its items. Frames of one instant are places of their own.
// Knows no DOM.

export class Playhead {
  #frames
  #items

  // `items`: the journal's changes that the film was made of, in order.
  constructor(film, items) {
    this.#frames = film.frames
    this.#items = items
  }

  // All that happened up to `at`.
  ofTime(at) {
    const next = this.#items.findIndex((each) => each.at > at)
    return next < 0 ? this.#items.length : next
  }

  // What happened at the frame's instant before the next frame was taken.
  ofFrame(index) {
    const { at } = this.#frames[index]
    const rv = this.#frames[index + 1]?.rv ?? Infinity
    const next = this.#items.findIndex((each) => each.rv >= rv || each.at > at)
    return next < 0 ? this.#items.length : next
  }

  // The frame that is shown after so many items.
  frameOf(count) {
    const rv = this.#items[count - 1]?.rv ?? -Infinity
    return Math.max(
      0,
      this.#frames.findLastIndex((each) => each.rv <= rv),
    )
  }

  // The frame to go to from there, one on (1) or back (-1); undefined: there is none.
  step(count, at, direction) {
    const current = this.frameOf(count)
    const isOnIt = count === this.ofFrame(current) && at <= this.#frames[current].at
    const index = direction > 0 || isOnIt ? current + direction : current
    return this.#frames[index] && index
  }

  // When the next, or the last, other instant with a frame is; undefined: there is none.
  instant(at, direction) {
    const instants = this.#frames.map((each) => each.at)
    return direction > 0 ? instants.find((each) => each > at) : instants.findLast((each) => each < at)
  }
}
