// A Deployment's state in words. Knows no DOM.

import { t } from "../lib/words.js"
import { isComplete, limitsOf, newReplicaSet } from "./cluster.js"

const AT_ONCE_SECONDS = 2

// {tone, text}; the tone is ok, move, warn or bad.
export function describe(deployment, cluster) {
  const { status, replicas, paused } = deployment
  const progress = { updated: status.updated_replicas, replicas }
  if (deployment.deleted_at !== null) return { tone: "warn", text: t("Deleting") }
  if (isLate(deployment)) return { tone: "bad", text: t("Failing: progress deadline exceeded") }
  const lack = shortfall(deployment)
  if (lack) return { tone: "bad", text: t("Below the floor: %(available)s of %(floor)s", lack) }
  if (paused) return { tone: "warn", text: t("Paused") }
  const failure = status.conditions.find((each) => each.type === "ReplicaFailure")
  if (failure) return { tone: "bad", text: t("Failing: %(reason)s", failure) }
  if (isComplete(deployment)) return { tone: "ok", text: t("Complete") }
  const failing = failingPod(deployment, cluster)
  if (!failing) return { tone: "move", text: t("Progressing, %(updated)s of %(replicas)s updated", progress) }
  const values = { status: cluster.troubleOf(failing), ...progress }
  return { tone: "bad", text: t("Failing: %(status)s, %(updated)s of %(replicas)s updated", values) }
}

// Of the new ReplicaSet, one that does not get anywhere.
export function failingPod(deployment, cluster) {
  const newest = newReplicaSet(deployment, cluster.replicasetsOf(deployment))
  return newest && cluster.podsOf(newest).find((pod) => pod.deleted_at === null && cluster.troubleOf(pod))
}

export function isLate({ status }) {
  return status.conditions.some(({ reason }) => reason === "ProgressDeadlineExceeded")
}

// {available, floor} when fewer pods are available than the limits demand, as the Available condition has it; null
// otherwise, and while a Deployment's first pods start: nothing was lost then.
export function shortfall(deployment) {
  const { available_replicas: available } = deployment.status
  const { floor } = limitsOf(deployment)
  return available < floor && !isFirstStart(deployment) ? { available, floor } : null
}

function isFirstStart({ revision, created_at: created, status }) {
  const condition = status.conditions.find(({ type }) => type === "Available")
  if (!condition) return true
  return condition.status !== "True" && condition.last_transition_time - created < AT_ONCE_SECONDS && revision === "1"
}
