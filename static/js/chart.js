// Total and available pods over time, between the surge ceiling and the availability floor.

import { duration, set, svg, t, write } from "./format.js"

const HEIGHT = 230
const MARGIN = { left: 36, right: 14, top: 34, bottom: 34 }
const SHORTEST_SECONDS = 15

export class Chart {
  #host
  #svg
  #parts = {}

  constructor(host) {
    this.#host = host
    this.#svg = svg("svg", { class: "chart", role: "img", height: HEIGHT })
    for (const name of ["band", "grid", "dying", "ceiling", "floor", "available", "total", "now", "texts"]) {
      const kind = { grid: "g", texts: "g", now: "line" }[name] ?? "path"
      this.#parts[name] = this.#svg.appendChild(svg(kind, { class: name }))
    }
    host.append(this.#svg)
  }

  draw(film, now, deployment) {
    const points = film.points
    if (!points.length) return
    const width = Math.max(this.#host.clientWidth, 300)
    const end = Math.max(now, points.at(-1).at, film.startedAt + SHORTEST_SECONDS)
    const most = Math.max(1, ...points.map((each) => Math.max(each.total + each.terminating, each.ceiling)))
    const scale = {
      x: (at) => MARGIN.left + ((at - film.startedAt) / (end - film.startedAt)) * (width - MARGIN.left - MARGIN.right),
      y: (count) => HEIGHT - MARGIN.bottom - (count / (most * 1.12)) * (HEIGHT - MARGIN.top - MARGIN.bottom),
    }
    set(this.#svg, { width, viewBox: `0 0 ${width} ${HEIGHT}` })
    const until = Math.max(now, points.at(-1).at)
    const line = (value) => steps(points, scale, value, until)
    const { band, dying, ceiling, floor, available, total } = this.#parts
    set(band, { d: area(points, scale, (each) => each.ceiling, (each) => each.floor, until) })
    set(dying, { d: area(points, scale, (each) => each.total + each.terminating, (each) => each.total, until) })
    set(ceiling, { d: line((each) => each.ceiling) })
    set(floor, { d: line((each) => each.floor) })
    set(available, { d: line((each) => each.available) })
    set(total, { d: line((each) => each.total) })
    set(this.#parts.now, { x1: scale.x(until), x2: scale.x(until), y1: MARGIN.top - 6, y2: HEIGHT - MARGIN.bottom })
    this.#drawTexts(points.at(-1), scale, width, { end, most, film, deployment })
    set(this.#svg, { "aria-label": t("%(total)s pods, %(available)s available; ceiling %(ceiling)s, floor %(floor)s", points.at(-1)) })
  }

  #drawTexts(last, scale, width, { end, most, film, deployment }) {
    const { surge, unavailable, replicas } = deployment
    const texts = [
      [width - MARGIN.right, 14, "end ceiling", t("surge ceiling %(ceiling)s = %(replicas)s + %(surge)s", { ceiling: last.ceiling, replicas, surge })],
      [width - MARGIN.right, Math.min(scale.y(last.floor) + 16, HEIGHT - MARGIN.bottom - 6), "end floor", t("availability floor %(floor)s = %(replicas)s − %(unavailable)s", { floor: last.floor, replicas, unavailable })],
      [MARGIN.left, HEIGHT - 10, "start", "0 s"],
      [width - MARGIN.right, HEIGHT - 10, "end", duration(end - film.startedAt)],
      [MARGIN.left, 14, "start key-total", `━ ${t("total")}`],
      [MARGIN.left + 62, 14, "start key-available", `━ ${t("available")}`],
    ]
    if (width > 560) texts.push([MARGIN.left + 152, 14, "start key-dying", `▒ ${t("terminating")}`])
    const ticks = new Set([0, last.floor, last.ceiling, most])
    for (const count of ticks) texts.push([MARGIN.left - 8, scale.y(count) + 4, "end tick", String(count)])
    const group = this.#parts.texts
    while (group.children.length > texts.length) group.lastChild.remove()
    while (group.children.length < texts.length) group.append(svg("text"))
    texts.forEach(([x, y, kind, text], place) => write(set(group.children[place], { x, y, class: kind }), text))
  }
}

function steps(points, { x, y }, value, until) {
  let path = ""
  points.forEach((each, place) => {
    path += place ? `H${x(each.at).toFixed(1)}V${y(value(each)).toFixed(1)}` : `M${x(each.at).toFixed(1)} ${y(value(each)).toFixed(1)}`
  })
  return `${path}H${x(until).toFixed(1)}`
}

function area(points, scale, top, bottom, until) {
  const back = []
  points.forEach((each, place) => {
    const end = points[place + 1]?.at ?? until
    back.unshift(`L${scale.x(end).toFixed(1)} ${scale.y(bottom(each)).toFixed(1)}L${scale.x(each.at).toFixed(1)} ${scale.y(bottom(each)).toFixed(1)}`)
  })
  return `${steps(points, scale, top, until)}${back.join("")}Z`
}
