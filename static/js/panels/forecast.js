// What an edit would do, told before it is made: one line beneath the buttons, a curve in the chart, frames in the
// strip.

import { Latest } from "../lib/latest.js"
import { write } from "../lib/nodes.js"
import { deploymentPath } from "../lib/place.js"
import { post } from "../lib/requests.js"
import { t } from "../lib/words.js"
import { sentence } from "../model/outlook.js"
import { framesOf } from "../model/prospect.js"
import { Variants } from "./variants.js"

const PATIENCE_MS = 350
const FORESEEN = new Set(["set-image", "scale", "tune", "restart", "resume", "undo"])
const SHORTEST_SECONDS = 8
const LOOK_BACK = 0.8
const SAME_ROLLOUT_SECONDS = 5

export class Forecast {
  #found = null
  #kept = []
  #name
  #line = document.getElementById("forecast")
  #compare = document.getElementById("compare")
  #onChange
  #now
  #asked = null
  #timer = null
  #latest = new Latest()

  // `now()`: the cluster's simulated seconds; `current()`: the Deployment.
  constructor(name, { onChange, now, current }) {
    this.#name = name
    this.#onChange = onChange
    this.#now = now
    const variants = new Variants(name, current, (points) => this.keep(points))
    this.#compare.addEventListener("click", () => this.#asked && variants.open(this.#asked))
  }

  // The curve to draw: of the edit at hand, or else of the last one made, for its actual course to be drawn over; null:
  // none.
  points(film) {
    if (this.#found) return this.#found.points
    const isOfFilm = this.#kept.length > 0 && Math.abs(this.#kept[0].at - film.shownFrom) < SAME_ROLLOUT_SECONDS
    return isOfFilm ? this.#kept : null
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

  // The edit was made: what was foretold begins now, however long it was looked at.
  keep(points = this.#found?.points ?? []) {
    const late = points.length ? this.#now() - points[0].at : 0
    this.#kept = points.map((each) => ({ ...each, at: each.at + late }))
    this.ask("", {})
  }

  // `action` and `body` as they would be sent; asked once the hand rests.
  ask(action, body) {
    clearTimeout(this.#timer)
    this.#latest.forget()
    if (!FORESEEN.has(action)) return this.#show("", null)
    this.#timer = setTimeout(() => this.#fetch(action, body), PATIENCE_MS)
    return undefined
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
    return (await post(`${deploymentPath(this.#name)}forecast/`, { action, body })).forecasts
  }

  async #fetch(action, body) {
    this.#asked = { action, body }
    const told = await this.#latest.of(this.#foresee(action, body).then(([found]) => ({ found }), problemOf))
    if (told?.found) this.#show(sentence(told.found, action), told.found)
    else if (told) this.#show(t("No forecast: %(message)s", told), null)
  }

  #show(text, found) {
    this.#found = found
    write(this.#line, text)
    this.#compare.hidden = !found
    this.#onChange()
  }
}

// {message} of a refusal, its fields named.
function problemOf({ message, status }) {
  return { message: status?.details?.causes?.map((each) => `${each.field}: ${each.message}`).join("; ") || message }
}
