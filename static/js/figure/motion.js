// Things that glide to their places: x and y of SVG nodes, by hand, since no browser's transition moves a nested
// drawing. A newer
// way interrupts the older where it is.

import { prefersStillness, set } from "../lib/nodes.js"

const GLIDE_MS = 420
const MOST = 400
const moving = new Map()
let ticking = false

// `from`: where a node that is new comes from.
export function glide(node, to, from = node.stands) {
  const before = from ?? to
  node.stands = to
  if (before.x === to.x && before.y === to.y) return moving.has(node) ? undefined : place(node, to)
  const now = performance.now()
  const current = moving.has(node) ? at(moving.get(node), now) : before
  if (moving.size >= MOST || prefersStillness() || document.visibilityState !== "visible") {
    moving.delete(node)
    return place(node, to)
  }
  place(node, current)
  moving.set(node, { from: current, to, since: now })
  if (!ticking) requestAnimationFrame(tick)
  ticking = true
  return undefined
}

function tick(now) {
  for (const [node, way] of moving) {
    place(node, at(way, now))
    if (now - way.since >= GLIDE_MS || !node.isConnected) moving.delete(node)
  }
  ticking = moving.size > 0
  if (ticking) requestAnimationFrame(tick)
}

// Quick at first, slow at the end.
function at({ from, to, since }, now) {
  const passed = Math.min(1, Math.max(0, (now - since) / GLIDE_MS))
  const share = 1 - (1 - passed) ** 3
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

function place(node, { x, y }) {
  set(node, { x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 })
}
