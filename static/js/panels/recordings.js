// The Deployment's recorded rollouts, newest first, each a link to its replay.

import { element } from "../lib/nodes.js"
import { deploymentPath, rolloutAddress } from "../lib/place.js"
import { get } from "../lib/requests.js"
import { age, t } from "../lib/words.js"
import { change, numbered, wholeImages } from "../model/images.js"

export class Recordings {
  #name
  #host = document.getElementById("recordings")
  #known = ""

  constructor(name) {
    this.#name = name
  }

  // Asked again when a revision comes.
  async draw(revision, now) {
    if (revision === this.#known) return
    this.#known = revision
    try {
      const { rollouts } = await get(`${deploymentPath(this.#name)}rollouts/`)
      const rows = rollouts.map((each, place) => row(each, rollouts[place + 1], now))
      this.#host.replaceChildren(
        ...(rows.length
          ? rows
          : [element("li", { className: "quiet" }, t("Recorded rollouts appear here, each with a replay."))]),
      )
    } catch {
      this.#known = ""
    }
  }
}

// What it led from is what the one before led to.
function row({ id, images, at, actor, pinned }, before, now) {
  const [from, to] = [before?.images ?? [], images].map(numbered)
  const names = element("code", { title: wholeImages(to) }, change(from, to))
  const link = element("a", { href: rolloutAddress(id), className: "button" }, t("Replay"))
  link.setAttribute("aria-label", t("Replay the rollout to %(images)s", { images: wholeImages(to) }))
  const facts = [t("%(age)s ago", { age: age(now - at) }), actor, pinned ? t("pinned") : ""].filter(Boolean).join(" · ")
  return element("li", {}, element("span", {}, names, element("span", { className: "facts quiet" }, facts)), link)
}
