// The Change panel: every action with its equal kubectl command; what the state forbids says why.

import { openEditor } from "./editor.js"
import { element, t, write } from "./format.js"
import { canEdit, get, namespace, post, toast } from "./requests.js"

const LIMITS = { max_surge: "maxSurge", max_unavailable: "maxUnavailable" }

export class Acting {
  #name
  #panel = document.getElementById("acting")
  #deployment = null
  #replicasets = []
  #touched = new Set()
  #pointed = false

  constructor(name) {
    this.#name = name
    this.#panel.addEventListener("input", ({ target }) => {
      this.#touched.add(target)
      this.#showCommand(target.form.dataset.action, target.form)
    })
    for (const kind of ["focusin", "pointerover"]) this.#panel.addEventListener(kind, ({ target }) => this.#point(target))
    this.#panel.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#act(event.target.dataset.action, event.target)
    })
    this.#panel.addEventListener("click", ({ target }) => target.matches("button[data-action]") && this.#act(target.dataset.action))
    document.getElementById("copy").addEventListener("click", () => navigator.clipboard.writeText(document.getElementById("kubectl").textContent).then(() => toast(t("Copied"))))
  }

  draw(deployment, replicasets) {
    this.#deployment = deployment
    this.#replicasets = replicasets
    this.#drawImages(deployment.containers)
    const values = { replicas: deployment.replicas, max_surge: deployment.max_surge, max_unavailable: deployment.max_unavailable, min_ready_seconds: deployment.min_ready_seconds, progress_deadline_seconds: deployment.progress_deadline_seconds ?? "" }
    for (const [key, value] of Object.entries(values)) this.#fill(this.#panel.querySelector(`[name=${key}]`), value)
    for (const button of this.#panel.querySelectorAll("button:not(#copy)")) {
      const action = button.dataset.action ?? button.form.dataset.action
      const why = this.#forbidden(action, button.form)
      button.setAttribute("aria-disabled", String(Boolean(why)))
      button.title = why
    }
    if (!this.#pointed) this.#showCommand("set-image", this.#panel.querySelector("[data-action=set-image]"))
  }

  #drawImages(containers) {
    const host = document.getElementById("images")
    for (const { name, image } of containers) {
      let form = host.querySelector(`[data-container="${CSS.escape(name)}"]`)
      if (!form) {
        const input = element("input", { name: "image", className: "mono", required: true, spellcheck: false, autocomplete: "off" })
        form = element("form", {}, element("label", {}, t("Image of %(name)s", { name }), input), element("button", { className: "primary" }, t("Set image")))
        form.dataset.action = "set-image"
        form.dataset.container = name
        host.append(form)
      }
      this.#fill(form.elements.image, image)
    }
  }

  #fill(input, value) {
    if (!this.#touched.has(input) && input.value !== String(value)) input.value = value
  }

  // Why an action can't be done now; "" if it can.
  #forbidden(action, form) {
    const { paused, containers } = this.#deployment
    if (!canEdit) return t("You may look here, not change.")
    if (action === "pause" && paused) return t("It is paused already.")
    if (action === "resume" && !paused) return t("It is not paused.")
    if (action === "restart" && paused) return t("A paused Deployment can't be restarted; resume it first.")
    if (action === "undo" && paused) return t("A paused Deployment can't be rolled back; resume it first.")
    if (action === "undo" && this.#replicasets.length < 2) return t("There is no earlier revision.")
    if (action === "set-image") {
      const current = containers.find((each) => each.name === form.dataset.container)?.image
      if (form.elements.image.value === current) return t("This is its image already.")
    }
    return ""
  }

  async #act(action, form) {
    const why = this.#forbidden(action, form)
    write(document.getElementById("why"), why)
    this.#showCommand(action, form)
    if (why) return
    if (action === "edit") return this.#edit()
    if (action === "delete" && !(await confirmed(t("Delete %(name)s?", { name: this.#name }), t("Its ReplicaSets and pods go with it.")))) return
    try {
      const { message } = await post(`deployments/${encodeURIComponent(this.#name)}/${action}/`, body(action, form))
      this.#touched.clear()
      toast(message)
    } catch (refusal) {
      const causes = refusal.status?.details?.causes ?? []
      write(document.getElementById("why"), causes.map((each) => `${each.field}: ${each.message}`).join("; ") || refusal.message)
    }
  }

  async #edit() {
    const path = `deployments/${encodeURIComponent(this.#name)}/`
    const { yaml, resource_version: version } = await get(`${path}yaml/`)
    openEditor({ title: t("Edit %(name)s", { name: this.#name }), text: yaml, version, save: async (text, rv) => toast((await post(`${path}edit/`, { yaml: text, resource_version: rv })).message) })
  }

  #point(target) {
    this.#pointed = true
    const button = target.closest?.("button[data-action]")
    const form = target.closest?.("form[data-action]")
    if (button) this.#showCommand(button.dataset.action)
    else if (form) this.#showCommand(form.dataset.action, form)
    if (button?.title) write(document.getElementById("why"), button.title)
    else write(document.getElementById("why"), "")
  }

  #showCommand(action, form) {
    if (action) write(document.getElementById("kubectl"), command(action, form, this.#name))
  }
}

function body(action, form) {
  if (action === "set-image") return { images: { [form.dataset.container]: form.elements.image.value.trim() } }
  if (action === "scale") return { replicas: form.elements.replicas.valueAsNumber }
  if (action === "tune") return limits(form)
  return {}
}

function limits({ elements }) {
  const number = (text) => (/^-?\d+$/.test(text.trim()) ? Number(text) : text.trim())
  return {
    max_surge: number(elements.max_surge.value),
    max_unavailable: number(elements.max_unavailable.value),
    min_ready_seconds: Number(elements.min_ready_seconds.value || 0),
    progress_deadline_seconds: elements.progress_deadline_seconds.value ? Number(elements.progress_deadline_seconds.value) : null,
  }
}

function command(action, form, name) {
  const where = namespace === "default" ? "" : ` -n ${namespace}`
  const target = `deployment/${name}`
  if (action === "set-image") return `kubectl set image ${target} ${form.dataset.container}=${form.elements.image.value}${where}`
  if (action === "scale") return `kubectl scale ${target} --replicas=${form.elements.replicas.value}${where}`
  if (action === "tune") return `kubectl patch ${target}${where} -p '${JSON.stringify(patch(limits(form)))}'`
  if (action === "edit") return `kubectl edit ${target}${where}`
  if (action === "delete") return `kubectl delete ${target}${where}`
  return `kubectl rollout ${action} ${target}${where}`
}

function patch(values) {
  const rollingUpdate = Object.fromEntries(Object.entries(LIMITS).map(([key, kubernetes]) => [kubernetes, values[key]]))
  return { spec: { minReadySeconds: values.min_ready_seconds, progressDeadlineSeconds: values.progress_deadline_seconds, strategy: { rollingUpdate } } }
}

export function confirmed(title, text) {
  const dialog = document.getElementById("confirm-dialog")
  document.getElementById("confirm-title").textContent = title
  document.getElementById("confirm-text").textContent = text
  dialog.returnValue = "no"
  dialog.showModal()
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }))
}
