// Pods as cells of a ReplicaSet: a keyed join by uid, each state by mark and colour, in kubectl's words.

import { stateOf } from "./cluster.js"
import { element, mark, set, svg, t, write } from "./format.js"
import { dyingTop, grid, HEADER } from "./layout.js"

export const WORDS = { born: "not scheduled yet", waiting: "starting", running: "running, not ready", ready: "ready, not available yet", available: "available", terminating: "terminating", failed: "failing" }

const MARKS = {
  born: (s) => `M${0.35 * s} ${0.5 * s}h${0.3 * s}`,
  waiting: (s) => [0.28, 0.5, 0.72].map((x) => `M${x * s} ${0.5 * s}h0.01`).join(""),
  running: (s) => `M${0.5 * s} ${0.22 * s}v${0.56 * s}`,
  ready: (s) => `M${0.5 * s} ${0.26 * s}a${0.24 * s} ${0.24 * s} 0 1 1 -0.01 0`,
  available: (s) => `M${0.25 * s} ${0.52 * s}l${0.18 * s} ${0.18 * s}l${0.33 * s} ${-0.38 * s}`,
  terminating: (s) => `M${0.3 * s} ${0.3 * s}l${0.4 * s} ${0.4 * s}m0 ${-0.4 * s}l${-0.4 * s} ${0.4 * s}`,
  failed: (s) => `M${0.5 * s} ${0.24 * s}v${0.28 * s}M${0.5 * s} ${0.74 * s}h0.01`,
}
const SMALLEST_MARKED = 8
const SMALLEST_NAMED = 31
const LETTER = 6.2

export function drawPods(node, { replicaset, living, dying, room }, { width, size }, now) {
  const { pitch, columns, rowPitch } = grid(size, width)
  const spot = (index, top) => ({ x: 16 + (index % columns) * pitch, y: top + Math.floor(index / columns) * rowPitch })
  const bottom = dyingTop(room, width, size)
  drawSlots(node.querySelector(".slots"), living.length, replicaset.replicas, size, (index) => spot(index, HEADER))
  drawNote(node, dying.length, bottom, width)
  const group = node.querySelector(".pods")
  const known = new Map([...group.children].map((each) => [each.dataset.uid, each]))
  const place = (pod, at) => {
    const cell = known.get(pod.uid) ?? group.appendChild(podNode(pod))
    known.delete(pod.uid)
    drawPod(cell, pod, at, size, stateOf(pod, replicaset.min_ready_seconds, now))
  }
  living.forEach((pod, index) => place(pod, spot(index, HEADER)))
  dying.forEach((pod, index) => place(pod, spot(index, bottom)))
  for (const gone of known.values()) gone.remove()
}

export function emptyPods(node) {
  for (const name of [".pods", ".slots"]) node.querySelector(name).replaceChildren()
  set(node.querySelector(".rule"), { visibility: "hidden" })
  write(node.querySelector(".note"), "")
}

function drawNote(node, count, bottom, width) {
  set(node.querySelector(".rule"), { x1: 16, x2: width - 16, y1: bottom - 26, y2: bottom - 26, visibility: count ? "visible" : "hidden" })
  const text = count ? t("%(count)s terminating, not counted against the ceiling", { count }) : ""
  write(set(node.querySelector(".note"), { x: 16, y: bottom - 10 }), fit(text, width - 32, LETTER))
}

function drawSlots(group, taken, desired, size, spot) {
  const missing = Math.max(0, desired - taken)
  while (group.children.length > missing) group.lastChild.remove()
  while (group.children.length < missing) group.append(svg("rect", { class: "slot" }))
  ;[...group.children].forEach((node, index) => set(node, { ...spot(taken + index), width: size, height: size, rx: size / 5 }))
}

function podNode(pod) {
  const node = svg("g", { class: "pod", role: "button", tabindex: "-1" })
  mark(node, { uid: pod.uid, name: pod.name })
  node.append(svg("title"), svg("rect", { class: "cell" }), svg("path", { class: "mark" }), svg("text", { class: "suffix" }))
  return node
}

function drawPod(node, pod, { x, y }, size, state) {
  const words = `${pod.name}: ${pod.status}, ${t(WORDS[state])}${pod.node ? `, ${pod.node}` : ""}`
  mark(node, { state })
  const key = `${x} ${y} ${size} ${words}`
  if (node.drawn === key) return
  node.drawn = key
  set(node, { "aria-label": words })
  const [title, cell, sign, suffix] = node.children
  write(title, words)
  set(cell, { x, y, width: size, height: size, rx: size / 5 })
  set(sign, { d: size >= SMALLEST_MARKED ? shifted(MARKS[state](size), x, y) : "", "stroke-width": Math.max(1.4, size / 14) })
  write(set(suffix, { x: x + size / 2, y: y + size + 14 }), size >= SMALLEST_NAMED ? pod.name.slice(-5) : "")
}

function shifted(path, x, y) {
  return path.replace(/M([\d.-]+) ([\d.-]+)/g, (_, px, py) => `M${+px + x} ${+py + y}`)
}

// A state's sign as a small picture of its own.
export function sign(state, size, hue) {
  const cell = svg("g", { class: "pod" }, svg("rect", { class: "cell", x: 1, y: 1, width: size, height: size, rx: size / 4 }), svg("path", { class: "mark", d: shifted(MARKS[state](size), 1, 1), "stroke-width": 1.6 }))
  mark(cell, { state })
  return svg("g", { class: `sign ${hue}` }, cell)
}

export function legend() {
  const list = element("ul", { className: "legend" })
  for (const [state, words] of Object.entries(WORDS)) {
    list.append(element("li", {}, svg("svg", { width: 18, height: 18, viewBox: "0 0 18 18", "aria-hidden": "true" }, sign(state, 16, "rev-2")), t(words)))
  }
  return list
}

// Cuts a text that is wider than its room; the whole is in the page's details.
export function fit(text, room, letter) {
  const most = Math.max(4, Math.floor(room / letter))
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
