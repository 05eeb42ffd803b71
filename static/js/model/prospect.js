// What is still to come: the server is asked when a rollout begins, and again when its course leaves what was foretold.
// Knows no DOM.

const MOST_PODS = 3000
const SLACK_SECONDS = 1.5
const AGAIN_MS = 1000
const AGAIN_AFTER_FAILURE_MS = 30_000

export class Prospect {
  #foresee
  #onChange
  #isShown
  #film = null
  #base = 0
  #frames = []
  #points = []
  #askedAt = -Infinity
  #asking = false
  #isStuck = false

  // `foresee()`: the server's forecast of no edit at all; `isShown()`: somebody looks.
  constructor({ foresee, onChange, isShown }) {
    this.#foresee = foresee
    this.#onChange = onChange
    this.#isShown = isShown
  }

  // {coming, points}: frames not taken yet, and the curve from now on.
  look(film, { replicas }, now) {
    if (film !== this.#film) this.#forget(film)
    if (film.endedAt !== null) return { coming: [], points: [] }
    const taken = film.frames.length - this.#base
    if (!this.#isAsTaken(film, taken)) this.#drop()
    if (replicas <= MOST_PODS && !this.#holds(taken, now)) this.#ask(film)
    return {
      coming: this.#frames.slice(Math.max(0, taken)),
      points: this.#points.filter((each, place) => (this.#points[place + 1]?.at ?? each.at) >= now),
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
    return this.#base > 0 && (this.#isStuck || now <= next + SLACK_SECONDS)
  }

  #drop() {
    this.#base = 0
    this.#frames = []
    this.#points = []
  }

  #forget(film) {
    this.#film = film
    this.#drop()
    this.#askedAt = -Infinity
  }

  async #ask(film) {
    if (this.#asking || performance.now() - this.#askedAt < AGAIN_MS || !this.#isShown()) return
    this.#asking = true
    this.#askedAt = performance.now()
    const base = film.frames.length
    try {
      const forecast = await this.#foresee()
      if (film !== this.#film || film.frames.length !== base) return
      this.#base = base
      this.#frames = framesOf(forecast, film)
      this.#points = forecast.points
      this.#isStuck = forecast.outcome !== "settled"
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
