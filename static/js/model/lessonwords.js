// What a lesson says of the cluster, in the reader's language, from its rule and inputs (core/lessons/telling.py). Knows
// no DOM.

import { clauses, noop, statements, t } from "../lib/words.js"
import { whyText } from "./why.js"

const COMPUTED = { floor: noop("floor"), ceiling: noop("ceiling") }
const RULES = {
  "no-deployment": (inputs) => t("There is no Deployment %(name)s yet.", inputs),
  "other-image": (inputs) => t("The Deployment's image is %(images)s, expected %(image)s.", inputs),
  complete: (inputs) => t("All %(pods)s pods are updated and available.", inputs),
  paused: (inputs) => t("The rollout is paused with %(updated)s of %(pods)s pods updated.", inputs),
  "under-way": (inputs) =>
    t("%(updated)s of %(pods)s pods are updated, %(available)s available, %(old)s old left.", inputs),
  fields: fieldsText,
  updated: (inputs) => t("%(found)s pods are updated, expected exactly %(expected)s.", inputs),
  "no-rollout": () => t("No rollout has begun in this task."),
  "no-rollout-floor": (inputs) =>
    t("No rollout has begun in this task, expected one with at least %(floor)s pods available all the time.", inputs),
  "no-rollout-ceiling": (inputs) =>
    t("No rollout has begun in this task, expected one with at most %(ceiling)s pods.", inputs),
  "below-floor": (inputs) =>
    t("Only %(lowest)s pods were available during the rollout, expected at least %(floor)s. Roll out again.", inputs),
  "floor-held": (inputs) => t("At least %(lowest)s pods were available all the time.", inputs),
  "above-ceiling": (inputs) =>
    t("There were %(highest)s pods during the rollout, expected at most %(ceiling)s. Roll out again.", inputs),
  "ceiling-held": (inputs) => t("There were never more than %(highest)s pods.", inputs),
  "no-outage": (inputs) => t("%(lowest)s pods were available even at the worst moment, expected 0.", inputs),
  outage: () => t("For a while no pod was available."),
  newest: (inputs) => t("Revision %(revision)s belongs to the newest ReplicaSet; expected an earlier one.", inputs),
  undone: (inputs) => t("%(name)s is in use again, as revision %(revision)s.", inputs),
  failing: failingText,
  "deadline-exceeded": () => t("The progress deadline has run out."),
  progress: (inputs) => t("Progressing has the reason %(reason)s, expected ProgressDeadlineExceeded.", inputs),
  "no-progress": () => t("The condition Progressing has no reason yet, expected ProgressDeadlineExceeded."),
  pending: (inputs) => t("%(found)s pods are Pending, expected at least %(expected)s.", inputs),
  "still-pending": (inputs) => t("%(found)s pods are Pending, expected none.", inputs),
  "none-pending": () => t("No pod is Pending."),
  event: (inputs) => t("An event %(reason)s was recorded since the task began.", inputs),
  "no-event": (inputs) => t("No event %(reason)s since the task began.", inputs),
  revisions: (inputs) => t("%(found)s ReplicaSets are kept, expected at least %(expected)s.", inputs),
  "not-scaled": () => t("The number of replicas has not been changed in the middle of a rollout."),
  scaled: (inputs) => t("Scaled from %(before)s to %(after)s in the middle of the rollout.", inputs),
  "pods-deleted": (inputs) => t("%(found)s of %(expected)s pods were deleted by hand.", inputs),
  deleted: (inputs) => t("%(name)s is deleted.", inputs),
  "still-there": (inputs) => t("The Deployment %(name)s is still there.", inputs),
  "clock-runs": () => t("The clock is running."),
  "clock-paused": () => t("The clock is paused."),
  "clock-should-pause": () => t("The clock is running, expected paused."),
  "clock-should-run": () => t("The clock is paused, expected running."),
  "nothing-next": () => t("Nothing more happens by itself: no ReplicaSet changes its size."),
  scaling: scalingText,
  "look-again": () => t("Look again."),
  "answer-available": (inputs) =>
    t(
      "status.availableReplicas of the Deployment is %(value)s: pods that have been ready for minReadySeconds.",
      inputs,
    ),
  "answer-updated": (inputs) =>
    t("status.updatedReplicas of the Deployment is %(value)s: pods of the newest template.", inputs),
  "answer-pods": (inputs) =>
    t("status.replicas of the Deployment is %(value)s: pods that do not terminate, old and new.", inputs),
  "answer-unavailable": (inputs) =>
    t("status.unavailableReplicas of the Deployment is %(value)s: pods that should be available and are not.", inputs),
  "answer-floor": (inputs) =>
    t("%(desired)s desired less maxUnavailable %(given)s, which is %(spared)s: %(value)s.", inputs),
  "answer-ceiling": (inputs) => t("%(desired)s desired and maxSurge %(given)s, which is %(extra)s: %(value)s.", inputs),
  "answer-revision": (inputs) =>
    t("The Deployment's annotation deployment.kubernetes.io/revision is %(value)s.", inputs),
  "answer-replicasets": (inputs) =>
    t("The Deployment has %(value)s ReplicaSets, one for each pod template that it still remembers.", inputs),
  "all-ready": () => t("Every pod is ready."),
  "answer-failing": (inputs) =>
    t("kubectl get pods shows %(word)s for %(count)s of the pods that are not ready.", inputs),
  "answer-progress": (inputs) => t("The condition Progressing has the reason %(reason)s.", inputs),
  "answer-no-progress": () => t("The condition Progressing has no reason yet."),
  "answer-hash": (inputs) => t("The new ReplicaSet and its pods have the label %(label)s=%(value)s.", inputs),
  "act-created": (inputs) => t("created %(name)s", inputs),
  "act-deleted": (inputs) => t("deleted %(name)s", inputs),
  "act-paused": () => t("paused"),
  "act-resumed": () => t("resumed"),
  "act-image": (inputs) => t("image %(images)s", inputs),
  "act-scaled": (inputs) => t("scaled to %(replicas)s", inputs),
  "act-strategy": (inputs) => t("strategy %(strategy)s", inputs),
  "act-limits": () => t("limits changed"),
  "act-template": () => t("template changed"),
  "act-pod": (inputs) => t("deleted pod %(name)s", inputs),
  "act-pace": (inputs) => t("clock at %(pace)s×", inputs),
  "act-pace-zero": () => t("clock paused"),
}

export const KNOWN = Object.keys(RULES)

// {rule, inputs, text}; a rule that is not known here stays as it was written.
export function lessonText({ rule, inputs, text }) {
  return RULES[rule]?.(inputs) ?? text
}

// Of those that are not as expected; of all where there are none.
function fieldsText({ fields }) {
  const wrong = fields.filter((each) => !each.is_met)
  const parts = wrong.map((each) =>
    t("%(field)s is %(found)s, expected %(expected)s", {
      field: fieldName(each),
      found: shown(each.found),
      expected: shown(each.expected),
    }),
  )
  const right = fields.map((each) => t("%(field)s is %(found)s", { field: fieldName(each), found: shown(each.found) }))
  return t("%(words)s.", { words: wrong.length ? statements(parts) : clauses(right) })
}

// Fields keep their names; what is computed has a name in the reader's language.
function fieldName({ field }) {
  return COMPUTED[field] ? t(COMPUTED[field]) : field
}

function shown(value) {
  return value === null ? t("not set") : value
}

function failingText({ word, found, pods, failing }) {
  const counts = Object.entries(failing).map(([status, count]) => `${count} ${status}`)
  const others = counts.length ? clauses(counts) : t("none")
  return t("%(found)s of %(pods)s pods are in %(word)s (not ready: %(others)s).", { word, found, pods, others })
}

function scalingText({ side, name, before, after, why }) {
  const values = { name, before, after }
  const step =
    side === "new"
      ? t("The new ReplicaSet %(name)s goes from %(before)s to %(after)s", values)
      : t("The old ReplicaSet %(name)s goes from %(before)s to %(after)s", values)
  return why ? t("%(step)s: %(why)s.", { step, why: whyText(why) }) : t("%(words)s.", { words: step })
}
