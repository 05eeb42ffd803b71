// Refusals at the field that they are about, with what to do.

import { element } from "./nodes.js"
import { t } from "./words.js"

const FIELDS = [
  [/^metadata\.name$/, "name"],
  [/^spec\.replicas$/, "replicas"],
  [/maxSurge$/, "max_surge"],
  [/maxUnavailable$/, "max_unavailable"],
  [/minReadySeconds$/, "min_ready_seconds"],
  [/progressDeadlineSeconds$/, "progress_deadline_seconds"],
  [/containers\[\d+\]\.image$/, "image"],
  [/strategy/, "strategy"],
]
let numbered = 0

// Returns the texts that belong to no field of the form.
export function showProblems(form, refusal) {
  clearProblems(form)
  const rest = []
  const { message, status = {} } = refusal
  const causes = status.details?.causes ?? [causeOf(message)]
  for (const { field, message: text } of causes) {
    const input = form && inputFor(form, field)
    if (input) attach(input, text)
    else rest.push(field ? `${field}: ${text}` : text)
  }
  form?.querySelector("[aria-invalid]")?.focus()
  const advice = adviceFor(status)
  return [...rest, ...(advice ? [advice] : [])]
}

export function clearProblems(form) {
  for (const each of form?.querySelectorAll(".problem") ?? []) each.remove()
  for (const input of form?.querySelectorAll("[aria-invalid]") ?? []) {
    input.removeAttribute("aria-invalid")
    input.removeAttribute("aria-describedby")
  }
}

// The page's own checks name a field before the colon: "max_surge: Invalid value: ...".
function causeOf(message) {
  const [, field, text] = /^([\w.]+): (.*)$/s.exec(message) ?? []
  return field ? { field, message: text } : { field: "", message }
}

function inputFor(form, field) {
  const name = FIELDS.find(([pattern]) => pattern.test(field))?.[1] ?? field
  return name ? form.elements.namedItem(name) : null
}

function attach(input, text) {
  numbered += 1
  const note = element("p", { className: "problem", id: `problem-${numbered}` }, text)
  input.setAttribute("aria-invalid", "true")
  input.setAttribute("aria-describedby", note.id)
  const label = input.closest("form.asking label")
  if (label) label.append(note)
  else input.closest("form").append(note)
}

function adviceFor({ code, reason, message = "" }) {
  if (/may not be 0 when/.test(message)) return t("Raise one of the two limits.")
  if (/Rollstage limit of the namespace/.test(message))
    return t("Ask for fewer replicas, or have the namespace's limit of pods raised in the admin.")
  if (/Rollstage limit/.test(message)) return t("Ask for less, or delete what is not needed any more.")
  if (code === 401) return t("Log in, then try again.")
  if (code === 403) return t("Ask an admin of the cluster for a role that allows this.")
  if (code === 404) return t("The object was deleted meanwhile; go to the overview.")
  if (reason === "AlreadyExists") return t("Choose another name.")
  if (code === 409) return t("The object was changed meanwhile. Check its current state, then try again.")
  return ""
}
