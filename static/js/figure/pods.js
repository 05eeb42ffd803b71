// Pods as cells of a ReplicaSet: a keyed join by uid, each state by mark and colour, in kubectl's words.

import { element, hue, mark, set, svg, write } from "../lib/nodes.js"
import { termNode } from "../lib/terms.js"
import { fit } from "../lib/type.js"
import { clauses, named, noop, t } from "../lib/words.js"
import { stateOf } from "../model/cluster.js"
import { dyingPlaces, HEADER, SMALLEST_NAMED, spotOf } from "./layout.js"
import { glide } from "./motion.js"

export const WORDS = {
  born: noop("not scheduled yet"),
  waiting: noop("starting"),
  running: noop("running, not ready"),
  ready: noop("ready, not available yet"),
  available: noop("available"),
  terminating: noop("terminating"),
  failed: noop("failing"),
}

// Drawn in a square of 40.
const MARKS = {
  born: "M14 20h12",
  waiting: "M11.5 20h.01M20 20h.01M28.5 20h.01",
  running: "M20 10v20",
  ready: "M20 11a9 9 0 1 1-.01 0",
  available: "M10.5 20.5l7 7l12.5-14.5",
  terminating: "M12.5 12.5l15 15m0-15l-15 15",
  failed: "M20 9.5v12M20 29.5h.01",
}
const EXPLAINED = new Set(["ready", "available", "terminating"])
const UNITS = 40
const SMALLEST_MARKED = 8
const LEAVING_MS = 320
const NOTE_FONT = "11.5px sans"

// `isFirst`: what is there when the page opens stands where it stands; later pods come down from the Deployment's
// arrow.
export function drawPods(node, { replicaset, living, dying, room, note }, place, { now, isFirst, isStill }) {
  const door = isFirst ? undefined : { x: (place.width - place.size) / 2, y: -place.size }
  const apart = dyingPlaces(room, place)
  drawSlots(node.querySelector(".slots"), living.length, replicaset.replicas, place)
  drawNote(node, dying.length, note, apart, place)
  const cell = (pod, at) => ({ pod, at, state: stateOf(pod, replicaset.min_ready_seconds, now) })
  const cells = [
    ...living.map((pod, index) => cell(pod, spotOf(index, place, HEADER))),
    ...dying.map((pod, index) => cell(pod, apart.spot(index))),
  ]
  joinPods(node.querySelector(".pods"), cells, { size: place.size, door, isStill })
}

// `cells`: {pod, at: {x, y}, state, colour}; `door`: where a new one comes from.
export function joinPods(group, cells, { size, door, isStill }) {
  const known = new Map([...group.children].map((each) => [each.dataset.uid, each]))
  for (const { pod, at, state, colour = "" } of cells) {
    const node = known.get(pod.uid) ?? group.appendChild(podNode(pod, door, colour))
    known.delete(pod.uid)
    drawPod(node, pod, at, { size, isStill }, state)
  }
  for (const gone of known.values()) leave(gone)
}

export function emptyPods(node) {
  for (const name of [".pods", ".slots"]) node.querySelector(name).replaceChildren()
  set(node.querySelector(".rule"), { visibility: "hidden" })
  write(node.querySelector(".note"), "")
}

// A pod that is gone fades where it stood, unless a replay goes back to when it was there. It serves nobody any more, also
// where its stop came in the same frame as its end and was never drawn.
function leave(node) {
  if (node.classList.contains("leaving")) return
  node.classList.add("leaving")
  mark(node, { state: "terminating" })
  node.drawn = ""
  setTimeout(() => node.classList.contains("leaving") && node.remove(), LEAVING_MS)
}

// Beneath the line stand the terminating; without any, what the pods are doing.
function drawNote(node, count, { text: doing, tone }, { rule, note }, { width }) {
  const text = count ? t("%(count)s terminating, not counted against the ceiling", { count }) : doing
  set(node.querySelector(".rule"), {
    x1: 16,
    x2: width - 16,
    y1: rule,
    y2: rule,
    visibility: text ? "visible" : "hidden",
  })
  const label = mark(node.querySelector(".note"), { tone: count ? "" : tone })
  write(set(label, { x: 16, y: note }), fit(text, width - 32, NOTE_FONT))
}

function drawSlots(group, taken, desired, place) {
  const missing = Math.max(0, desired - taken)
  while (group.children.length > missing) group.lastChild.remove()
  while (group.children.length < missing) group.append(svg("rect", { class: "slot" }))
  const { size } = place
  ;[...group.children].forEach((node, index) =>
    set(node, { ...spotOf(taken + index, place, HEADER), width: size, height: size, rx: size / 5 }),
  )
}

function podNode(pod, door, colour) {
  const node = svg("svg", {
    class: `pod ${colour}`.trim(),
    role: "button",
    tabindex: "-1",
    viewBox: `0 0 ${UNITS} ${UNITS}`,
  })
  mark(node, { uid: pod.uid, name: pod.name })
  node.stands = door
  node.append(
    svg("title"),
    svg("rect", { class: "cell", width: UNITS, height: UNITS, rx: UNITS / 5 }),
    svg("path", { class: "mark" }),
    svg("text", { class: "suffix", x: UNITS / 2, "aria-hidden": "true" }),
  )
  return node
}

function drawPod(node, pod, { x, y }, { size, isStill }, state) {
  const words = named(pod.name, clauses([pod.status, t(WORDS[state]), pod.node, pod.disruption?.reason]))
  const key = `${x} ${y} ${size} ${words}`
  if (node.drawn === key) return
  node.drawn = key
  mark(node, { state })
  node.classList.remove("leaving")
  const unit = UNITS / size
  glide(node, { x, y }, isStill ? { x, y } : node.stands)
  set(node, { width: size, height: size, "stroke-width": 1.6 * unit, "font-size": 11 * unit })
  const [title, , sign, suffix] = node.children
  write(title, words)
  set(sign, { d: size >= SMALLEST_MARKED ? MARKS[state] : "", "stroke-width": Math.max(1.4 * unit, 3) })
  write(set(suffix, { y: UNITS + 14 * unit }), size >= SMALLEST_NAMED ? pod.name.slice(-5) : "")
}

// A state's sign as a small picture of its own.
export function sign(state, size, colour, place = {}) {
  const cell = svg("svg", {
    class: "pod",
    viewBox: `-2 -2 ${UNITS + 4} ${UNITS + 4}`,
    width: size,
    height: size,
    "stroke-width": 3,
    ...place,
  })
  cell.append(
    svg("rect", { class: "cell", width: UNITS, height: UNITS, rx: 9 }),
    svg("path", { class: "mark", d: MARKS[state], "stroke-width": 4 }),
  )
  return svg("g", { class: `sign ${colour}` }, mark(cell, { state }))
}

// In the colour of the newest ReplicaSet.
export function paintLegend(host, number) {
  for (const each of host.querySelectorAll(".sign")) set(each, { class: `sign ${hue(number)}` })
}

export function legend() {
  const list = element("ul", { className: "legend" })
  for (const [state, words] of Object.entries(WORDS)) {
    list.append(
      element(
        "li",
        {},
        svg("svg", { width: 17, height: 17, "aria-hidden": "true" }, sign(state, 17, "rev-2")),
        EXPLAINED.has(state) ? termNode(state, t(words)) : t(words),
      ),
    )
  }
  return list
}
