// Total and available pods over time, between the surge ceiling and the availability floor.

import { duration, set, svg, t, write } from "./format.js"

const HEIGHT = 230
const MARGIN = { left: 46, right: 14, top: 34, bottom: 34 }
const SHORTEST_SECONDS = 15
const KEY_LETTER = 6.6
const LINE = 13

export class Chart {
  #host
  #svg
  #parts = {}

  constructor(host) {
    this.#host = host
    this.#svg = svg("svg", { class: "chart", role: "img", height: HEIGHT })
    for (const name of ["band", "dying", "forecast", "ceiling", "floor", "available", "total", "now", "texts"]) {
      const kind = { texts: "g", now: "line" }[name] ?? "path"
      this.#parts[name] = this.#svg.appendChild(svg(kind, { class: name }))
    }
    host.append(this.#svg)
  }

  // `forecast`: points of a rehearsal, on the film's clock, drawn beneath.
  draw(film, now, { forecast = [], until: shown = Infinity } = {}) {
    const points = film.points.filter((each) => each.at <= shown)
    if (!points.length) return
    const width = Math.max(this.#host.clientWidth, 300)
    const everything = [...film.points, ...forecast]
    const end = Math.max(now, film.startedAt + SHORTEST_SECONDS, ...everything.map((each) => each.at))
    const most = Math.max(1, ...everything.map((each) => Math.max(each.total + each.terminating, each.ceiling)))
    const scale = {
      x: (at) => MARGIN.left + ((at - film.startedAt) / (end - film.startedAt)) * (width - MARGIN.left - MARGIN.right),
      y: (count) => HEIGHT - MARGIN.bottom - (count / (most * 1.12)) * (HEIGHT - MARGIN.top - MARGIN.bottom),
    }
    set(this.#svg, { width, viewBox: `0 0 ${width} ${HEIGHT}` })
    const until = Math.min(shown, Math.max(now, points.at(-1).at))
    const line = (value) => steps(points, scale, value, until)
    const { band, dying, ceiling, floor, available, total } = this.#parts
    set(this.#parts.forecast, { d: forecast.length ? steps(forecast, scale, (each) => each.available, end) : "" })
    set(band, { d: area(points, scale, (each) => each.ceiling, (each) => each.floor, end) })
    set(dying, { d: area(points, scale, (each) => each.total + each.terminating, (each) => each.total, until) })
    set(ceiling, { d: steps(points, scale, (each) => each.ceiling, end) })
    set(floor, { d: steps(points, scale, (each) => each.floor, end) })
    set(available, { d: line((each) => each.available) })
    set(total, { d: line((each) => each.total) })
    set(this.#parts.now, { x1: scale.x(until), x2: scale.x(until), y1: MARGIN.top - 6, y2: HEIGHT - MARGIN.bottom })
    this.#drawTexts(points.at(-1), scale, width, { end, most, film, forecast })
    set(this.#svg, { "aria-label": t("%(total)s pods, %(available)s available; ceiling %(ceiling)s, floor %(floor)s", points.at(-1)) })
  }

  #drawTexts(last, scale, width, { end, most, film, forecast }) {
    const texts = [
      [MARGIN.left, HEIGHT - 10, "start", "0 s"],
      [width - MARGIN.right, HEIGHT - 10, "end", duration(end - film.startedAt)],
      ...keys(width, forecast.length > 0),
      ...ticks(last, most, scale.y).map(([count, y]) => [MARGIN.left - 8, y, "end tick", count.toLocaleString()]),
      ...limits(last, scale.y).map(([y, text]) => [width - MARGIN.right - 4, y, "end limit", text]),
    ]
    const group = this.#parts.texts
    while (group.children.length > texts.length) group.lastChild.remove()
    while (group.children.length < texts.length) group.append(svg("text"))
    texts.forEach(([x, y, kind, text], place) => write(set(group.children[place], { x, y, class: kind }), text))
  }
}

function keys(width, forecast) {
  const named = [
    ["total", `━ ${t("total")}`],
    ["available", `━ ${t("available")}`],
    ["dying", `▒ ${t("terminating")}`],
    ...(forecast ? [["forecast", `┅ ${t("forecast of available")}`]] : []),
  ]
  let x = MARGIN.left
  return named.map(([name, text]) => {
    const key = [x, 14, `start key-${name}`, text]
    x += text.length * KEY_LETTER + 14
    return key
  }).filter(([at, , , text]) => at + text.length * KEY_LETTER < width)
}

// Numbers at the left: the limits first, then what still finds room between them.
function ticks({ ceiling, floor }, most, y) {
  const chosen = []
  for (const count of [ceiling, floor, 0, most]) {
    if (chosen.every(([, at]) => Math.abs(at - y(count) - 4) >= LINE)) chosen.push([count, y(count) + 4])
  }
  return chosen
}

// The ceiling's name above its line, the floor's beneath: they never meet.
function limits({ ceiling, floor }, y) {
  const lowest = HEIGHT - MARGIN.bottom - 5
  return [
    [y(ceiling) - 6, t("surge ceiling %(ceiling)s", { ceiling })],
    [Math.min(y(floor) + 14, lowest), t("availability floor %(floor)s", { floor })],
  ]
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
