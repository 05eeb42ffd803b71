// Revisions, newest first, with the difference to the current one and the way back.

import { diffLines } from "./editor.js"
import { element, hue, t } from "./format.js"
import { canEdit, get, post, toast } from "./requests.js"

export class Revisions {
  #name
  #known = ""

  constructor(name) {
    this.#name = name
  }

  async draw(deployment, replicasets) {
    const key = `${deployment.paused} ${deployment.generation} ${replicasets.map((each) => `${each.uid}${each.revision}`).join()}`
    if (key === this.#known) return
    this.#known = key
    const { revisions } = await get(`deployments/${encodeURIComponent(this.#name)}/revisions/`)
    const numbers = new Map(replicasets.map((each) => [each.name, each.number]))
    document.getElementById("revisions").replaceChildren(...revisions.map((each) => this.#row(each, numbers.get(each.replicaset) ?? 1, deployment.paused)))
  }

  #row({ revision, replicaset, image, change_cause: cause, current, diff }, number, paused) {
    const line = element("div", { className: `line ${hue(number)}` }, element("b", {}, `#${revision}`), element("code", {}, image), element("span", { className: "quiet" }, current ? t("current") : cause ?? ""))
    const node = element("li", { title: replicaset }, line)
    if (current) return node
    const shown = element("pre", { className: "diff", hidden: true }, ...diffLines(diff || t("No difference.")))
    const toggle = element("button", { type: "button", className: "plain" }, t("Diff"))
    toggle.onclick = () => (shown.hidden = !shown.hidden)
    const undo = element("button", { type: "button" }, t("Undo to %(revision)s", { revision }))
    const why = !canEdit ? t("You may look here, not change.") : paused ? t("A paused Deployment can't be rolled back; resume it first.") : ""
    undo.setAttribute("aria-disabled", String(Boolean(why)))
    undo.title = why || `kubectl rollout undo deployment/${this.#name} --to-revision=${revision}`
    undo.onclick = () => !why && post(`deployments/${encodeURIComponent(this.#name)}/undo/`, { to_revision: revision }).then(({ message }) => toast(message), ({ message }) => toast(message, true))
    line.append(toggle, undo)
    node.append(shown)
    return node
  }
}
