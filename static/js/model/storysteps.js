// A step of a story as a line: the kubectl command that does the same, or words. Knows no DOM.

import { number } from "../lib/numbers.js"
import { clauses, duration, named, t, tn } from "../lib/words.js"

// What a step's value is in the body of a verb.
const BODIES = {
  "set-image": (images) => ({ images }),
  scale: (replicas) => ({ replicas }),
  undo: (revision) => (revision ? { to_revision: revision } : {}),
  pause: () => ({}),
  resume: () => ({}),
  restart: () => ({}),
  delete: () => ({}),
}
const COMMANDS = {
  apply: (kubectl, { name }) => kubectl.apply(name),
  patch: (kubectl, value, deployment) => kubectl.patch("Deployment", deployment, value),
  drain: (kubectl, node) => kubectl.ofNode("drain", node),
  uncordon: (kubectl, node) => kubectl.ofNode("uncordon", node),
}
const WORDS = {
  wait: (value) => (value === "quiet" ? t("Wait until nothing moves") : t("Wait %(time)s", { time: duration(value) })),
  say: () => t("Words for the audience"),
  pace: (value) =>
    value === "step"
      ? t("Step to what happens next")
      : value === 0
        ? t("Pause time")
        : t("The clock at %(pace)s×", { pace: number(value) }),
  "delete-pod": (value) =>
    ofPods(value, (count) => tn("%(count)s pod is deleted", "%(count)s pods are deleted", count)),
  ready: (value) => ofPods(value, (count) => tn("%(count)s pod becomes ready", "%(count)s pods become ready", count)),
  unready: (value) =>
    ofPods(value, (count) => tn("%(count)s pod stops being ready", "%(count)s pods stop being ready", count)),
  break: (value) =>
    clauses(Object.entries(value).map(([image, failure]) => t("%(image)s fails: %(failure)s", { image, failure }))),
  heal: (image) => t("%(image)s works again", { image }),
}

// {text, isCommand} of a step {verb, value} of a story about a Deployment.
export function lineOf({ verb, value }, deployment, kubectl) {
  const command = commandOf(verb, value, deployment, kubectl)
  return { text: command || (WORDS[verb]?.(value) ?? verb), isCommand: Boolean(command) }
}

function commandOf(verb, value, deployment, kubectl) {
  if (verb in BODIES) return kubectl.of(verb, deployment, BODIES[verb](value))
  if (verb === "wait" && (value === "complete" || value === "failed")) return kubectl.status(deployment)
  return COMMANDS[verb]?.(kubectl, value, deployment) ?? ""
}

// `value`: how many pods by the number of their ReplicaSet; 0 is the newest.
function ofPods(value, words) {
  const told = Object.entries(value).map(([replicaset, count]) =>
    named(
      replicaset === "0" ? t("newest ReplicaSet") : t("ReplicaSet %(number)s", { number: Number(replicaset) }),
      words(count),
    ),
  )
  return clauses(told)
}
