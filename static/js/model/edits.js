// Which kubectl command has the effect of an edit that was seen to happen. Knows no DOM.

import { LIMITS } from "./verbs.js"

// "" for what can't be told from the states, such as an edited label. `before`: null of a Deployment that is new.
export function commandOf(before, after, kubectl) {
  if (!before || before.generation === after.generation) return ""
  const { name } = after
  const images = after.containers.filter((each) => imageOf(before, each.name) !== each.image)
  if (images.length)
    return kubectl.of("set-image", name, { images: Object.fromEntries(images.map((each) => [each.name, each.image])) })
  if (before.replicas !== after.replicas) return kubectl.of("scale", name, { replicas: after.replicas })
  if (before.paused !== after.paused) return kubectl.of(after.paused ? "pause" : "resume", name)
  const limits = Object.keys(LIMITS).filter((key) => before[key] !== after[key])
  return limits.length ? kubectl.of("tune", name, Object.fromEntries(limits.map((key) => [key, after[key]]))) : ""
}

// The commands of a recorded film: [{rv, text}], in order.
export function commandsOf({ start, frames }, kubectl) {
  let before = start.deployment
  const found = []
  for (const { kind, verb, rv, state } of frames) {
    if (kind !== "Deployment" || verb === "DELETED") continue
    const text = commandOf(before, state, kubectl)
    if (text) found.push({ rv, text })
    before = state
  }
  return found
}

function imageOf({ containers }, name) {
  return containers.find((each) => each.name === name)?.image
}
