// A Deployment's state in words. Knows no DOM.

import { t } from "../lib/words.js"
import { isComplete, newReplicaSet, stateOf } from "./cluster.js"

// {tone, text}; the tone is ok, move, warn or bad.
export function describe(deployment, cluster) {
  const { status, replicas, paused } = deployment
  const progressing = status.conditions.find((each) => each.type === "Progressing")
  if (deployment.deleted_at !== null) return { tone: "warn", text: t("Deleting") }
  if (progressing?.reason === "ProgressDeadlineExceeded")
    return { tone: "bad", text: t("Failing: progress deadline exceeded") }
  if (paused) return { tone: "warn", text: t("Paused") }
  const failure = status.conditions.find((each) => each.type === "ReplicaFailure")
  if (failure) return { tone: "bad", text: t("Failing: %(reason)s", failure) }
  if (isComplete(deployment)) return { tone: "ok", text: t("Complete") }
  const failing = failingPod(deployment, cluster)
  if (failing)
    return {
      tone: "bad",
      text: t("Failing: %(status)s, %(updated)s of %(replicas)s updated", {
        status: failing.status,
        updated: status.updated_replicas,
        replicas,
      }),
    }
  return {
    tone: "move",
    text: t("Progressing, %(updated)s of %(replicas)s updated", { updated: status.updated_replicas, replicas }),
  }
}

// A pod of the new ReplicaSet that does not get anywhere.
function failingPod(deployment, cluster) {
  const newest = newReplicaSet(deployment, cluster.replicasetsOf(deployment))
  return (
    newest && cluster.podsOf(newest).find((pod) => stateOf(pod, newest.min_ready_seconds, cluster.now()) === "failed")
  )
}
