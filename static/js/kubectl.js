// The kubectl command that does the same, as a shell takes it.

import { namespace } from "./requests.js"

const shown = document.getElementById("kubectl")
const PLAIN = /^[\w@%+=:,./-]+$/

export function show(text) {
  if (shown.textContent !== text) shown.textContent = text
}

export function command(words, ...rest) {
  const where = namespace === "default" ? [] : ["-n", namespace]
  return ["kubectl", words, ...rest.map(quoted), ...where].join(" ")
}

export function setImage(name, images) {
  return command("set image", `deployment/${name}`, ...Object.entries(images).map(([container, image]) => `${container}=${image}`))
}

export function scale(name, replicas) {
  return command("scale", `deployment/${name}`, `--replicas=${replicas}`)
}

// `values` as of the tune action: those that are to change.
export function patch(name, { max_surge: surge, max_unavailable: unavailable, ...values }) {
  const spec = {}
  if ("min_ready_seconds" in values) spec.minReadySeconds = values.min_ready_seconds
  if ("progress_deadline_seconds" in values) spec.progressDeadlineSeconds = values.progress_deadline_seconds
  const rollingUpdate = { ...(surge === undefined ? {} : { maxSurge: surge }), ...(unavailable === undefined ? {} : { maxUnavailable: unavailable }) }
  const strategy = { ...(values.strategy ? { type: values.strategy } : {}) }
  if (values.strategy === "Recreate") strategy.rollingUpdate = null
  else if (Object.keys(rollingUpdate).length) strategy.rollingUpdate = rollingUpdate
  if (Object.keys(strategy).length) spec.strategy = strategy
  return command("patch", `deployment/${name}`, "-p", JSON.stringify({ spec }))
}

export function rollout(verb, name, ...flags) {
  return command(`rollout ${verb}`, `deployment/${name}`, ...flags)
}

export function remove(kind, name) {
  return command("delete", `${kind}/${name}`)
}

function quoted(word) {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
