// The terms that the pages explain, in docs/glossary.md's words, and where they stand in a text. Knows no DOM.

import { noop, t } from "../lib/words.js"

// By the id that a button of a term has: its name, its sentence, and the words that stand for it in texts.
export const TERMS = {
  "max-surge": {
    name: noop("Max surge"),
    text: noop(
      "maxSurge: pods allowed above the desired number during a rollout. A percentage is of the desired number, rounded up.",
    ),
    words: [noop("max surge"), "maxSurge"],
  },
  "max-unavailable": {
    name: noop("Max unavailable"),
    text: noop(
      "maxUnavailable: pods that may be unavailable during a rollout. A percentage is rounded down. The floor is the desired number less this.",
    ),
    words: [noop("max unavailable"), "maxUnavailable"],
  },
  "min-ready": {
    name: noop("Min ready (s)"),
    text: noop("minReadySeconds: how long a pod must be ready before it counts as available."),
    words: ["minReadySeconds"],
  },
  deadline: {
    name: noop("Deadline (s)"),
    text: noop(
      "progressDeadlineSeconds: how long a rollout may make no progress before the Deployment reports a failure. The rollout is not stopped by it.",
    ),
    words: [noop("progress deadline"), "progressDeadlineSeconds"],
  },
  ceiling: {
    name: noop("Ceiling"),
    text: noop("Most pods at one time: desired + max surge. Terminating pods are not counted."),
    words: [noop("ceiling")],
  },
  floor: {
    name: noop("Floor"),
    text: noop("Fewest pods that must stay available: desired − max unavailable."),
    words: [noop("floor")],
  },
  ready: {
    name: noop("Ready"),
    text: noop(
      "The pod's containers run and their readiness probes succeed. A ready pod counts as available only after minReadySeconds.",
    ),
    words: [],
  },
  available: {
    name: noop("Available"),
    text: noop("Ready for at least minReadySeconds, and not terminating."),
    words: [noop("available")],
  },
  terminating: {
    name: noop("Terminating"),
    text: noop(
      "Deletion was asked for, and the pod is still stopping. It counts neither as available nor against the ceiling.",
    ),
    words: [noop("terminating")],
  },
  revision: {
    name: noop("Revision"),
    text: noop(
      "A pod template that the Deployment had, with its ReplicaSet. Each rollout gets the next number, an undo too.",
    ),
    words: [noop("revision")],
  },
  hash: {
    name: noop("Template hash"),
    text: noop(
      "pod-template-hash: computed from the pod template. It is in the names of a ReplicaSet and of its pods, so the same template gives the same ReplicaSet.",
    ),
    words: ["pod-template-hash"],
  },
  "image-rule": {
    name: noop("Image rule"),
    text: noop(
      "How containers of matching images behave here: how long they take to pull, start, become ready and stop, and how they fail. No container runs. The rules are in the cluster's settings.",
    ),
    words: [noop("image rule")],
  },
}
// Words in which another one stands that means the opposite.
const OTHERS = [noop("unavailable")]

// [{text, term}] of a text: its parts in order, the first place of each term with its id, the rest with "".
export function parts(text) {
  const known = ids()
  const found = []
  const seen = new Set()
  let end = 0
  for (const match of text.matchAll(pattern(known))) {
    const term = known.get(match[0].toLowerCase())
    if (!term || seen.has(term)) continue
    seen.add(term)
    found.push({ text: text.slice(end, match.index), term: "" }, { text: match[0], term })
    end = match.index + match[0].length
  }
  return [...found, { text: text.slice(end), term: "" }].filter((each) => each.text)
}

// Each word in the page's language, with the id of its term; "" of OTHERS.
function ids() {
  const pairs = Object.entries(TERMS).flatMap(([id, { words }]) => words.map((word) => [t(word).toLowerCase(), id]))
  return new Map([...OTHERS.map((word) => [t(word).toLowerCase(), ""]), ...pairs])
}

// Longer words first; words of letters with spaces between them stand alone.
function pattern(known) {
  const words = [...known.keys()].sort((one, two) => two.length - one.length)
  return new RegExp(words.map((word) => (/^[\w -]+$/.test(word) ? `\\b${word}\\b` : word)).join("|"), "gi")
}
