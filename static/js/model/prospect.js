// What is still to come: the server is asked when a rollout begins, and again when its course leaves what was foretold.
// Knows no DOM.

import { isGood } from "./verdict.js"

const MOST_PODS = 3000
const SLACK_SECONDS = 1.5
const AGAIN_MS = 1000
const AGAIN_AFTER_FAILURE_MS = 30_000
const STUCK_AGAIN_MS = 20_000 // something around the rollout may have changed

export class Prospect {
  #foresee
  #onChange
  #isShown
  #film = null
  #generation = null
  #base = 0
  #frames = []
  #points = []
  #askedAt = -Infinity
  #asking = false
  #verdict = null

  // `foresee()`: the server's forecast of no edit at all; `isShown()`: somebody looks.
  constructor({ foresee, onChange, isShown }) {
    this.#foresee = foresee
    this.#onChange = onChange
    this.#isShown = isShown
  }

  // {coming, points, verdict}: frames not taken yet, the curve from now on, and whether the rollout will ever finish.
  look(film, { replicas, generation }, now) {
    if (film !== this.#film || generation !== this.#generation) this.#forget(film, generation)
    if (film.endedAt !== null) return { coming: [], points: [], verdict: null }
    const taken = film.frames.length - this.#base
    if (!this.#isAsTaken(film, taken)) this.#drop()
    if (replicas <= MOST_PODS && !this.#holds(taken, now)) this.#ask(film)
    return {
      coming: this.#frames.slice(Math.max(0, taken)),
      points: this.#points.filter((each, place) => (this.#points[place + 1]?.at ?? each.at) >= now),
      verdict: this.#verdict,
    }
  }

  // The course taken since is the one foretold.
  #isAsTaken(film, taken) {
    return (
      taken >= 0 &&
      taken <= this.#frames.length &&
      this.#frames.slice(0, taken).every((each, place) => sameCounts(each, film.frames[this.#base + place]))
    )
  }

  // Something is foretold, and it is not overdue.
  #holds(taken, now) {
    const next = this.#frames[taken]?.at ?? this.#points.at(-1)?.at ?? Infinity
    const isStuck = !isGood(this.#verdict) && performance.now() - this.#askedAt < STUCK_AGAIN_MS
    return this.#base > 0 && (isStuck || now <= next + SLACK_SECONDS)
  }

  #drop() {
    this.#base = 0
    this.#frames = []
    this.#points = []
    this.#verdict = null
  }

  // Another rollout, or another spec: what was foretold is of the one before.
  #forget(film, generation) {
    this.#film = film
    this.#generation = generation
    this.#drop()
    this.#askedAt = -Infinity
  }

  async #ask(film) {
    if (this.#asking || performance.now() - this.#askedAt < AGAIN_MS || !this.#isShown()) return
    this.#asking = true
    this.#askedAt = performance.now()
    const base = film.frames.length
    const generation = this.#generation
    try {
      const forecast = await this.#foresee()
      if (film !== this.#film || generation !== this.#generation || film.frames.length !== base) return
      this.#base = base
      this.#frames = framesOf(forecast, film)
      this.#points = forecast.points
      this.#verdict = forecast.verdict
      this.#onChange()
    } catch {
      this.#askedAt = performance.now() + AGAIN_AFTER_FAILURE_MS // too many pods to foretell, or no answer: no need to hurry
    } finally {
      this.#asking = false
    }
  }
}

// A forecast's frames without the state before, as a film's: {at, since, kind, count, counts, newest}; `since`: from
// when their times count, if not from the film's beginning.
export function framesOf({ frames }, film, since) {
  const known = new Map((film.frames.at(-1)?.counts ?? []).map((each) => [each.number, each]))
  const numbers = [
    ...new Set([...known.keys(), ...frames.flatMap(({ counts }) => Object.keys(counts).map(Number))]),
  ].sort((one, two) => one - two)
  const last = frames.at(-1)?.counts ?? {}
  const newest = numbers.findLast((number) => last[number] > 0) ?? numbers.at(-1)
  const uid = (number) => known.get(number)?.uid ?? `number ${number}`
  const steps = frames.filter(
    ({ counts }, place) =>
      place && numbers.some((number) => (counts[number] ?? 0) !== (frames[place - 1].counts[number] ?? 0)),
  )
  return steps.map(({ at, counts }, place) => {
    const before = (steps[place - 1] ?? frames[0]).counts
    const moved = numbers.find((number) => (counts[number] ?? 0) !== (before[number] ?? 0)) ?? newest
    const count = counts[moved] ?? 0
    const kind = `${moved === newest ? "new" : "old"} ${count > (before[moved] ?? 0) ? "up" : "down"}`
    return {
      at,
      since,
      kind,
      count,
      newest: uid(newest),
      counts: numbers.map((number) => ({
        number,
        uid: uid(number),
        name: known.get(number)?.name ?? "",
        desired: counts[number] ?? 0,
      })),
    }
  })
}

function sameCounts(foretold, { counts }) {
  return counts.every(
    ({ number, desired }) => desired === (foretold.counts.find((each) => each.number === number)?.desired ?? 0),
  )
}
