// What every live page does: a cluster, its connection, and one drawing per animation frame.

import { Cluster, isComplete, newReplicaSet, stateOf } from "./cluster.js"
import { Connection } from "./connection.js"
import { noop, t, tn, write } from "./format.js"
import { namespaceBase } from "./requests.js"

const WORDS = { connecting: noop("connecting"), live: noop("live"), reconnecting: noop("reconnecting"), offline: noop("offline"), gone: noop("no access") }

export function follow(draw) {
  const cluster = new Cluster()
  const connection = new Connection(cluster, namespaceBase)
  const shown = document.getElementById("connection")
  connection.addEventListener("state", ({ detail }) => {
    shown.dataset.state = detail.state
    write(shown, detail.reason ? `${t(WORDS[detail.state])}: ${detail.reason}` : t(WORDS[detail.state]))
  })
  const viewers = document.getElementById("viewers")
  connection.addEventListener("presence", ({ detail }) => {
    viewers.hidden = false
    write(viewers, tn("%(count)s watching", "%(count)s watching", detail))
  })
  document.getElementById("spaces")?.addEventListener("change", ({ target }) => location.assign(target.value))
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
  if (isComplete(deployment)) return { tone: "ok", text: t("Complete") }
  const failing = failingPod(deployment, cluster)
  if (failing) return { tone: "bad", text: t("Failing: %(status)s, %(updated)s of %(replicas)s updated", { status: failing.status, updated: status.updated_replicas, replicas }) }
  return { tone: "move", text: t("Progressing, %(updated)s of %(replicas)s updated", { updated: status.updated_replicas, replicas }) }
}

// A pod of the new ReplicaSet that does not get anywhere.
function failingPod(deployment, cluster) {
  const newest = newReplicaSet(deployment, cluster.replicasetsOf(deployment))
  return newest && cluster.podsOf(newest).find((pod) => stateOf(pod, newest.min_ready_seconds, cluster.now()) === "failed")
}
