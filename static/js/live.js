// What every live page does: a cluster, its connection, and one drawing per animation frame.

import { Cluster, newReplicaSet, stateOf } from "./cluster.js"
import { Connection } from "./connection.js"
import { t, write } from "./format.js"
import { namespace } from "./requests.js"

const WORDS = { connecting: "connecting", live: "live", reconnecting: "reconnecting", offline: "offline", gone: "no access" }

export function follow(draw) {
  const cluster = new Cluster()
  const connection = new Connection(cluster, namespace)
  const shown = document.getElementById("connection")
  connection.addEventListener("state", ({ detail }) => {
    shown.dataset.state = detail.state
    write(shown, detail.reason ? `${t(WORDS[detail.state])}: ${detail.reason}` : t(WORDS[detail.state]))
  })
  connection.addEventListener("presence", ({ detail }) => write(document.getElementById("viewers"), t("%(count)s watching", { count: detail })))
  let asked = false
  const redraw = () => {
    if (asked) return
    asked = true
    requestAnimationFrame(() => {
      asked = false
      draw(cluster)
    })
  }
  cluster.addEventListener("change", redraw)
  setInterval(redraw, 1000)
  connection.open()
  return { cluster, redraw }
}

// A Deployment's state in words, with a tone: ok, move, warn or bad.
export function describe(deployment, cluster) {
  const { status, replicas, paused } = deployment
  const progressing = status.conditions.find((each) => each.type === "Progressing")
  if (deployment.deleted_at !== null) return { tone: "warn", text: t("Deleting") }
  if (progressing?.reason === "ProgressDeadlineExceeded") return { tone: "bad", text: t("Failing: progress deadline exceeded") }
  if (paused) return { tone: "warn", text: t("Paused") }
  const failure = status.conditions.find((each) => each.type === "ReplicaFailure")
  if (failure) return { tone: "bad", text: t("Failing: %(reason)s", failure) }
  const settled = status.updated_replicas === replicas && status.replicas === replicas && status.available_replicas === replicas
  if (settled && status.observed_generation >= deployment.generation) return { tone: "ok", text: t("Complete") }
  const failing = failingPod(deployment, cluster)
  if (failing) return { tone: "bad", text: t("Failing: %(status)s, %(updated)s of %(replicas)s updated", { status: failing.status, updated: status.updated_replicas, replicas }) }
  return { tone: "move", text: t("Progressing, %(updated)s of %(replicas)s updated", { updated: status.updated_replicas, replicas }) }
}

// A pod of the new ReplicaSet that does not get anywhere.
function failingPod(deployment, cluster) {
  const newest = newReplicaSet(deployment, cluster.replicasetsOf(deployment))
  return newest && cluster.podsOf(newest).find((pod) => stateOf(pod, newest.min_ready_seconds, cluster.now()) === "failed")
}
