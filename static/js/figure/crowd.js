// Thousands of pods: each cell stands for several, with a count for each state beneath.

import { hue, mark, set, svg, write } from "../lib/nodes.js"
import { listed, number } from "../lib/numbers.js"
import { t, tn } from "../lib/words.js"
import { stateOf } from "../model/cluster.js"
import { CROWD_CELL as SIZE, grid, HEADER, spotOf } from "./layout.js"
import { sign, WORDS } from "./pods.js"

export const STATES = ["available", "ready", "running", "waiting", "born", "failed", "terminating"]
const ROW_HEIGHT = 20

export function drawCrowd(node, { replicaset, pods }, { width }, unit, now) {
  const group = node.querySelector(".crowd")
  const counts = count(pods, replicaset.min_ready_seconds, now)
  const present = STATES.filter((each) => counts[each])
  const text = listed(present.map((each) => `${number(counts[each])} ${t(WORDS[each])}`))
  set(group, { "aria-label": text || t("no pods"), tabindex: "0", role: "img" })
  const key = `${width} ${unit} ${text}`
  if (group.drawn === key) return
  group.drawn = key
  if (!group.children.length) group.append(svg("g"), svg("g"))
  const [cells, words] = group.children
  const shown = cellsOf(present, counts, unit)
  drawCells(cells, shown, width)
  drawCounts(words, present, counts, {
    unit,
    width,
    colour: hue(replicaset.number),
    top: HEADER + Math.ceil(shown.length / grid(SIZE, width).columns) * (SIZE + 5) + 16,
  })
}

export function emptyCrowd(node) {
  const group = node.querySelector(".crowd")
  group.replaceChildren()
  group.drawn = ""
  for (const name of ["aria-label", "tabindex", "role"]) group.removeAttribute(name)
}

// A state that is there has a cell, however few it is of.
function cellsOf(present, counts, unit) {
  return present.flatMap((state) => Array.from({ length: Math.max(1, Math.round(counts[state] / unit)) }, () => state))
}

function drawCells(group, states, width) {
  while (group.children.length > states.length) group.lastChild.remove()
  while (group.children.length < states.length)
    group.append(
      svg("g", { class: "pod", "stroke-width": 1.2 }, svg("rect", { class: "cell", width: SIZE, height: SIZE, rx: 3 })),
    )
  states.forEach((state, index) =>
    set(mark(group.children[index], { state }).firstChild, spotOf(index, { size: SIZE, width }, HEADER)),
  )
}

function drawCounts(group, present, counts, { unit, width, colour, top }) {
  const columns = width > 360 ? 2 : 1
  const text = svg("text", { class: "unit", x: 16, y: top + 2 })
  write(text, tn("one cell represents %(count)s pod", "one cell represents %(count)s pods", unit))
  const at = (place) => ({
    x: 16 + (place % columns) * ((width - 32) / columns),
    y: top + 14 + Math.floor(place / columns) * ROW_HEIGHT,
  })
  group.replaceChildren(text, ...present.map((state, place) => row(state, counts[state], at(place), colour)))
}

function row(state, size, { x, y }, colour) {
  const text = svg("text", { x: x + 21, y: y + 11.5 })
  write(text, `${number(size)} ${t(WORDS[state])}`)
  return svg("g", {}, sign(state, 14, colour, { x, y }), text)
}

function count(pods, minReadySeconds, now) {
  const counts = {}
  for (const pod of pods) {
    const state = stateOf(pod, minReadySeconds, now)
    counts[state] = (counts[state] ?? 0) + 1
  }
  return counts
}
