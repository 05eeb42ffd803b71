// The sentences over the figure: the step just taken with its reason, and what is waited for now.

import { mark, write } from "../lib/nodes.js"
import { duration, t } from "../lib/words.js"
import { step, verdict, waitingFor } from "../model/narration.js"

export class Narration {
  #host

  constructor(host) {
    this.#host = host
  }

  draw(film, deployment, cluster, tone) {
    mark(this.#host.querySelector(".now"), { tone })
    const frame = film.frames.at(-1)
    const isOld = frame && frame.at < film.shownFrom
    if (deployment.paused)
      this.write({
        lead: t("Paused."),
        why: t("A changed template waits until it is resumed. Scaling still works."),
        now: "",
      })
    else if (film.endedAt !== null)
      this.write({
        lead: t("Complete after %(time)s.", { time: duration(film.summary().seconds) }),
        why: verdict(film),
        now: "",
      })
    else
      this.write({
        lead: isOld ? t("A pod is missing.") : step(film, frame),
        why: isOld ? "" : (frame?.why ?? ""),
        now: waitingFor(deployment, cluster),
      })
  }

  // {lead, why, now}
  write(texts) {
    for (const [name, text] of Object.entries(texts)) write(this.#host.querySelector(`.${name}`), text)
  }
}
