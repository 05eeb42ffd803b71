// What happens, in sentences: the step just taken, how it went, and what is waited for now. Knows no DOM.

import { duration, noop, t, tn } from "../lib/words.js"
import { isAvailable, newReplicaSet, stateOf } from "./cluster.js"

// A frame's kind (Film.kindOf) as a sentence.
const SENTENCES = {
  start: noop("The state before the rollout."),
  "new up": noop("New ReplicaSet scaled up to %(count)s."),
  "new down": noop("New ReplicaSet scaled down to %(count)s."),
  "old up": noop("Old ReplicaSet scaled up to %(count)s."),
  "old down": noop("Old ReplicaSet scaled down to %(count)s."),
}
const MOST_NODES = 4

export function step(film, frame) {
  return frame ? t(SENTENCES[film.kindOf(frame)], { count: frame.count }) : ""
}

// How a rollout that is complete went; after the first one: what to do now.
export function verdict(film) {
  const { isCreation, ...values } = film.summary()
  if (isCreation) return t("Set another image, scale it, or take a pod away, and watch.")
  if (values.peak === values.whole) return t("At most %(peak)s pods, never fewer than %(least)s available.", values)
  return t("At most %(peak)s pods (%(whole)s with those that stopped), never fewer than %(least)s available.", values)
}

export function waitingFor(deployment, cluster) {
  const replicasets = cluster.replicasetsOf(deployment)
  const newest = newReplicaSet(deployment, replicasets)
  if (!newest) return ""
  const now = cluster.now()
  const pods = cluster.podsOf(newest).filter((each) => each.deleted_at === null)
  const failing = pods.find((each) => stateOf(each, newest.min_ready_seconds, now) === "failed")
  const { replicas, unavailable, strategy } = deployment
  const values = failing && { pod: short(failing), status: failing.status, floor: replicas - unavailable }
  if (failing && replicasets.some((each) => each !== newest && each.replicas))
    return t("%(pod)s is in %(status)s. The floor of %(floor)s available pods keeps the others.", values)
  if (failing) return t("%(pod)s is in %(status)s.", values)
  const dying = replicasets.flatMap((each) => cluster.podsOf(each)).filter((each) => each.deleted_at !== null).length
  if (strategy === "Recreate" && dying)
    return tn(
      "Recreate waits for %(count)s old pod to stop before any new one starts.",
      "Recreate waits for %(count)s old pods to stop before any new one starts.",
      dying,
    )
  const coming = pods.filter((each) => !isAvailable(each, newest.min_ready_seconds, now)).length
  if (coming)
    return tn(
      "Waiting for %(count)s new pod to become available.",
      "Waiting for %(count)s new pods to become available.",
      coming,
    )
  return ""
}

// What a ReplicaSet's pods are doing: those on their way first, else where they run. {text, tone}
export function noteOf({ min_ready_seconds: wait }, pods, now) {
  const states = new Map(pods.map((each) => [each, stateOf(each, wait, now)]))
  const first = (...wanted) => pods.find((each) => wanted.includes(states.get(each)))
  const failed = first("failed")
  if (failed) return { text: located(failed, failed.status), tone: "bad" }
  const lost = first("born")
  if (lost) return { text: t("%(pod)s is not scheduled yet", { pod: short(lost) }), tone: "warn" }
  const coming = first("waiting", "running")
  if (coming)
    return { text: located(coming, coming.phase === "Running" ? t("running, not ready") : coming.status), tone: "" }
  const ready = first("ready")
  if (ready)
    return {
      text: t("%(pod)s is ready, and available %(time)s from now", {
        pod: short(ready),
        time: duration(ready.ready_since + wait - now),
      }),
      tone: "",
    }
  return { text: spread(pods), tone: "" }
}

function located(pod, words) {
  return pod.node
    ? t("%(pod)s: %(words)s, on %(node)s", { pod: short(pod), words, node: pod.node })
    : `${short(pod)}: ${words}`
}

function spread(pods) {
  const counts = new Map()
  for (const { node } of pods) counts.set(node, (counts.get(node) ?? 0) + 1)
  if (!counts.size) return ""
  if (counts.size > MOST_NODES) return tn("on %(count)s node", "on %(count)s nodes", counts.size)
  const named = [...counts]
    .sort(([one], [two]) => one.localeCompare(two))
    .map(([node, count]) => (count > 1 ? `${node} ×${count.toLocaleString()}` : node))
  return t("on %(nodes)s", { nodes: named.join(", ") })
}

function short({ name }) {
  return name.slice(-5)
}
