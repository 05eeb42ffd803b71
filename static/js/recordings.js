// The Deployment's recorded rollouts, newest first, each a link to its replay.

import { age, element, t } from "./format.js"
import { get } from "./requests.js"

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
      const { rollouts } = await get(`deployments/${encodeURIComponent(this.#name)}/rollouts/`)
      this.#host.replaceChildren(...rollouts.map(row))
    } catch {
      this.#known = ""
    }
  }
}

function row({ id, images, wall, actor, pinned }) {
  const link = element("a", { href: `/rollouts/${id}/` }, t("Replay"))
  const words = `${images.join(", ")}${actor ? ` · ${actor}` : ""}${pinned ? ` · ${t("pinned")}` : ""}`
  return element("li", {}, element("time", {}, age(Date.now() / 1000 - wall)), element("span", {}, element("code", {}, words), " ", link))
}
