// A node as a board: its name and marks, a bar for each resource with what is taken and what is free, and the words of
// who refuses a pod or holds one. Its pods are drawn over it (boards.js).

import { hue, mark, set, svg, write } from "../lib/nodes.js"
import { fit, textWidth } from "../lib/type.js"
import { number } from "../lib/numbers.js"
import { t, tn } from "../lib/words.js"
import { quantity } from "../model/nodes.js"
import { BAR_LINE, COUNT_LINE, LINE, PAD } from "./boardlayout.js"
import { sign, WORDS } from "./pods.js"

const FONTS = { name: "700 13px mono", zone: "12px sans", line: "12px sans", small: "11.5px sans" }
const BAR_HEIGHT = 7

export function boardNode({ name }) {
  const node = svg(
    "svg",
    { class: "board" },
    svg("title"),
    svg("rect", { class: "frame", rx: 13 }),
    svg("text", { class: "name", x: PAD, y: 24 }),
    svg("text", { class: "zone", y: 24 }),
  )
  for (const part of ["marks", "bars", "counts", "refusals"]) node.append(svg("g", { class: part }))
  return mark(node, { name })
}

// `each`: {name, row, marks, amounts, refusals, counts, numbers}; the texts of `marks` and `refusals` fit already,
// `amounts` is what model/nodes.js allocated, `numbers` are those of the ReplicaSets by uid.
export function drawBoard(node, each, place) {
  const { name, row, marks, amounts, refusals, counts } = each
  const { width, height } = place
  set(node, { x: place.x, y: place.y, width, height })
  mark(node, { cordoned: Boolean(row?.unschedulable), refused: refusals.length > 0 })
  write(node.firstChild, titleOf(each))
  set(node.querySelector(".frame"), { width, height })
  const zone = row?.zone ?? ""
  const room = width - 2 * PAD
  write(node.querySelector(".name"), fit(name, room - (zone ? textWidth(zone, FONTS.zone) + 10 : 0), FONTS.name))
  write(set(node.querySelector(".zone"), { x: width - PAD }), fit(zone, room / 2, FONTS.zone))
  drawLines(node.querySelector(".marks"), marks, 42)
  const under = 34 + marks.length * LINE
  drawBars(node.querySelector(".bars"), amounts, each.numbers, { top: under, room })
  drawCounts(node.querySelector(".counts"), counts, each.newest, place.top)
  drawLines(node.querySelector(".refusals"), refusals, height - 12 - (refusals.length - 1) * LINE)
}

// {text, tone} beneath each other, or where `x` and `row` say.
export function drawLines(group, lines, top) {
  while (group.children.length > lines.length) group.lastChild.remove()
  while (group.children.length < lines.length) group.append(svg("text"))
  lines.forEach(({ text, tone = "", x = PAD, row }, place) =>
    write(mark(set(group.children[place], { x, y: top + (row ?? place) * LINE }), { tone }), text),
  )
}

function drawBars(group, amounts, numbers, { top, room }) {
  while (group.children.length > amounts.length) group.lastChild.remove()
  while (group.children.length < amounts.length) group.append(barNode())
  amounts.forEach((each, place) =>
    drawBar(group.children[place], each, numbers, { y: top + place * BAR_LINE + 12, room }),
  )
}

function barNode() {
  return svg(
    "g",
    { class: "bar" },
    svg("text", { class: "taken", x: PAD }),
    svg("text", { class: "free" }),
    svg("rect", { class: "whole", x: PAD, height: BAR_HEIGHT, rx: 3 }),
    svg("g", { class: "parts" }),
  )
}

function drawBar(node, each, numbers, { y, room }) {
  const [taken, free, whole, parts] = node.children
  const right = freeText(each)
  mark(node, { resource: each.name })
  write(set(free, { x: PAD + room, y }), right)
  write(set(taken, { y }), fit(takenText(each), room - textWidth(right, FONTS.line) - 8, FONTS.line))
  set(whole, { y: y + 6, width: room })
  drawParts(parts, each, numbers, { y: y + 6, room })
}

// Others' pods first, in grey, then each revision's.
function drawParts(group, { allocatable, taken, others, parts }, numbers, { y, room }) {
  const shown = [{ colour: "others", amount: others }, ...parts.map((each) => coloured(each, numbers))]
  while (group.children.length > shown.length) group.lastChild.remove()
  while (group.children.length < shown.length) group.append(svg("rect", { height: BAR_HEIGHT }))
  const unit = room / Math.max(allocatable, taken, 1)
  let x = PAD
  shown.forEach(({ colour, amount }, place) => {
    set(group.children[place], { class: colour, x, y, width: amount * unit })
    x += amount * unit
  })
}

function coloured({ owner, amount }, numbers) {
  return { colour: hue(numbers.get(owner)), amount }
}

// For thousands of pods: how many are in which state.
function drawCounts(group, counts, newest, top) {
  const rows = counts.map(({ state, count }, place) => {
    const y = top + place * COUNT_LINE
    const text = svg("text", { x: PAD + 21, y: y + 11.5 })
    write(text, `${number(count)} ${t(WORDS[state])}`)
    return svg("g", {}, sign(state, 14, hue(newest), { x: PAD, y }), text)
  })
  group.replaceChildren(...rows)
}

export function takenText({ name, taken, allocatable, percent }) {
  const values = { taken: quantity(name, taken), allocatable: quantity(name, allocatable), percent: `${percent}%` }
  return `${name} ${t("%(taken)s of %(allocatable)s (%(percent)s)", values)}`
}

export function freeText({ name, free }) {
  return t("%(amount)s free", { amount: quantity(name, free) })
}

export function amountsText([cpu, memory]) {
  const parts = [cpu && `cpu ${quantity("cpu", cpu)}`, memory && `memory ${quantity("memory", memory)}`]
  return parts.filter(Boolean).join(", ")
}

function titleOf({ name, row, marks, amounts, cells }) {
  const told = [
    ...marks.map(({ text }) => text),
    ...amounts.map((each) => `${takenText(each)}, ${freeText(each)}`),
    tn("%(count)s pod of this Deployment", "%(count)s pods of this Deployment", cells.length),
  ]
  return `${name}${row?.zone ? ` (${row.zone})` : ""}: ${told.join("; ")}`
}
