// The lane of a rollout that goes on: the server is asked when something has changed and, ever more seldom, as time passes
// while it is open; never more often than it can answer. Knows no DOM.

const AGAIN_MS = 2000
const AGAIN_OTHER_MS = 400 // about another rollout, or with other numbers typed
const AGAIN_AFTER_FAILURE_MS = 10_000
const LONGEST_MS = 20_000 // where nothing but the time has changed
const REST = 4 // times as long as the last answer took
const SAME_ROLLOUT_SECONDS = 0.01

export class LiveLane {
  #load
  #onChange
  #isShown
  #found = null
  #asked = { key: "", typed: "", startedAt: null, rv: null, at: -Infinity }
  #wait = 0
  #quiet = 0 // the wait where nothing but the time has changed
  #isAsking = false

  // `load(model)`: the server's answer, a promise; `isShown()`: somebody looks.
  constructor({ load, onChange, isShown }) {
    this.#load = load
    this.#onChange = onChange
    this.#isShown = isShown
  }

  // The lane of the film's rollout as far as it is known, {traffic, began, is_open, is_cut}; null: none, or not yet.
  // `model`: the numbers that were typed.
  look(film, now, model) {
    const typed = JSON.stringify(model)
    const isMoving = this.#found?.is_open && this.#found.traffic
    const key = JSON.stringify([film.startedAt, film.rv, typed, isMoving ? Math.floor(now) : 0])
    const about = { key, typed, startedAt: film.startedAt, rv: film.rv }
    if (key !== this.#asked.key && this.#isTime(about)) this.#ask(about, model)
    const isOfFilm = this.#found && Math.abs(this.#found.began - film.startedAt) < SAME_ROLLOUT_SECONDS
    return isOfFilm && this.#found.traffic ? this.#found : null
  }

  #isTime({ typed, startedAt, rv }) {
    if (this.#isAsking || !this.#isShown()) return false
    const isOther = typed !== this.#asked.typed || startedAt !== this.#asked.startedAt
    const wait = isOther ? Math.min(this.#wait, AGAIN_OTHER_MS) : this.#wait
    const isQuiet = rv === this.#asked.rv && !isOther
    return performance.now() >= this.#asked.at + (isQuiet ? Math.max(wait, this.#quiet) : wait)
  }

  async #ask(about, model) {
    this.#isAsking = true
    const isQuiet = about.rv === this.#asked.rv && about.typed === this.#asked.typed
    const at = performance.now()
    this.#asked = { ...about, at }
    const found = await this.#load(model).catch(() => null)
    this.#isAsking = false
    this.#wait = waitAfter(found, performance.now() - at)
    this.#quiet = isQuiet ? Math.min(Math.max(this.#quiet, AGAIN_MS) * 2, LONGEST_MS) : 0
    if (found) this.#found = found
    else this.#asked.key = "" // asked again when it is time
    this.#onChange()
  }
}

// Where no Service leads to the pods, one may be made at any time.
function waitAfter(found, took) {
  if (!found) return AGAIN_AFTER_FAILURE_MS
  return found.traffic ? Math.max(AGAIN_MS, REST * took) : LONGEST_MS
}
