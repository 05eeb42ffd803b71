// A controller's reason in the reader's language, from its rule and the numbers that it read. Knows no DOM.

import { t, tn } from "../lib/words.js"

const ROUNDED = {
  up: (values) => t("%(field)s %(given)s of %(desired)s rounds up to %(result)s", values),
  down: (values) => t("%(field)s %(given)s of %(desired)s rounds down to %(result)s", values),
}

// By rule: what each needs is in the inputs of the journal (core/controllers).
const RULES = {
  "surge-room": surgeRoom,
  "availability-floor": availabilityFloor,
  "unhealthy-first": (inputs) =>
    inputs.unhealthy === 1
      ? t(
          "%(unhealthy)s of its %(size)s pods is not available; removing an unavailable pod costs nothing, so %(count)s goes first (%(spare)s could be spared)",
          inputs,
        )
      : tn(
          "%(unhealthy)s of its %(size)s pods are not available; removing an unavailable pod costs nothing, so %(count)s goes first (%(spare)s could be spared)",
          "%(unhealthy)s of its %(size)s pods are not available; removing an unavailable pod costs nothing, so %(count)s go first (%(spare)s could be spared)",
          inputs.count,
          inputs,
        ),
  "too-many-new": (inputs) => t("The new ReplicaSet has %(new)s pods, %(desired)s are desired", inputs),
  recreate: (inputs) => t("Recreate: its %(replicas)s pods must be gone before the first new pod starts", inputs),
  "recreate-new": (inputs) => t("Recreate: no old pod is left, the new ReplicaSet gets all %(desired)s", inputs),
  scale: (inputs) => t("The Deployment asks for %(desired)s, and only this ReplicaSet has pods", inputs),
  saturated: (inputs) => t("All %(new)s new pods are available: no old one is needed", inputs),
  proportional: (inputs) => {
    const values = { ...inputs, count: Math.abs(inputs.to_add) }
    return inputs.to_add > 0
      ? t(
          "Scaled to %(desired)s in the middle of a rollout; pods to add: %(count)s, shared out by size (this one has %(size)s)",
          values,
        )
      : t(
          "Scaled to %(desired)s in the middle of a rollout; pods to remove: %(count)s, shared out by size (this one has %(size)s)",
          values,
        )
  },
  "desired-pods": (inputs) =>
    inputs.existing > inputs.desired
      ? t("%(desired)s pods are desired, %(existing)s exist: %(count)s to delete", inputs)
      : t("%(desired)s pods are desired, %(existing)s exist: %(count)s to create", inputs),
  "history-limit": (inputs) =>
    t("%(old)s old ReplicaSets exist, revisionHistoryLimit keeps %(limit)s: %(name)s is the oldest", inputs),
  progress: (inputs) =>
    inputs.reason === "ProgressDeadlineExceeded"
      ? t("No progress for %(deadline)s s (progressDeadlineSeconds)", inputs)
      : t("All %(desired)s pods are new and available, and no old pod is left", inputs),
  "owner-gone": (inputs) => t("The Deployment that owned %(name)s is gone", inputs),
  "no-room": () => t("No node has a free pod slot"),
}

// `why`: {rule, inputs, text} or null. What is not known here, or was written with fewer numbers, stays as it was written.
export function whyText(why) {
  if (!why) return ""
  const text = RULES[why.rule]?.(why.inputs ?? {})
  return text && !text.includes("undefined") ? text : why.text
}

function surgeRoom({ given, desired, surge, current, room, added }) {
  const rounding = rounded("maxSurge", "up", { given, desired, result: surge })
  const values = { rounding, desired, surge, current, count: room, added }
  if (added < room)
    return tn(
      "%(rounding)s; %(desired)s + %(surge)s - %(current)s leaves room for %(count)s new pod, %(added)s still needed",
      "%(rounding)s; %(desired)s + %(surge)s - %(current)s leaves room for %(count)s new pods, %(added)s still needed",
      room,
      values,
    )
  return tn(
    "%(rounding)s; %(desired)s + %(surge)s - %(current)s leaves room for %(count)s new pod",
    "%(rounding)s; %(desired)s + %(surge)s - %(current)s leaves room for %(count)s new pods",
    room,
    values,
  )
}

function availabilityFloor({ given, desired, unavailable, floor, available, count }) {
  const rounding = rounded("maxUnavailable", "down", { given, desired, result: unavailable })
  return tn(
    "%(rounding)s, so the floor is %(desired)s - %(unavailable)s = %(floor)s; %(available)s are available: %(count)s old pod can be removed",
    "%(rounding)s, so the floor is %(desired)s - %(unavailable)s = %(floor)s; %(available)s are available: %(count)s old pods can be removed",
    count,
    { rounding, desired, unavailable, floor, available },
  )
}

// As rounding_text of core/controllers/rolling_limits.py.
function rounded(field, direction, { given, desired, result }) {
  if (typeof given === "string") return ROUNDED[direction]({ field, given, desired, result })
  return given === result
    ? t("%(field)s is %(given)s", { field, given })
    : t("%(field)s %(given)s counts as %(result)s", { field, given, result })
}
