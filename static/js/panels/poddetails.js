// One pod's details: facts from the page's own cluster; events, conditions and log from the server, read when the drawer
// opens and again when something happens to the pod.

import { WORDS } from "../figure/pods.js"
import { copy as toClipboard } from "../lib/clipboard.js"
import { element, mark, replaceKept, write } from "../lib/nodes.js"
import { canEdit, podPath } from "../lib/place.js"
import { Latest } from "../lib/latest.js"
import { get, post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { number } from "../lib/numbers.js"
import { termNode } from "../lib/terms.js"
import { age, named, t } from "../lib/words.js"
import { stateOf } from "../model/cluster.js"
import { wholeImages } from "../model/images.js"
import { kubectl } from "./command.js"
import { sections, tick } from "./podsections.js"

const AGAIN_MS = 400

export class PodDetails {
  #dialog = document.getElementById("pod-dialog")
  #body = document.getElementById("pod-body")
  #uid = null
  #cluster
  #drawn = "" // the names of the facts
  #details = null
  #shown = null
  #known = "" // of what state the details are
  #latest = new Latest()
  #isAsking = false

  constructor(cluster) {
    this.#cluster = cluster
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close())
  }

  open(uid) {
    this.#uid = uid
    this.#drawn = this.#known = ""
    this.#details = null
    this.#latest.forget()
    this.#body.replaceChildren()
    this.draw(this.#cluster(), true)
    if (!this.#dialog.open) this.#dialog.showModal()
  }

  draw(cluster, opening = false) {
    if (!opening && !this.#dialog.open) return
    const pod = cluster.pods.get(this.#uid)
    if (!pod) return this.#close(opening)
    document.getElementById("pod-title").textContent = pod.name
    this.#read(pod, cluster)
    this.#drawFacts(this.#facts(pod, cluster))
    if (this.#shown !== this.#details || !this.#body.querySelector("[data-part=sections]"))
      this.#part("sections", keepOpened(this.#body.querySelector("[data-part=sections]"), sections(this.#details)))
    this.#shown = this.#details
    tick(this.#body.querySelector("[data-part=sections]"), cluster.now())
    const key = String(pod.deleted_at)
    const foot = this.#body.querySelector("[data-part=foot]")
    if (foot?.dataset.key !== key) mark(this.#part("foot", this.#foot(pod)), { key })
  }

  // In place of the part of that name, or after the others.
  #part(name, node) {
    const before = this.#body.querySelector(`[data-part=${name}]`)
    if (before) replaceKept(before, node)
    else this.#body.append(node)
    return mark(node, { part: name })
  }

  // Not more often than AGAIN_MS: a pod may change many times at once.
  async #read(pod, cluster) {
    const newest = [...cluster.events.values()].filter((each) => each.object_uid === pod.uid).map((each) => each.rv)
    const state = `${pod.rv} ${Math.max(0, ...newest)}`
    if (state === this.#known || this.#isAsking) return
    this.#known = state
    this.#isAsking = true
    setTimeout(() => (this.#isAsking = false), AGAIN_MS)
    const details = await this.#latest.of(get(podPath(pod.name)).catch(() => null))
    if (details?.uid !== this.#uid) return
    this.#details = details
    this.draw(this.#cluster())
  }

  #close(opening) {
    this.#dialog.close()
    if (!opening) toast(t("The pod is gone."))
  }

  #facts(pod, cluster) {
    const now = cluster.now()
    const owner = cluster.replicasets.get(pod.owner_uid)
    const facts = {
      [t("Status")]: named(pod.status, t(WORDS[stateOf(pod, owner?.min_ready_seconds ?? 0, now)])),
      [t("Reason")]: pod.reason,
      [t("Message")]: pod.message,
      [t("Ready")]: pod.ready ? t("yes, for %(age)s", { age: age(now - pod.ready_since) }) : t("no"),
      [t("Node")]: pod.node || t("none yet"),
      [t("ReplicaSet")]: owner?.name,
      [t("Image")]: owner && wholeImages(owner.containers),
      [t("Age")]: age(now - pod.created_at),
      [t("Restarts")]: number(pod.restarts),
    }
    return Object.entries(facts).filter(([, value]) => value)
  }

  // Values are written where they stand as long as the same facts are known: a fact's name may have the focus.
  #drawFacts(facts) {
    const names = facts.map(([name]) => name).join()
    const list = this.#body.querySelector("[data-part=facts]")
    if (list && names === this.#drawn) {
      const cells = list.querySelectorAll("dd")
      facts.forEach(([, value], place) => write(cells[place], value))
      return
    }
    this.#drawn = names
    const explained = { [t("Ready")]: "ready", [t("ReplicaSet")]: "hash" }
    const rows = facts.flatMap(([name, value]) => [
      element("dt", {}, explained[name] ? termNode(explained[name], name) : name),
      element("dd", {}, value),
    ])
    this.#part("facts", element("dl", { className: "facts" }, ...rows))
  }

  #foot(pod) {
    const close = element("button", { type: "button" }, t("Close"))
    close.onclick = () => this.#dialog.close()
    const command = kubectl.deletePod(pod.name)
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

// What a reader has opened stays so when it is drawn again.
function keepOpened(before, after) {
  const old = [...(before?.querySelectorAll("details") ?? [])]
  const fresh = [...after.querySelectorAll("details")]
  if (old.length === fresh.length) fresh.forEach((each, place) => (each.open = old[place].open))
  return after
}
