// The Change panel: every action with its equal kubectl command; what the state forbids says why.

import { copy } from "../lib/clipboard.js"
import { element, write } from "../lib/nodes.js"
import { canEdit, deploymentPath } from "../lib/place.js"
import { clearProblems, showProblems } from "../lib/problems.js"
import { get, post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { isLost } from "../lib/stage.js"
import { sentences, t } from "../lib/words.js"
import { shortImage } from "../model/images.js"
import { suggestions } from "../model/suggestions.js"
import { LIMITS } from "../model/verbs.js"
import { kubectl, show } from "./command.js"
import { openEditor } from "./editor.js"

export class Acting {
  #name
  #panel = document.getElementById("acting")
  #why = document.getElementById("why")
  #deployment = null
  #replicasets = []
  #touched = new Set()
  #pointed = false
  #busy = new Set() // actions under way: a double click is one
  #isGone = false
  #forecast

  constructor(name, forecast) {
    this.#name = name
    this.#forecast = forecast
    this.#panel.addEventListener("input", ({ target }) => target.form && this.#typed(target))
    for (const kind of ["focusin", "pointerover"])
      this.#panel.addEventListener(kind, ({ target }) => this.#point(target))
    this.#panel.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#act(event.target.dataset.action, event.target)
    })
    this.#panel.addEventListener(
      "click",
      ({ target }) => target.matches("button[data-action]") && this.#act(target.dataset.action),
    )
    this.#panel.addEventListener("keydown", (event) => event.key === "Escape" && this.#giveUp(event.target.form))
    document
      .getElementById("copy")
      .addEventListener("click", () => copy(document.getElementById("kubectl").textContent))
  }

  draw(deployment, replicasets) {
    this.#isGone &&= deployment === this.#deployment
    this.#deployment = deployment
    this.#replicasets = replicasets
    this.#drawImages(deployment.containers)
    for (const key of ["replicas", ...Object.keys(LIMITS)])
      this.#fill(this.#panel.querySelector(`[name=${key}]`), deployment[key] ?? "")
    this.#drawStrategy()
    for (const button of this.#panel.querySelectorAll("button[data-action], form button:not(.try)")) {
      const action = button.dataset.action ?? button.form.dataset.action
      const why = this.#forbidden(action, button.form)
      button.setAttribute("aria-disabled", String(Boolean(why)))
      button.title = why
    }
    if (!this.#pointed) show(this.#command("set-image", this.#panel.querySelector("[data-action=set-image]")))
  }

  // An edit of a link that was opened: typed, not made.
  offer({ action, body }) {
    const typed =
      action === "set-image"
        ? Object.entries(body.images ?? {}).map(([name, image]) => [
            this.#panel.querySelector(`[data-container="${CSS.escape(name)}"] [name=image]`),
            image,
          ])
        : Object.entries(body).map(([name, value]) => [
            this.#panel.querySelector(`[name="${CSS.escape(name)}"]`),
            value,
          ])
    for (const [input, value] of typed) {
      if (!input) continue
      input.value = value ?? ""
      this.#touched.add(input)
    }
    this.draw(this.#deployment, this.#replicasets)
  }

  // The Deployment is gone: nothing can be done with it any more.
  gone() {
    if (!this.#deployment) return
    this.#isGone = true
    this.draw(this.#deployment, this.#replicasets)
  }

  #drawImages(containers) {
    const host = document.getElementById("images")
    for (const form of [...host.children])
      if (!containers.some((each) => each.name === form.dataset.container)) form.remove()
    for (const { name, image } of containers) {
      const form = host.querySelector(`[data-container="${CSS.escape(name)}"]`) ?? host.appendChild(imageForm(name))
      this.#fill(form.elements.image, image)
      this.#drawTries(form, suggestions(name, image, this.#replicasets))
    }
  }

  #drawTries(form, images) {
    const host = form.querySelector(".tries")
    if (host.dataset.images === images.join()) return
    host.dataset.images = images.join()
    host.replaceChildren(
      ...images.map((image) => {
        const button = element("button", { type: "button", className: "try mono", title: image }, shortImage(image))
        button.setAttribute("aria-label", t("Fill in %(image)s", { image }))
        button.addEventListener("click", () => {
          form.elements.image.value = image
          form.elements.image.dispatchEvent(new Event("input", { bubbles: true }))
          form.elements.image.focus()
        })
        return button
      }),
    )
  }

  #drawStrategy() {
    const { elements } = this.#panel.querySelector("[data-action=tune]")
    const isRecreate = elements.strategy.value === "Recreate"
    for (const name of ["max_surge", "max_unavailable"]) {
      elements[name].disabled = isRecreate
      elements[name].title = isRecreate ? t("Recreate deletes all old pods first, so these limits do not apply.") : ""
    }
  }

  #fill(input, value) {
    if (this.#touched.has(input) || input.value === String(value)) return
    input.value = value
    input.scrollLeft = input.scrollWidth // of a long image the tag is what changes
  }

  #typed(target) {
    const { form } = target
    this.#touched.add(target)
    clearProblems(form)
    this.draw(this.#deployment, this.#replicasets)
    show(this.#command(form.dataset.action, form))
    this.#foresee(form.dataset.action, form)
  }

  // Escape: back to what is.
  #giveUp(form) {
    if (!form) return
    for (const input of form.elements) this.#touched.delete(input)
    clearProblems(form)
    write(this.#why, "")
    this.#forecast.ask("", {})
    this.draw(this.#deployment, this.#replicasets)
  }

  // Why an action can't be done now; "" if it can.
  #forbidden(action, form) {
    const { paused, containers } = this.#deployment
    if (!canEdit) return t("You have view-only access.")
    if (isLost()) return t("Not connected to the server.")
    if (this.#isGone) return t("The Deployment was deleted.")
    if (this.#deployment.deleted_at !== null) return t("The Deployment is being deleted.")
    if (action === "pause" && paused) return t("The Deployment is paused already.")
    if (action === "resume" && !paused) return t("The Deployment is not paused.")
    if (action === "restart" && paused) return t("A paused Deployment can't be restarted; resume it first.")
    if (action === "undo" && paused) return t("A paused Deployment can't be rolled back; resume it first.")
    if (action === "undo" && this.#replicasets.length < 2) return t("There is no earlier revision.")
    if (action === "set-image") {
      const current = containers.find((each) => each.name === form.dataset.container)?.image
      if (form.elements.image.value.trim() === current) return t("The container has this image already.")
    }
    if (action === "scale" && form.elements.replicas.value === String(this.#deployment.replicas))
      return t("The Deployment has that many replicas already.")
    if (action === "tune" && !Object.keys(this.#limits(form)).length)
      return t("The Deployment has these limits already.")
    return ""
  }

  async #act(action, form) {
    const why = this.#forbidden(action, form)
    write(this.#why, why)
    show(this.#command(action, form))
    if (why || this.#busy.has(action)) return
    if (action === "edit") return this.#edit()
    if (
      action === "delete" &&
      !(await confirmed(t("Delete %(name)s?", { name: this.#name }), t("Its ReplicaSets and pods are deleted too.")))
    )
      return
    this.#busy.add(action)
    try {
      const { message } = await post(`${deploymentPath(this.#name)}${action}/`, this.#body(action, form))
      for (const input of form?.elements ?? []) this.#touched.delete(input)
      clearProblems(form)
      this.#forecast.keep()
      toast(message)
    } catch (refusal) {
      write(this.#why, sentences(showProblems(form, refusal)))
    } finally {
      this.#busy.delete(action)
    }
  }

  async #edit() {
    const path = deploymentPath(this.#name)
    try {
      const { yaml, resource_version: version } = await get(`${path}yaml/`)
      openEditor({
        title: t("Edit %(name)s", { name: this.#name }),
        text: yaml,
        version,
        path,
        foresee: (edited) => this.#forecast.tell("edit", { yaml: edited }),
        save: async (text, rv) => toast((await post(`${path}edit/`, { yaml: text, resource_version: rv })).message),
      })
    } catch (refusal) {
      write(this.#why, sentences(showProblems(null, refusal)))
    }
  }

  #point(target) {
    if (target.closest?.(".outlook")) return this.#forecast.hold()
    const button = target.closest?.("button[data-action]")
    const form = target.closest?.("form[data-action]")
    if (!button && !form) return undefined
    this.#pointed = true
    const action = button?.dataset.action ?? form.dataset.action
    show(this.#command(action, form))
    if (!this.#isTyped(form)) this.#foresee(action, form)
    write(this.#why, target.closest("button[aria-disabled=true]")?.title ?? "")
    return undefined
  }

  // An edit is typed elsewhere: its forecast stays while the hand passes over other buttons.
  #isTyped(form) {
    return [...this.#touched].some((each) => each.form !== form)
  }

  #foresee(action, form) {
    if (!this.#deployment) return
    if (this.#forbidden(action, form)) this.#forecast.fade()
    else this.#forecast.ask(action, this.#body(action, form))
  }

  #body(action, form) {
    if (action === "set-image") return { images: { [form.dataset.container]: form.elements.image.value.trim() } }
    if (action === "scale") return { replicas: numberOr(form.elements.replicas.value) }
    if (action === "tune") return this.#limits(form)
    return {}
  }

  // The limits that differ from today's.
  #limits({ elements }) {
    const { value } = elements.progress_deadline_seconds
    const wanted = {
      ...(elements.strategy.value === "Recreate"
        ? {}
        : { max_surge: numberOr(elements.max_surge.value), max_unavailable: numberOr(elements.max_unavailable.value) }),
      min_ready_seconds: numberOr(elements.min_ready_seconds.value || "0"),
      progress_deadline_seconds: value === "" ? null : numberOr(value),
      strategy: elements.strategy.value,
    }
    return Object.fromEntries(
      Object.entries(wanted).filter(([key, each]) => String(each) !== String(this.#deployment[key])),
    )
  }

  #command(action, form) {
    if (!form && ["set-image", "scale", "tune"].includes(action)) return ""
    if (action === "tune" && !Object.keys(this.#limits(form)).length) return ""
    return kubectl.of(action, this.#name, this.#body(action, form))
  }
}

// What is no whole number goes as it was typed: the server says what is allowed.
function numberOr(text) {
  return /^-?\d+$/.test(text.trim()) ? Number(text) : text.trim()
}

function imageForm(name) {
  const input = element("input", { name: "image", className: "mono", spellcheck: false, autocomplete: "off" })
  const form = element(
    "form",
    { noValidate: true },
    element("label", {}, t("Image of %(name)s", { name }), input),
    element("button", { className: "primary" }, t("Set image")),
    element("div", { className: "tries" }),
  )
  form.dataset.action = "set-image"
  form.dataset.container = name
  return form
}

// `word` is on the button that does it.
export function confirmed(title, text, word = t("Delete")) {
  const dialog = document.getElementById("confirm-dialog")
  document.getElementById("confirm-title").textContent = title
  document.getElementById("confirm-text").textContent = text
  dialog.querySelector("button[value=yes]").textContent = word
  dialog.returnValue = "no"
  dialog.showModal()
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  )
}
