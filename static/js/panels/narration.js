// The sentences over the figure: the step just taken with its reason, and what is waited for now.

import { mark, write } from "../lib/nodes.js"
import { canEdit } from "../lib/place.js"
import { narrate } from "../model/narration.js"
import { writeTerms } from "./terms.js"

export class Narration {
  #host

  constructor(host) {
    this.#host = host
  }

  draw(film, deployment, cluster, tone) {
    mark(this.#host.querySelector(".now"), { tone })
    this.write(narrate(film, deployment, cluster, canEdit))
  }

  // {lead, why, now}
  write(texts) {
    write(this.#host.querySelector(".lead"), texts.lead)
    for (const name of ["why", "now"]) writeTerms(this.#host.querySelector(`.${name}`), texts[name])
  }
}
