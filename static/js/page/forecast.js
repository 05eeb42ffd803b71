// An exported forecast: what the picture does not say, in the words of the page. All it needs is in the file.

import { element, write } from "../lib/nodes.js"
import { listed } from "../lib/numbers.js"
import { duration, named, sentences, t } from "../lib/words.js"
import { assumption, remarks } from "../model/assuming.js"
import { sentence } from "../model/outlook.js"
import { lineText } from "../model/rehearsalwords.js"
import { ASSUMPTIONS, words } from "../model/traffic.js"
import { adviceText, causeText } from "../model/verdict.js"
import { whyText } from "../model/why.js"

const host = (id) => document.getElementById(id)

// `lines`: what happens, each with `at` in seconds since now.
export function show({ forecast, action, lines }) {
  const { verdict, traffic, assumes, unacted } = forecast
  write(host("result"), sentence(forecast, action))
  list(host("causes"), verdict.because.map(causeText))
  write(host("advice"), adviceText(verdict))
  showTraffic(traffic)
  list(
    host("assumptions"),
    assumes.map((each) => sentences([assumption(each), ...remarks(each)])),
  )
  list(
    host("unacted"),
    unacted.map(({ places, text }) => named(listed(places), text)),
  )
  host("unacted-title").hidden = !unacted.length
  host("steps").append(...lines.map(row))
}

function showTraffic(traffic) {
  host("traffic").hidden = !traffic
  if (!traffic) return
  write(host("traffic-words"), words(traffic))
  list(
    host("traffic-model"),
    ASSUMPTIONS.map((each) => t(each)),
  )
}

function list(node, texts) {
  node.hidden = !texts.length
  node.append(...texts.map((each) => element("li", {}, each)))
}

function row(line) {
  const why = whyText(line.why)
  const told = element("td", {}, lineText(line))
  if (why) told.append(element("br"), element("span", { className: "quiet" }, why))
  return element("tr", {}, element("td", { className: "at" }, duration(Math.max(0, line.at))), told)
}
