// Which task of a lesson is read: the one under way or, after n or p, another one. Knows no DOM.

export class Reading {
  #place = null // of the task that somebody has turned to, from 0; null: the one under way

  // `number`: that of the task under way, from 0; once all are done, the number of `tasks`. A turn beyond the first or
  // the last task leads back to the one under way.
  turn(step, { number, tasks }) {
    const place = (this.#place ?? number) + step
    const isThere = place >= 0 && place < tasks && place !== number
    this.#place = isThere ? place : null
  }

  back() {
    this.#place = null
  }

  get isElsewhere() {
    return this.#place !== null
  }

  // {place, state, text, page, kubectl} of the task that is read; null where the lesson is over and none is. `state`: done, now or
  // ahead. How to act is told of no task ahead.
  of({ number, texts, pages, commands }) {
    const place = this.#place ?? number
    if (!(place in texts)) return null
    const state = place < number ? "done" : place === number ? "now" : "ahead"
    return { place, state, text: texts[place], page: pages[place] ?? "", kubectl: commands[place] ?? "" }
  }
}
