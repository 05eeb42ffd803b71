// The lane of traffic under the chart, on its scale of time: all requests as a band, those that are lost in red; what
// is foretold fainter, from where what has happened ends.

import { set, svg } from "../lib/nodes.js"
import { zoom } from "../lib/type.js"
import { spansOf } from "../model/traffic.js"

const HEIGHT = 30
const LEAST = 2.5 // the height of what is lost, so that little is seen too

export class TrafficLane {
  #svg = svg("svg", { class: "lane", "aria-hidden": "true" })
  #past = layer(this.#svg, "past")
  #coming = layer(this.#svg, "coming")

  constructor(host) {
    host.append(this.#svg)
  }

  // `past` and `coming` are traffics, or null; `until`: the moment shown. `scale`: the chart's.
  draw({ past, coming, until = Infinity }, scale) {
    const factor = zoom()
    const { width, from } = scale
    set(this.#svg, { width: width * factor, height: HEIGHT * factor, viewBox: `0 0 ${width} ${HEIGHT}` })
    paint(this.#past, spansOf(past, from, until), scale)
    paint(this.#coming, spansOf(coming, Math.max(from, past?.end ?? from)), scale)
  }
}

function layer(host, name) {
  const group = host.appendChild(svg("g", { class: name }))
  return ["served", "lost"].map((each) => group.appendChild(svg("path", { class: each })))
}

function paint([served, lost], spans, { width, right: margin, x }) {
  const right = (at) => Math.min(x(at), width - margin)
  const share = (each) => (each.lost ? Math.max((each.lost / (each.served + each.lost)) * HEIGHT, LEAST) : 0)
  set(served, { d: spans.length ? box(x(spans[0].at), right(spans.at(-1).until), HEIGHT) : "" })
  set(lost, { d: spans.map((each) => box(x(each.at), right(each.until), share(each))).join("") })
}

function box(left, right, height) {
  return height && right > left
    ? `M${left.toFixed(1)} 0H${right.toFixed(1)}V${height.toFixed(1)}H${left.toFixed(1)}Z`
    : ""
}
