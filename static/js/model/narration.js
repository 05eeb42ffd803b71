// What happens, in sentences: the step just taken, how it went, and what is waited for now. Knows no DOM.

import { listed, number } from "../lib/numbers.js"
import { duration, named, noop, sentences, t, tn } from "../lib/words.js"
import { isAvailable, limitsOf, newReplicaSet, stateOf } from "./cluster.js"
import { failingPod, isLate, shortfall } from "./describe.js"

// A frame's kind (Film.kindOf) as a sentence.
const SENTENCES = {
  start: noop("The state before the rollout."),
  "new up": noop("New ReplicaSet scaled up to %(count)s."),
  "new down": noop("New ReplicaSet scaled down to %(count)s."),
  "old up": noop("Old ReplicaSet scaled up to %(count)s."),
  "old down": noop("Old ReplicaSet scaled down to %(count)s."),
}
const MOST_NODES = 4
const SHORTEST_SECONDS = 0.05

export function step(film, frame) {
  return frame ? t(SENTENCES[film.kindOf(frame)], { count: frame.count }) : ""
}

// {lead, why, now}: the step just taken, its reason, and what is waited for.
export function narrate(film, deployment, cluster, canEdit) {
  const frame = film.frames.at(-1)
  const now = waitingFor(deployment, cluster)
  if (deployment.paused) return { lead: t("Paused."), why: whilePaused(film, deployment), now }
  if (film.endedAt !== null) return { lead: ended(film), why: verdict(film, canEdit), now }
  const isUnseen = deployment.status.observed_generation < deployment.generation
  const isOld = frame && (isUnseen || frame.at < film.shownFrom)
  if (isOld) return { lead: beginning(deployment, cluster), why: "", now }
  return { lead: step(film, frame), why: frame?.why ?? "", now }
}

function ended(film) {
  const { seconds } = film.summary()
  return seconds < SHORTEST_SECONDS
    ? t("Complete at once.")
    : t("Complete after %(time)s.", { time: duration(seconds) })
}

// How a rollout that is complete went; after the first one: what to do now.
function verdict(film, canEdit) {
  const { isCreation, ...values } = film.summary()
  if (isCreation) return !canEdit ? "" : t("Set another image, scale it, or delete a pod, and watch what happens.")
  if (values.peak === values.whole) return t("At most %(peak)s pods, never fewer than %(least)s available.", values)
  return t(
    "At most %(peak)s pods (%(whole)s including terminating pods), never fewer than %(least)s available.",
    values,
  )
}

// Scaling shares what is allowed, surge included, among the ReplicaSets (upstream's scale() in sync.go).
function whilePaused(film, deployment) {
  const { ceiling } = limitsOf(deployment)
  const desired = film.frames.at(-1)?.counts.filter((each) => each.desired) ?? []
  const waits = t("Template changes take effect on resume.")
  if (desired.length < 2) return sentences([waits, t("Scaling still works.")])
  const rule = t(
    "Scaling still works: up to %(ceiling)s pods (replicas + max surge) are shared among the ReplicaSets in proportion to their size, what rounding leaves goes to the largest.",
    { ceiling },
  )
  return sentences([waits, rule])
}

// No step was taken yet since all was complete.
function beginning(deployment, cluster) {
  const newest = newReplicaSet(deployment, cluster.replicasetsOf(deployment))
  const living = newest ? cluster.podsOf(newest).filter((each) => each.deleted_at === null) : []
  const missing = deployment.replicas - living.length
  if (deployment.status.observed_generation < deployment.generation || !newest) return t("Starting the rollout.")
  if (missing > 0)
    return tn("Replacing %(count)s pod that was deleted.", "Replacing %(count)s pods that were deleted.", missing)
  const lost = living.filter((each) => !isAvailable(each, newest.min_ready_seconds, cluster.now())).length
  if (lost) return tn("%(count)s pod is no longer available.", "%(count)s pods are no longer available.", lost)
  return t("Starting the rollout.")
}

export function waitingFor(deployment, cluster) {
  const lack = shortfall(deployment)
  const late = isLate(deployment) && deployment.progress_deadline_seconds
  return sentences([
    lack && t("Below the floor: %(available)s of %(floor)s available.", lack),
    late && t("No progress within the deadline of %(time)s.", { time: duration(late, 0) }),
    causeOf(deployment, cluster),
    !late && stuckPod(deployment, cluster) && deadline(deployment, cluster.now()),
  ])
}

// The pod that keeps a rollout from going on: one that fails, or that no node has room for; undefined: none does.
export function stuckPod(deployment, cluster) {
  const failing = failingPod(deployment, cluster)
  const newest = newReplicaSet(deployment, cluster.replicasetsOf(deployment))
  return failing ?? (newest && cluster.podsOf(newest).find((each) => each.deleted_at === null && isUnscheduled(each)))
}

function isUnscheduled({ node, message }) {
  return !node && Boolean(message)
}

// When a rollout that makes no progress will be said to have failed.
function deadline({ progress_deadline_seconds: seconds, paused, status }, now) {
  const progressing = status.conditions.find(({ type }) => type === "Progressing")
  if (!seconds || paused || !progressing || progressing.reason === "NewReplicaSetAvailable") return ""
  const left = progressing.last_update_time + seconds - now
  return left > 0 ? t("The progress deadline passes in %(time)s.", { time: duration(left, 0) }) : ""
}

// Why a rollout is not complete, in a sentence; "" if nothing is waited for.
export function causeOf(deployment, cluster) {
  const replicasets = cluster.replicasetsOf(deployment)
  const newest = newReplicaSet(deployment, replicasets)
  if (!newest) return ""
  const now = cluster.now()
  const refused = deployment.status.conditions.find(
    ({ type, status }) => type === "ReplicaFailure" && status === "True",
  )
  if (refused) return t("A pod can't be created: %(message)s", { message: refused.message })
  const failing = failingPod(deployment, cluster)
  if (failing) return failure(failing, deployment, cluster, replicasets, newest)
  const dying = replicasets.flatMap((each) => cluster.podsOf(each)).filter((each) => each.deleted_at !== null).length
  if (deployment.strategy === "Recreate" && dying)
    return tn(
      "Recreate waits for %(count)s old pod to stop before any new one starts.",
      "Recreate waits for %(count)s old pods to stop before any new one starts.",
      dying,
    )
  const pods = cluster.podsOf(newest).filter((each) => each.deleted_at === null)
  const coming = pods.filter((each) => !isAvailable(each, newest.min_ready_seconds, now))
  return unscheduled(coming) || waiting(coming.length)
}

function failure(failing, deployment, cluster, replicasets, newest) {
  const { floor } = limitsOf(deployment)
  const what = t("%(pod)s is in %(status)s.", { pod: short(failing), status: cluster.troubleOf(failing) })
  const isHeld = !shortfall(deployment) && replicasets.some((each) => each !== newest && each.replicas)
  if (!isHeld || deployment.paused) return what
  const held = tn(
    "%(count)s pod must stay available, so no more old pods are removed.",
    "%(count)s pods must stay available, so no more old pods are removed.",
    floor,
  )
  return sentences([what, held])
}

function unscheduled(coming) {
  const pending = coming.filter(isUnscheduled)
  if (!pending.length) return ""
  const values = { message: pending[0].message }
  return tn(
    "%(count)s new pod can't be scheduled: %(message)s",
    "%(count)s new pods can't be scheduled: %(message)s",
    pending.length,
    values,
  )
}

function waiting(count) {
  if (!count) return ""
  return tn(
    "Waiting for %(count)s new pod to become available.",
    "Waiting for %(count)s new pods to become available.",
    count,
  )
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
    : named(short(pod), words)
}

function spread(pods) {
  const counts = new Map()
  for (const { node } of pods) counts.set(node, (counts.get(node) ?? 0) + 1)
  if (!counts.size) return ""
  if (counts.size > MOST_NODES) return tn("on %(count)s node", "on %(count)s nodes", counts.size)
  const nodes = [...counts]
    .sort(([one], [two]) => one.localeCompare(two))
    .map(([node, count]) => (count > 1 ? `${node} ×${number(count)}` : node))
  return t("on %(nodes)s", { nodes: listed(nodes) })
}

function short({ name }) {
  return name.slice(-5)
}
