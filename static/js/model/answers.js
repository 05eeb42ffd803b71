// Of the Deployments of a list: whether those that fail will ever complete. One question at a time, the same again after a
// minute, of a few Deployments, while somebody looks. Knows no DOM.

const AGAIN_MS = 60_000
const MOST_ASKED = 10

export class Answers {
  #known = new Map() // uid -> {verdict, askedAt}
  #waiting = new Map() // uid -> name
  #asking = null // a uid
  #foresee
  #isSeen
  #onChange

  // `foresee(name)`: the server's forecast of no edit at all. `isSeen()`: whether the list is in sight.
  constructor({ foresee, isSeen, onChange }) {
    this.#foresee = foresee
    this.#isSeen = isSeen
    this.#onChange = onChange
  }

  // The verdict as far as it is known, or null.
  of({ uid, name }) {
    const known = this.#known.get(uid)
    if (uid !== this.#asking && this.#mayAsk(known)) this.#waiting.set(uid, name)
    this.#next()
    return known?.verdict ?? null
  }

  #mayAsk(known) {
    if (!this.#isSeen()) return false
    const asked = this.#known.size + this.#waiting.size + Number(this.#asking !== null)
    return known ? ageOf(known) > AGAIN_MS : asked < MOST_ASKED
  }

  // Those that fail no more are asked about no more, and leave room for others.
  #forgetOld() {
    for (const [uid, known] of this.#known) if (ageOf(known) > 2 * AGAIN_MS) this.#known.delete(uid)
  }

  async #next() {
    if (this.#asking !== null || !this.#waiting.size) return
    const [uid, name] = this.#waiting.entries().next().value
    this.#waiting.delete(uid)
    this.#asking = uid
    this.#forgetOld()
    const verdict = await this.#foresee(name).then(
      (found) => found.verdict,
      () => null, // too many pods to foretell, or no answer
    )
    this.#known.set(uid, { verdict, askedAt: performance.now() })
    this.#asking = null
    this.#onChange()
  }
}

function ageOf({ askedAt }) {
  return performance.now() - askedAt
}
