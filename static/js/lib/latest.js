// Of questions that overtake each other only the newest answer counts.

export class Latest {
  #number = 0

  // The answer, or undefined if another question was asked meanwhile.
  async of(question) {
    this.#number += 1
    const number = this.#number
    const answer = await question
    return number === this.#number ? answer : undefined
  }

  // What was asked before counts no more.
  forget() {
    this.#number += 1
  }
}
