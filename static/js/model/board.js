// The clusters that one may see, as the server tells them (docs/protocol.md). Knows no DOM and no socket.

import { noop } from "../lib/words.js"

// What a Deployment's state is called, and its tone.
export const STATES = {
  complete: ["ok", noop("Complete")],
  progressing: ["move", noop("Progressing")],
  stuck: ["bad", noop("Deadline exceeded")],
  below: ["bad", noop("Below the floor")],
}
export const PAUSED = ["warn", noop("Paused")]

export class Board {
  rows = new Map()
  total = 0

  // True if clusters came or went.
  apply(frame) {
    if (frame.type === "board") {
      this.rows = new Map(frame.rows.map((row) => [row.name, row]))
      this.total = frame.total
      return true
    }
    for (const row of frame.rows ?? []) if (this.rows.has(row.name)) this.rows.set(row.name, row)
    return false
  }

  get hidden() {
    return Math.max(this.total - this.rows.size, 0)
  }
}

export function stateOf({ paused, state }) {
  return paused ? PAUSED : STATES[state]
}
