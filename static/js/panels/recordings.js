// The Deployment's recorded rollouts, newest first, each a link to its replay.

import { element } from "../lib/nodes.js"
import { deploymentPath, rolloutAddress } from "../lib/place.js"
import { get } from "../lib/requests.js"
import { age, t } from "../lib/words.js"

export class Recordings {
  #name
  #host = document.getElementById("recordings")
  #known = ""

  constructor(name) {
    this.#name = name
  }

  // Asked again when a revision comes.
  async draw(revision) {
    if (revision === this.#known) return
    this.#known = revision
    try {
      const { rollouts } = await get(`${deploymentPath(this.#name)}rollouts/`)
      const rows = rollouts.map((each, place) => row(each, rollouts[place + 1]))
      this.#host.replaceChildren(
        ...(rows.length
          ? rows
          : [element("li", { className: "quiet" }, t("Each rollout is recorded, to be played again here."))]),
      )
    } catch {
      this.#known = ""
    }
  }
}

// What it led from is what the one before led to.
function row({ id, images, wall, actor, pinned }, before) {
  const to = images.join(", ")
  const from = before?.images.join(", ")
  const words = from && from !== to ? `${from} → ${to}` : to
  const link = element("a", { href: rolloutAddress(id), className: "button" }, t("Replay"))
  link.setAttribute("aria-label", t("Replay the rollout to %(images)s", { images: to }))
  const facts = [t("%(age)s ago", { age: age(Date.now() / 1000 - wall) }), actor, pinned ? t("pinned") : ""]
    .filter(Boolean)
    .join(" · ")
  return element(
    "li",
    {},
    element("span", {}, element("code", {}, words), element("span", { className: "facts quiet" }, facts)),
    link,
  )
}
