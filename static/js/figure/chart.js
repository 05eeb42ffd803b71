// Total and available pods over time, between the surge ceiling and the availability floor; terminating pods apart;
// what is foretold dashed.

import { set, svg, write } from "../lib/nodes.js"
import { number } from "../lib/numbers.js"
import { textWidth, zoom } from "../lib/type.js"
import { duration, t } from "../lib/words.js"

const LOWEST = 120
const MARGIN = { left: 40, right: 92, top: 40, bottom: 27 }
const NARROW = 560
const SHORTEST_SECONDS = 12
const LINE = 14
const FONT = "11.5px sans"
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400]
const LAYERS = {
  band: "path",
  grid: "g",
  dying: "path",
  under: "path",
  forecast: "path",
  ceiling: "path",
  floor: "path",
  available: "path",
  total: "path",
  now: "line",
  texts: "g",
}

export class Chart {
  #host
  #svg
  #parts = {}
  #scale = null
  #height = LOWEST

  // `onPick(seconds)`: a moment was pointed at.
  constructor(host, { onPick = null } = {}) {
    this.#host = host
    const name = t("The number of pods over time")
    this.#svg = svg("svg", { class: onPick ? "chart pickable" : "chart", role: "img", "aria-label": name })
    this.#svg.append(
      svg(
        "defs",
        {},
        svg(
          "pattern",
          { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
          svg("path", { class: "hatch", d: "M-1 7L7-1M-1 1L1-1M5 7L7 5" }),
        ),
      ),
    )
    for (const [name, kind] of Object.entries(LAYERS))
      this.#parts[name] = this.#svg.appendChild(svg(kind, { class: name }))
    host.append(this.#svg)
    if (onPick) this.#listen(onPick)
  }

  // Of what was drawn last: {width, from, x(at)}; null before.
  get scale() {
    return this.#scale
  }

  // `forecast`: points of a rehearsal, on the film's clock, beneath; `until`: the moment shown, the rest is not drawn
  // yet.
  draw(film, now, { forecast = [], until: shown = Infinity, from = film.startedAt } = {}) {
    const points = windowOf(film.points, from).filter((each) => each.at <= shown)
    if (!points.length) return
    const foreseen = windowOf(forecast, from)
    const end = endOf(film, now, from, foreseen, shown)
    const scale = this.#measure(film, foreseen, from, end)
    const until = Math.min(shown, Math.max(Math.min(now, end), points.at(-1).at))
    const goesOn = film.endedAt === null || shown < end
    const drawn = goesOn ? until : end
    const { band, dying, under, ceiling, floor, available, total } = this.#parts
    set(band, {
      d: area(
        points,
        scale,
        (each) => each.ceiling,
        (each) => each.floor,
        end,
      ),
    })
    set(dying, {
      d: area(
        points,
        scale,
        (each) => each.total + each.terminating,
        (each) => each.total,
        drawn,
      ),
    })
    set(under, {
      d: area(
        points,
        scale,
        (each) => each.available,
        () => 0,
        drawn,
      ),
    })
    set(ceiling, { d: steps(points, scale, (each) => each.ceiling, end) })
    set(floor, { d: steps(points, scale, (each) => each.floor, end) })
    set(available, { class: isBelow(points) ? "available below" : "available" })
    set(available, { d: steps(points, scale, (each) => each.available, drawn) })
    set(total, { d: steps(points, scale, (each) => each.total, drawn) })
    set(this.#parts.forecast, {
      d: foreseen.length
        ? [(each) => each.total, (each) => each.available].map((value) => steps(foreseen, scale, value, end)).join("")
        : "",
    })
    const line = { x1: scale.x(until), x2: scale.x(until), y1: MARGIN.top - 8, y2: this.#height - MARGIN.bottom }
    set(this.#parts.now, { ...line, visibility: goesOn ? "visible" : "hidden" })
    this.#drawGrid(scale, end - from)
    this.#drawTexts(points.at(-1), scale, {
      from,
      until,
      goesOn,
      seconds: end - from,
      hasForecast: foreseen.length > 0,
    })
    set(this.#svg, {
      "aria-label": t("%(total)s pods, %(available)s available; ceiling %(ceiling)s, floor %(floor)s", points.at(-1)),
    })
  }

  #measure(film, foreseen, from, end) {
    const factor = zoom()
    const width = Math.max(this.#host.clientWidth / factor, 280)
    const height = Math.max(this.#host.clientHeight / factor, LOWEST)
    this.#height = height
    const right = width < NARROW ? 12 : MARGIN.right
    const seen = [...windowOf(film.points, from), ...foreseen]
    const most = Math.max(1, ...seen.map((each) => Math.max(each.total + each.terminating, each.ceiling)))
    set(this.#svg, { width: width * factor, height: height * factor, viewBox: `0 0 ${width} ${height}` })
    this.#scale = {
      width,
      height,
      right,
      most,
      from,
      x: (at) => MARGIN.left + ((Math.max(at, from) - from) / (end - from)) * (width - MARGIN.left - right),
      y: (count) => height - MARGIN.bottom - (count / (most * 1.06)) * (height - MARGIN.top - MARGIN.bottom),
      at: (x) => from + ((x - MARGIN.left) / (width - MARGIN.left - right)) * (end - from),
    }
    return this.#scale
  }

  #drawGrid(scale, seconds) {
    const lines = marksOf(seconds, scale).map((each) => ({
      x1: scale.x(scale.from + each),
      x2: scale.x(scale.from + each),
      y1: MARGIN.top,
      y2: this.#height - MARGIN.bottom,
    }))
    fillWith(this.#parts.grid, "line", lines, (node, each) => set(node, each))
  }

  #drawTexts(last, scale, { from, until, goesOn, seconds, hasForecast }) {
    const { width, right } = scale
    const bottom = this.#height - 10
    const now = t("now %(time)s", { time: duration(until - from) })
    const nowAt = Math.min(
      Math.max(scale.x(until), MARGIN.left + textWidth(now, FONT) / 2),
      width - textWidth(now, FONT) / 2 - 2,
    )
    const texts = [
      ...marksOf(seconds, scale).map((each) => [
        scale.x(from + each),
        bottom,
        "tick middle",
        each ? duration(each, 0) : "0",
      ]),
      ...(goesOn ? [[nowAt, MARGIN.top - 11, "nowtext middle", now]] : []),
      ...keys(scale, hasForecast),
      ...heights(last, scale).map(([count, y]) => [MARGIN.left - 9, y, "end tick", number(count)]),
      ...limits(last, scale, right),
    ]
    fillWith(this.#parts.texts, "text", texts, (node, [x, y, kind, text]) =>
      write(set(node, { x, y, class: kind }), text),
    )
  }

  #listen(onPick) {
    const pick = ({ clientX, buttons }) => {
      if (!this.#scale || !buttons) return
      const { left, width } = this.#svg.getBoundingClientRect()
      onPick(this.#scale.at(((clientX - left) / width) * this.#scale.width) - this.#scale.from)
    }
    this.#svg.addEventListener("pointerdown", (event) => {
      this.#svg.setPointerCapture(event.pointerId)
      pick(event)
    })
    this.#svg.addEventListener("pointermove", pick)
  }
}

// A rollout that is complete ends a little after its last change, however long ago that was.
function endOf(film, now, from, foreseen, shown) {
  const last = Math.max(film.points.at(-1).at, film.endedAt ?? 0)
  const tail = Math.max(1.5, (last - from) * 0.06)
  const end = film.endedAt === null && shown === Infinity ? now : last + tail
  return Math.max(end, from + SHORTEST_SECONDS, ...foreseen.slice(-1).map((each) => each.at + 1))
}

// Below the floor now, and not only because the first pods have yet to start.
function isBelow(points) {
  const { available, floor } = points.at(-1)
  return available < floor && points.some((each) => each.available >= each.floor)
}

// What is shown begins with what was so at its beginning.
function windowOf(points, from) {
  const first = points.findLastIndex((each) => each.at <= from)
  return first < 0 ? points : points.slice(first).map((each) => (each.at < from ? { ...each, at: from } : each))
}

// The legend above the plot; the now line's name is beneath it.
function keys({ width }, hasForecast) {
  const named = [
    ["total", `━ ${t("total")}`],
    ["available", `━ ${t("available")}`],
    ["dying", `▨ ${t("terminating")}`],
    ...(hasForecast ? [["forecast", `┅ ${t("forecast")}`]] : []),
  ]
  let x = MARGIN.left
  return named.flatMap(([name, text]) => {
    const key = [x, 12, `key-${name}`, text]
    x += textWidth(text, FONT) + 16
    return x - 16 < width ? [key] : []
  })
}

function marksOf(seconds, { width, right }) {
  const room = Math.max(2, Math.floor((width - MARGIN.left - right) / 96))
  const step = TICKS.find((each) => seconds / each <= room) ?? Math.ceil(seconds / room)
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, place) => place * step)
}

// Numbers at the left: the limits first, then what still finds room between them.
function heights({ ceiling, floor }, { most, y }) {
  const chosen = []
  for (const count of [ceiling, floor, 0, most, Math.round(most / 2)]) {
    if (chosen.every(([, at]) => Math.abs(at - y(count) - 4) >= LINE)) chosen.push([count, y(count) + 4])
  }
  return chosen
}

// The limits' names: at the right end of their lines where there is room, else over and under them.
function limits({ ceiling, floor }, { width, height, y }, right) {
  const names = [t("ceiling %(ceiling)s", { ceiling }), t("floor %(floor)s", { floor })]
  if (right >= MARGIN.right) {
    const apart = Math.max(0, (2 * LINE + 2 - (y(floor) - y(ceiling))) / 2 - LINE / 2)
    return [
      [width - right + 8, y(ceiling) + 4 - apart, "limit", names[0]],
      [width - right + 8, y(floor) + 4 + apart, "limit", names[1]],
    ]
  }
  return [
    [MARGIN.left + 5, y(ceiling) - 6, "limit", names[0]],
    [MARGIN.left + 5, Math.min(y(floor) + 14, height - MARGIN.bottom - 5), "limit", names[1]],
  ]
}

function fillWith(group, kind, list, draw) {
  while (group.children.length > list.length) group.lastChild.remove()
  while (group.children.length < list.length) group.append(svg(kind))
  list.forEach((each, place) => draw(group.children[place], each))
}

function steps(points, { x, y }, value, until) {
  let path = ""
  points.forEach((each, place) => {
    path += place
      ? `H${x(each.at).toFixed(1)}V${y(value(each)).toFixed(1)}`
      : `M${x(each.at).toFixed(1)} ${y(value(each)).toFixed(1)}`
  })
  return `${path}H${x(until).toFixed(1)}`
}

function area(points, scale, top, bottom, until) {
  const back = []
  points.forEach((each, place) => {
    const end = points[place + 1]?.at ?? until
    back.unshift(
      `L${scale.x(end).toFixed(1)} ${scale.y(bottom(each)).toFixed(1)}L${scale.x(each.at).toFixed(1)} ${scale.y(bottom(each)).toFixed(1)}`,
    )
  })
  return `${steps(points, scale, top, until)}${back.join("")}Z`
}
