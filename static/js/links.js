// Arrows from the Deployment to its ReplicaSets, carrying the step just taken.

import { hue, set, svg, t, write } from "./format.js"
import { BOX, SETS_TOP } from "./layout.js"

const STEP_SHOWN_MS = 2600
const LETTER = 7.2
const SPREAD = 110

// What each ReplicaSet was last scaled to, for as long as it is shown.
export class Steps {
  #sizes = null
  #steps = new Map()

  note(replicasets) {
    const sizes = new Map(replicasets.map(({ uid, replicas }) => [uid, replicas]))
    for (const [uid, replicas] of this.#sizes ? sizes : []) {
      const before = this.#sizes.get(uid) ?? 0
      if (before === replicas) continue
      const text = replicas > before ? t("scale up to %(count)s", { count: replicas }) : t("scale down to %(count)s", { count: replicas })
      this.#steps.set(uid, { text, until: performance.now() + STEP_SHOWN_MS })
    }
    this.#sizes = sizes
  }

  textOf(uid) {
    const step = this.#steps.get(uid)
    return step && step.until > performance.now() ? step.text : ""
  }
}

export function linkNode(uid) {
  const node = svg("g", { class: "link" }, svg("path", { class: "arrow" }), svg("path", { class: "head" }), svg("g", { class: "step" }, svg("rect", { rx: 13, height: 26 }), svg("text", {})))
  node.dataset.uid = uid
  return node
}

export function drawLink(node, replicaset, place, width, text) {
  const lean = (place.x + place.width / 2 - width / 2) / 3
  const from = { x: width / 2 + Math.max(-SPREAD, Math.min(SPREAD, lean)), y: BOX.top + BOX.height }
  const to = { x: place.x + place.width / 2, y: place.y - 8 }
  set(node, { class: `link ${hue(replicaset.number)}${text ? " active" : ""}${replicaset.replicas ? "" : " ghost"}` })
  const curve = `M${from.x} ${from.y}C${from.x} ${from.y + 38} ${to.x} ${to.y - 44} ${to.x} ${to.y}`
  set(node.querySelector(".arrow"), { d: place.y === SETS_TOP ? curve : "" })
  set(node.querySelector(".head"), { d: `M${to.x - 6} ${to.y - 6}h12l-6 9z` })
  const [rect, label] = node.querySelector(".step").children
  if (!text) return
  const wide = text.length * LETTER + 26
  const x = Math.min(Math.max(to.x, wide / 2 + 4), width - wide / 2 - 4)
  set(rect, { x: x - wide / 2, y: to.y - 34, width: wide })
  write(set(label, { x, y: to.y - 16.5 }), text)
}
