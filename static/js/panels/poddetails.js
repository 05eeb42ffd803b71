// One pod's details, live while the drawer is open.

import { WORDS } from "../figure/pods.js"
import { copy as toClipboard } from "../lib/clipboard.js"
import { element } from "../lib/nodes.js"
import { canEdit, podPath } from "../lib/place.js"
import { post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { age, t } from "../lib/words.js"
import { stateOf } from "../model/cluster.js"
import { wholeImages } from "../model/images.js"
import { kubectl } from "./command.js"

export class PodDetails {
  #dialog = document.getElementById("pod-dialog")
  #body = document.getElementById("pod-body")
  #uid = null
  #cluster
  #drawn = ""

  constructor(cluster) {
    this.#cluster = cluster
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close())
  }

  open(uid) {
    this.#uid = uid
    this.#drawn = ""
    this.#body.replaceChildren()
    this.draw(this.#cluster(), true)
    if (!this.#dialog.open) this.#dialog.showModal()
  }

  draw(cluster, opening = false) {
    if (!opening && !this.#dialog.open) return
    const pod = cluster.pods.get(this.#uid)
    if (!pod) return this.#close(opening)
    document.getElementById("pod-title").textContent = pod.name
    const known = element("div", {}, this.#facts(pod, cluster), this.#events(pod, cluster))
    if (known.textContent !== this.#drawn) {
      this.#drawn = known.textContent
      if (this.#body.firstChild) this.#body.firstChild.replaceWith(known)
      else this.#body.append(known)
    }
    const key = String(pod.deleted_at)
    if (this.#body.dataset.key !== key || !this.#body.children[1]) {
      this.#body.dataset.key = key
      this.#body.children[1]?.remove()
      this.#body.append(this.#foot(pod))
    }
  }

  #close(opening) {
    this.#dialog.close()
    if (!opening) toast(t("The pod is gone."))
  }

  #facts(pod, cluster) {
    const now = cluster.now()
    const owner = cluster.replicasets.get(pod.owner_uid)
    const facts = {
      [t("Status")]: `${pod.status}: ${t(WORDS[stateOf(pod, owner?.min_ready_seconds ?? 0, now)])}`,
      [t("Reason")]: pod.reason,
      [t("Message")]: pod.message,
      [t("Ready")]: pod.ready ? t("yes, for %(age)s", { age: age(now - pod.ready_since) }) : t("no"),
      [t("Node")]: pod.node || t("none yet"),
      [t("ReplicaSet")]: owner?.name,
      [t("Image")]: owner && wholeImages(owner.containers),
      [t("Age")]: age(now - pod.created_at),
      [t("Restarts")]: String(pod.restarts),
    }
    const list = element("dl", { className: "facts" })
    for (const [key, value] of Object.entries(facts))
      if (value) list.append(element("dt", {}, key), element("dd", {}, value))
    return list
  }

  #events(pod, cluster) {
    const events = [...cluster.events.values()]
      .filter((each) => each.object_uid === pod.uid)
      .sort((one, two) => one.rv - two.rv)
    const rows = events.map((each) =>
      element(
        "li",
        { className: each.type === "Warning" ? "warning" : "" },
        element("time", {}, age(cluster.now() - each.at)),
        element(
          "span",
          {},
          element("b", {}, each.reason),
          ` ${each.message}${each.count > 1 ? ` (×${each.count})` : ""}`,
        ),
      ),
    )
    const none = element("li", { className: "quiet" }, t("No events for this pod."))
    return element(
      "div",
      {},
      element("h3", {}, t("Events")),
      element("ol", { className: "events" }, ...(rows.length ? rows : [none])),
    )
  }

  #foot(pod) {
    const close = element("button", { type: "button" }, t("Close"))
    close.onclick = () => this.#dialog.close()
    const command = kubectl.remove("pod", pod.name)
    const copy = element("button", { type: "button", className: "plain" }, t("Copy"))
    copy.onclick = () => toClipboard(command)
    return element(
      "div",
      {},
      element("div", { className: "kubectl" }, element("code", {}, command), copy),
      element("div", { className: "row-of-buttons" }, close, this.#deleteButton(pod)),
    )
  }

  #deleteButton(pod) {
    const button = element("button", { type: "button", className: "danger" }, t("Delete pod"))
    const why = !canEdit
      ? t("You have view-only access.")
      : pod.deleted_at !== null
        ? t("The pod is terminating already.")
        : ""
    button.setAttribute("aria-disabled", String(Boolean(why)))
    button.title = why
    button.onclick = () =>
      !why &&
      post(`${podPath(pod.name)}delete/`).then(
        ({ message }) => toast(message),
        ({ message }) => toast(message, true),
      )
    return button
  }
}
