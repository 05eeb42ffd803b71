// What an edit would do, told before it is made: one line beneath the buttons, a curve in the chart, frames in the
// strip.

import { Latest } from "../lib/latest.js"
import { copy } from "../lib/clipboard.js"
import { write } from "../lib/nodes.js"
import { address, deploymentPath } from "../lib/place.js"
import { post } from "../lib/requests.js"
import { t } from "../lib/words.js"
import { sentence } from "../model/outlook.js"
import { framesOf } from "../model/prospect.js"
import { adviceText, endText, isGood } from "../model/verdict.js"
import { VERBS } from "../model/verbs.js"
import { later } from "../model/traffic.js"
import { Assumptions } from "./assumptions.js"
import { Remedies } from "./remedies.js"
import { writeTerms } from "./terms.js"
import { Variants } from "./variants.js"

const PATIENCE_MS = 350
const FADE_MS = 1500
const GO_ON = { action: "go-on", body: {} }
const SHORTEST_SECONDS = 8
const LOOK_BACK = 0.8
const SAME_ROLLOUT_SECONDS = 5

export class Forecast {
  #text = ""
  #found = null
  #kept = []
  #name
  #line = document.getElementById("forecast")
  #compare = document.getElementById("compare")
  #advice = document.getElementById("forecast-advice")
  #onChange
  #now
  #asked = null
  #timer = null
  #fading = null
  #latest = new Latest()
  #assumptions
  #remedies
  #ahead = null
  #traffic
  #keptTraffic = null

  // `now()`: the cluster's simulated seconds; `current()`: the Deployment; `traffic`: the panel with its model's numbers.
  constructor(name, { onChange, now, current, traffic }) {
    this.#traffic = traffic
    this.#name = name
    this.#onChange = onChange
    this.#now = now
    this.#remedies = new Remedies(name, () => this.keep())
    const variants = new Variants(name, current, (points, told) => this.keep(points, told))
    this.#compare.addEventListener("click", () => this.#asked && variants.open(this.#question(), this.#found?.traffic))
    this.#assumptions = new Assumptions(() => this.again())
    document.getElementById("forecast-link").addEventListener("click", () => copy(this.#link()))
  }

  // The curve to draw: of the edit at hand, or else of the last one made, for its actual course to be drawn over; null:
  // none.
  points(film) {
    if (this.#found) return this.#found.points
    const isOfFilm = this.#kept.length > 0 && Math.abs(this.#kept[0].at - film.shownFrom) < SAME_ROLLOUT_SECONDS
    return isOfFilm ? this.#kept : null
  }

  // Of the edit at hand, or of the last one made, for as long as its curve is drawn; null: of none.
  traffic(film) {
    if (this.#found) return this.#found.traffic
    return this.points(film) ? this.#keptTraffic : null
  }

  // The same with other assumptions.
  again() {
    if (this.#asked) this.ask(this.#asked.action, this.#asked.body)
  }

  // A rollout that has been stuck for long leaves room for the edit at hand.
  shownFrom(film, now) {
    if (!this.#found) return film.shownFrom
    const span = Math.max(this.#found.points.at(-1).at - now, SHORTEST_SECONDS)
    return Math.max(film.shownFrom, now - span * LOOK_BACK)
  }

  // The frames of the edit at hand, or null.
  frames(film) {
    return this.#found && framesOf(this.#found, film, this.#found.points[0]?.at)
  }

  // Where nothing is asked, the rollout that is going on and will not complete is told of. `verdict` of going on, or null.
  tellAhead(verdict) {
    this.#ahead = isGood(verdict) ? null : verdict
    this.#answer()
  }

  // The edit was made: what was foretold begins now, however long it was looked at.
  keep(points = this.#found?.points ?? [], traffic = this.#found?.traffic) {
    const late = points.length ? this.#now() - points[0].at : 0
    this.#kept = points.map((each) => ({ ...each, at: each.at + late }))
    this.#keptTraffic = later(traffic, late)
    this.ask("", {})
  }

  // `action` and `body` as they would be sent; asked once the hand rests.
  ask(action, body) {
    clearTimeout(this.#timer)
    clearTimeout(this.#fading)
    this.#latest.forget()
    if (!isForeseen(action)) return this.#show("", null)
    this.#timer = setTimeout(() => this.#fetch(action, body), PATIENCE_MS)
    return undefined
  }

  // What is pointed at has no forecast: the one shown stays long enough to go and read it.
  fade() {
    clearTimeout(this.#timer)
    clearTimeout(this.#fading)
    this.#fading = setTimeout(() => this.ask("", {}), FADE_MS)
  }

  // It is being read, or its assumptions are edited.
  hold() {
    clearTimeout(this.#fading)
  }

  // The same in words alone; "" for what can't be foretold, such as a text that is half written.
  async tell(action, body) {
    try {
      return sentence((await this.#foresee(action, body))[0], action)
    } catch {
      return ""
    }
  }

  async #foresee(action, body) {
    const asked = { action, body, overrides: this.#assumptions.overrides, traffic: this.#traffic.model }
    return (await post(`${deploymentPath(this.#name)}forecast/`, asked)).forecasts
  }

  // What is asked now: {action, body, overrides, traffic}, as it is sent.
  #question() {
    return { ...this.#asked, overrides: this.#assumptions.overrides, traffic: this.#traffic.model }
  }

  #link() {
    const link = new URL(location)
    link.search = new URLSearchParams({ forecast: JSON.stringify(this.#question()) })
    return link.href
  }

  // The edit and the assumptions of a link that was opened: {action, body}, or null.
  opened() {
    const text = new URLSearchParams(location.search).get("forecast")
    try {
      const { action, body = {}, overrides = {}, traffic = {} } = JSON.parse(text)
      if (!isForeseen(action)) return null
      this.#assumptions.give(overrides)
      this.#traffic.give(traffic)
      this.ask(action, body)
      return { action, body }
    } catch {
      return null // no link, or one that was cut
    }
  }

  async #fetch(action, body) {
    this.#asked = { action, body }
    const told = await this.#latest.of(this.#foresee(action, body).then(([found]) => ({ found }), problemOf))
    if (told?.found) this.#show(sentence(told.found, action), told.found)
    else if (told) this.#show(t("No forecast: %(message)s", told), null)
  }

  #show(text, found) {
    this.#text = text
    this.#found = found
    writeTerms(this.#line, text)
    this.#compare.hidden = !found
    this.#assumptions.draw(found)
    write(this.#advice, found ? adviceText(found.verdict) : "")
    if (found) this.#offerFiles()
    this.#answer()
    this.#onChange()
  }

  // Why the edit at hand does not complete, or what goes on, and what helps.
  #answer() {
    if (this.#found || this.#text) return this.#remedies.draw(this.#question(), this.#found?.verdict)
    writeTerms(this.#line, this.#ahead ? t("This rollout: %(end)s.", { end: endText(this.#ahead) }) : "")
    return this.#remedies.draw(GO_ON, this.#ahead)
  }

  #offerFiles() {
    const query = new URLSearchParams({ forecast: JSON.stringify(this.#question()) })
    for (const kind of ["svg", "html"])
      document.getElementById(`forecast-${kind}`).href = address(
        `${deploymentPath(this.#name)}forecast.${kind}?${query}`,
      )
  }
}

// An edited text is foretold in its editor.
function isForeseen(action) {
  return Boolean(VERBS[action]?.isForeseen) && action !== "edit"
}

// {message} of a refusal, its fields named.
function problemOf({ message, status }) {
  return { message: status?.details?.causes?.map((each) => `${each.field}: ${each.message}`).join("; ") || message }
}
