// One pod's details, live while the dialog is open.

import { age, element, t } from "./format.js"
import { canEdit, namespace, post, toast } from "./requests.js"

export class PodDetails {
  #dialog = document.getElementById("pod-dialog")
  #body = document.getElementById("pod-body")
  #uid = null
  #cluster

  constructor(cluster) {
    this.#cluster = cluster
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close())
  }

  open(uid) {
    this.#uid = uid
    this.draw(this.#cluster(), true)
    this.#dialog.showModal()
  }

  draw(cluster, opening = false) {
    if (!opening && !this.#dialog.open) return
    const pod = cluster.pods.get(this.#uid)
    if (!pod) return this.#dialog.close()
    document.getElementById("pod-title").textContent = pod.name
    const now = cluster.now()
    const facts = { [t("Status")]: pod.status, [t("Message")]: pod.message, [t("Ready")]: pod.ready ? t("yes, for %(age)s", { age: age(now - pod.ready_since) }) : t("no"), [t("Node")]: pod.node || t("none yet"), [t("Age")]: age(now - pod.created_at), [t("Restarts")]: String(pod.restarts) }
    const list = element("dl", { className: "facts" })
    for (const [key, value] of Object.entries(facts)) if (value) list.append(element("dt", {}, key), element("dd", {}, value))
    const events = [...cluster.events.values()].filter((each) => each.object_uid === pod.uid).sort((one, two) => one.rv - two.rv)
    const rows = events.map((each) => element("li", {}, element("time", {}, age(now - each.at)), element("span", {}, element("b", {}, each.reason), ` ${each.message}`)))
    const known = element("div", {}, list, element("ol", { className: "events" }, ...rows))
    if (opening) this.#body.replaceChildren(known, this.#buttons(pod))
    else this.#body.firstChild.replaceWith(known)
  }

  #buttons(pod) {
    const close = element("button", { type: "button" }, t("Close"))
    close.onclick = () => this.#dialog.close()
    const command = `kubectl delete pod ${pod.name}${namespace === "default" ? "" : ` -n ${namespace}`}`
    return element("div", { className: "row-of-buttons" }, this.#deleteButton(pod), close, element("code", { className: "quiet" }, command))
  }

  #deleteButton(pod) {
    const button = element("button", { type: "button", className: "danger" }, t("Delete pod"))
    const why = !canEdit ? t("You may look here, not change.") : pod.deleted_at !== null ? t("It is terminating already.") : ""
    button.setAttribute("aria-disabled", String(Boolean(why)))
    button.title = why
    button.onclick = () => !why && post(`pods/${encodeURIComponent(pod.name)}/delete/`).then(({ message }) => toast(message), ({ message }) => toast(message, true))
    return button
  }
}
