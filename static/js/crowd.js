// Thousands of pods: a bar and a count for each state instead of a cell for each pod.

import { stateOf } from "./cluster.js"
import { hue, mark, set, svg, t, write } from "./format.js"
import { HEADER } from "./layout.js"
import { sign, WORDS } from "./pods.js"

const STATES = Object.keys(WORDS)
const BAR_HEIGHT = 18
const ROW_HEIGHT = 20
const COLUMNS = 2

export function drawCrowd(node, { replicaset, pods }, { width }, now) {
  const group = node.querySelector(".crowd")
  const counts = count(pods, replicaset.min_ready_seconds, now)
  const present = STATES.filter((each) => counts[each])
  const text = present.map((each) => `${counts[each].toLocaleString()} ${t(WORDS[each])}`).join(", ")
  set(group, { "aria-label": text || t("no pods"), tabindex: "0", role: "img" })
  const key = `${width} ${text}`
  if (group.drawn === key) return
  group.drawn = key
  const room = width - 32
  let x = 16
  group.replaceChildren(
    ...present.map((state) => {
      const wide = (room * counts[state]) / pods.length
      const bar = svg("g", { class: "pod" }, svg("rect", { class: "cell", x, y: HEADER, width: Math.max(wide - 2, 1), height: BAR_HEIGHT, rx: 3 }))
      x += wide
      return mark(bar, { state })
    }),
    ...present.map((state, place) => row(state, counts[state], 16 + (place % COLUMNS) * (room / COLUMNS), HEADER + 30 + Math.floor(place / COLUMNS) * ROW_HEIGHT, replicaset)),
  )
}

export function emptyCrowd(node) {
  const group = node.querySelector(".crowd")
  group.replaceChildren()
  group.drawn = ""
  for (const name of ["aria-label", "tabindex", "role"]) group.removeAttribute(name)
}

function row(state, number, x, y, replicaset) {
  const text = svg("text", { x: x + 22, y: y + 11 })
  write(text, `${number.toLocaleString()} ${t(WORDS[state])}`)
  return svg("g", {}, set(sign(state, 12, hue(replicaset.number)), { transform: `translate(${x} ${y - 1})` }), text)
}

function count(pods, minReadySeconds, now) {
  const counts = {}
  for (const pod of pods) {
    const state = stateOf(pod, minReadySeconds, now)
    counts[state] = (counts[state] ?? 0) + 1
  }
  return counts
}
