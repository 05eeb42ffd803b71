// Revisions, newest first, with the difference to the current one and the way back.

import { element, hue } from "../lib/nodes.js"
import { canEdit, deploymentPath } from "../lib/place.js"
import { get, post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { age, t } from "../lib/words.js"
import { kubectl, show as showCommand } from "./command.js"
import { newReplicaSet } from "../model/cluster.js"
import { shortImages } from "../model/images.js"
import { diffLines } from "./editor.js"

const AGE_STEP_SECONDS = 5

export class Revisions {
  #name
  #known = ""
  #ages = []
  #opened = new Set()

  constructor(name) {
    this.#name = name
  }

  async draw(deployment, replicasets, now) {
    this.#tick(now)
    const key = `${deployment.paused} ${deployment.generation} ${replicasets.map((each) => `${each.uid}${each.revision}`).join()}`
    if (key === this.#known) return
    this.#known = key
    try {
      const { revisions } = await get(`${deploymentPath(this.#name)}revisions/`)
      const known = new Map(replicasets.map((each) => [each.name, each]))
      const newest = newReplicaSet(deployment, replicasets)
      this.#ages = []
      document
        .getElementById("revisions")
        .replaceChildren(
          ...revisions.map((each) => this.#row(each, known.get(each.replicaset), newest, deployment.paused)),
        )
      this.#tick(now)
    } catch {
      this.#known = "" // asked again with the next drawing
    }
  }

  #tick(now) {
    for (const each of this.#ages) {
      const text = age(Math.floor((now - each.since) / AGE_STEP_SECONDS) * AGE_STEP_SECONDS)
      if (each.node.textContent !== text) each.node.textContent = text
    }
  }

  #row({ revision, replicaset, image, change_cause: cause, created_at: since, current, diff }, known, newest, paused) {
    const time = element("time", {})
    this.#ages.push({ node: time, since })
    const head = element(
      "div",
      { className: `line ${hue(known?.number ?? 1)}` },
      element("b", {}, `#${revision}`),
      element(
        "code",
        { title: image },
        known ? shortImages(known.containers, current ? [] : newest.containers) : image,
      ),
    )
    const facts = element(
      "div",
      { className: "facts quiet" },
      element("code", {}, replicaset),
      " · ",
      time,
      cause ? ` · ${cause}` : "",
    )
    const node = element("li", {}, head, facts)
    if (current) {
      head.append(element("span", { className: "chip" }, t("current")))
      node.className = "current"
      return node
    }
    const shown = element(
      "pre",
      { className: "diff", hidden: !this.#opened.has(revision), tabIndex: 0 },
      ...diffLines(diff || t("No difference.")),
    )
    const toggle = element("button", { type: "button", className: "plain" }, t("Diff"))
    toggle.setAttribute("aria-expanded", String(!shown.hidden))
    toggle.setAttribute("aria-label", t("Diff of revision %(revision)s to the current one", { revision }))
    toggle.onclick = () => {
      shown.hidden = !shown.hidden
      toggle.setAttribute("aria-expanded", String(!shown.hidden))
      if (shown.hidden) this.#opened.delete(revision)
      else this.#opened.add(revision)
    }
    head.append(toggle, this.#undo(revision, paused))
    node.append(shown)
    return node
  }

  #undo(revision, paused) {
    const button = element("button", { type: "button" }, t("Undo to %(revision)s", { revision }))
    const why = !canEdit
      ? t("You have view-only access.")
      : paused
        ? t("A paused Deployment can't be rolled back; resume it first.")
        : ""
    button.setAttribute("aria-disabled", String(Boolean(why)))
    button.title = why
    const show = () => showCommand(kubectl.of("undo", this.#name, { to_revision: revision }))
    button.addEventListener("focus", show)
    button.addEventListener("pointerenter", show)
    button.onclick = () =>
      !why &&
      post(`${deploymentPath(this.#name)}undo/`, { to_revision: revision }).then(
        ({ message }) => toast(message),
        ({ message }) => toast(message, true),
      )
    return button
  }
}
