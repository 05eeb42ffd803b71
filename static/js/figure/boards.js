// A Deployment by node: the nodes as boards with what is taken and what is free, each pod on its node in its revision's
// colour, and apart from them the pods that have no node, with the scheduler's reason.

import { hue, mark, set, svg, write } from "../lib/nodes.js"
import { isPresented } from "../lib/stage.js"
import { zoom } from "../lib/type.js"
import { t } from "../lib/words.js"
import { cellSpot, layOutBoards } from "./boardlayout.js"
import { describeBoards } from "./boardwords.js"
import { PodFocus } from "./focus.js"
import { MOST_CELLS } from "./layout.js"
import { boardNode, drawBoard, drawLines } from "./nodeboard.js"
import { joinPods } from "./pods.js"
import { deploymentBox, drawDeployment } from "./sets.js"

const MOST_STILL_MOVING = 2000
const NARROWEST = 280
const FOOT = 6

export class Boards {
  #host
  #nodes
  #svg
  #box
  #bands
  #waiting
  #boards
  #pods
  #focus
  #rooms = new Map() // the most pods that a node had since all was complete, so that boards don't jump
  #width = 0

  // `nodes`: model/nodes.js's; null where nothing is known of them.
  constructor(host, { onPod = () => {}, nodes = null } = {}) {
    this.#host = host
    this.#nodes = nodes
    this.#svg = svg("svg", {
      class: "figure by-node",
      role: "group",
      "aria-label": t("The nodes, what is taken of them, and the Deployment's pods on them"),
    })
    this.#box = this.#svg.appendChild(deploymentBox())
    this.#bands = this.#svg.appendChild(svg("g", { class: "bands" }))
    this.#waiting = this.#svg.appendChild(
      svg(
        "svg",
        { class: "unscheduled" },
        svg("rect", { class: "frame", rx: 13 }),
        svg("text", { class: "name", x: 16, y: 23 }),
        svg("g", { class: "reasons" }),
      ),
    )
    this.#boards = this.#svg.appendChild(svg("g", { class: "boards" }))
    this.#pods = this.#svg.appendChild(svg("g", { class: "pods" }))
    host.append(this.#svg)
    this.#focus = new PodFocus(this.#svg, onPod)
  }

  draw(cluster, deployment, tone = "") {
    const scale = zoom()
    const width = Math.max(Math.round(this.#host.clientWidth / scale), NARROWEST)
    const room = isPresented() ? this.#host.clientHeight / scale : 0
    const told = describeBoards(cluster, deployment, this.#nodes, width)
    for (const each of told.boards) each.room = this.#roomOf(each, told.isSettled)
    const { band, unscheduled, places, size, bottom } = layOutBoards(
      {
        bands: Math.max(...told.bands.map(({ row }) => row + 1), 0),
        unscheduled: { pods: told.unscheduled.cells.length, lines: told.unscheduled.reasons.length },
        boards: told.boards.map(linesOf),
      },
      width,
      room && room - FOOT,
    )
    const isStill = told.pods > MOST_STILL_MOVING || width !== this.#width
    this.#width = width
    drawDeployment(this.#box, deployment, width, tone)
    drawBands(this.#bands, told.bands, band)
    drawUnscheduled(this.#waiting, told.unscheduled, unscheduled)
    this.#join(told.boards, places)
    const cells = told.pods > MOST_CELLS ? [] : cellsOf(told, unscheduled, places)
    joinPods(this.#pods, cells, { size, door: { x: width / 2 - size / 2, y: 60 }, isStill: isStill || !this.#width })
    this.#focus.keep()
    const height = bottom + FOOT
    set(this.#svg, {
      width: width * scale,
      height: Math.min(height, room || height) * scale,
      viewBox: `0 0 ${width} ${height}`,
      class: told.pods > MOST_STILL_MOVING ? "figure by-node still" : "figure by-node",
    })
  }

  #roomOf({ name, cells }, isSettled) {
    const room = Math.max(cells.length, isSettled ? 0 : (this.#rooms.get(name) ?? 0))
    this.#rooms.set(name, room)
    return room
  }

  #join(boards, places) {
    const known = new Map([...this.#boards.children].map((each) => [each.dataset.name, each]))
    for (const each of boards) {
      const node = known.get(each.name) ?? this.#boards.appendChild(boardNode(each))
      known.delete(each.name)
      drawBoard(node, each, places.get(each.name))
    }
    for (const gone of known.values()) gone.remove()
  }
}

function linesOf({ name, marks, amounts, room, counts, refusals }) {
  return {
    name,
    marks: marks.length,
    bars: amounts.length,
    pods: room,
    counts: counts.length,
    refusals: refusals.length,
  }
}

function cellsOf({ unscheduled, boards }, waiting, places) {
  const spotted = (cells, place) => cells.map((each, index) => ({ ...each, at: cellSpot(index, place) }))
  return [
    ...spotted(unscheduled.cells, waiting),
    ...boards.flatMap(({ name, cells }) => spotted(cells, places.get(name))),
  ]
}

// Revisions with their colours, budgets, and what is not shown.
function drawBands(group, bands, top) {
  drawLines(group, bands, top)
  bands.forEach(({ number, isOther }, place) =>
    set(group.children[place], { class: number ? `revision ${hue(number)}` : isOther ? "other" : "" }),
  )
}

function drawUnscheduled(node, { title, reasons, cells }, place) {
  mark(set(node, { x: place.x, y: place.y, width: place.width, height: place.height }), { count: cells.length })
  set(node.querySelector(".frame"), { width: place.width, height: place.height })
  write(node.querySelector(".name"), title)
  drawLines(node.querySelector(".reasons"), reasons, place.height - 12 - (reasons.length - 1) * 17)
}
