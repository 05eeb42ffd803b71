// Arrows from the Deployment to its ReplicaSets, carrying the step just taken.

import { hue, set, svg, write } from "../lib/nodes.js"
import { textWidth } from "../lib/type.js"
import { BOX, SETS_TOP } from "./layout.js"

const STEP_FONT = "650 12.5px sans"
const SPREAD = 110

export function linkNode(uid) {
  const step = svg("g", { class: "step" }, svg("rect", { rx: 13, height: 26 }), svg("text", {}))
  const node = svg(
    "g",
    { class: "link" },
    svg("path", { class: "arrow" }),
    svg("path", { class: "flow" }),
    svg("path", { class: "head" }),
    step,
  )
  node.dataset.uid = uid
  return node
}

export function drawLink(node, replicaset, place, width, text) {
  set(node, { class: `link ${hue(replicaset.number)}${text ? " active" : ""}${replicaset.replicas ? "" : " ghost"}` })
  const to = drawCurve(node, place, width)
  const [rect, label] = node.querySelector(".step").children
  if (!text) return
  const wide = textWidth(text, STEP_FONT) + 28
  const x = Math.min(Math.max(to.x, wide / 2 + 4), width - wide / 2 - 4)
  set(rect, { x: x - wide / 2, y: to.y - 38, width: wide })
  write(set(label, { x, y: to.y - 20.5 }), text)
}

// To where the next revision's ReplicaSet will stand.
export function drawNextLink(node, place, width) {
  set(node, { class: "link next", visibility: place ? "visible" : "hidden" })
  if (place) drawCurve(node, place, width)
}

function drawCurve(node, place, width) {
  const lean = (place.x + place.width / 2 - width / 2) / 3
  const from = { x: width / 2 + Math.max(-SPREAD, Math.min(SPREAD, lean)), y: BOX.top + BOX.height }
  const to = { x: place.x + place.width / 2, y: place.y - 9 }
  const curve =
    place.y === SETS_TOP ? `M${from.x} ${from.y}C${from.x} ${from.y + 34} ${to.x} ${to.y - 44} ${to.x} ${to.y - 4}` : ""
  for (const name of [".arrow", ".flow"]) move(node.querySelector(name), curve)
  move(node.querySelector(".head"), `M${to.x - 6} ${to.y - 6}L${to.x + 6} ${to.y - 6}L${to.x} ${to.y + 4}Z`)
  return to
}

// The property beside the attribute: only it can glide where the browser knows it.
function move(path, d) {
  if (path.getAttribute("d") === d) return
  path.setAttribute("d", d)
  path.style.setProperty("d", d ? `path("${d}")` : "none")
}
