// A rollout as frames and curves, from the journal's changes. Knows no DOM.

import { isComplete, limitsOf } from "./cluster.js"
import { whyText } from "./why.js"

// `frames`: the state before, then one per change of a ReplicaSet's desired count: {at, rv, moved, isUp, count, why,
// counts: [{uid, number, name, desired}]} with `counts` from the oldest revision to the newest; `moved` is the uid of
// the one that was scaled, null before; `rv` the resource version of that change.
// `endedAt`: when it was complete, null while it is not; `actAt`: when what goes on now began, if that was after a
// quiet time.
// `points`: the chart's numbers, one where any of them changes: {at, total, available, terminating, ceiling, floor}.
const QUIET_SECONDS = 20

export class Film {
  frames = []
  points = []
  endedAt = null
  actAt = null
  #begunAt = null // when the newest act began, however short the quiet time before
  #deployment = null
  #replicasets = new Map()
  #pods = new PodTally()
  #lastRv = 0

  // `isCut`: the server left out what came after the last of `frames`; `adopt` brings it up to date.
  constructor({ start, frames, since, is_cut: isCut = false }) {
    this.isCut = isCut
    this.#deployment = start.deployment
    this.#lastRv = since
    for (const each of start.replicasets) this.#replicasets.set(each.uid, each)
    const at = frames[0]?.at ?? latest(start)
    for (const each of start.pods) this.#pods.put(each, this.#minReadySeconds(each), at)
    if (this.#replicasets.size) this.#addFrame(at)
    this.#addPoint(at)
    if (!frames.length) this.#judge(start.deployment, at)
    this.add(frames)
  }

  get startedAt() {
    return this.points[0]?.at ?? this.frames[0]?.at ?? 0
  }

  // The resource version up to which it tells.
  get rv() {
    return this.#lastRv
  }

  // The ReplicaSet of the newest revision: the others' pods are old.
  get newest() {
    return byRevision(this.#replicasets).at(-1)?.uid
  }

  // Where the chart begins: a quiet hour between two acts would leave no room for either.
  get shownFrom() {
    return this.actAt ?? this.startedAt
  }

  // Of a rollout that is complete: {seconds, peak, whole, least, isCreation}; `whole` counts terminating pods too.
  summary() {
    const from = this.#begunAt ?? this.startedAt
    const seen = this.points.filter((each) => each.at >= from && each.at <= this.endedAt)
    const points = seen.length ? seen : this.points.slice(-1)
    return {
      seconds: this.endedAt - from,
      peak: Math.max(...points.map((each) => each.total)),
      whole: Math.max(...points.map((each) => each.total + each.terminating)),
      least: Math.min(...points.map((each) => each.available)),
      isCreation: points[0].available === 0,
    }
  }

  // {old, fresh}: desired pods of a frame on both sides of the rollout.
  sides({ counts }) {
    const fresh = counts.find((each) => each.uid === this.newest)?.desired ?? 0
    return { old: counts.reduce((sum, each) => sum + each.desired, 0) - fresh, fresh }
  }

  // "start", "new up", "old down" ...: what a frame shows. Recreate empties the old before there is a new one.
  kindOf({ moved, isUp, count }) {
    if (!moved) return "start"
    const { strategy, replicas } = this.#deployment ?? {}
    const isNew = moved === this.newest && !(strategy === "Recreate" && count === 0 && replicas > 0)
    return `${isNew ? "new" : "old"} ${isUp ? "up" : "down"}`
  }

  add(items) {
    for (const item of items) {
      if (item.rv <= this.#lastRv) continue
      this.#lastRv = item.rv
      this.#ripen(item.at)
      this.#take(item)
    }
  }

  // The cluster as it is now, for changes that were not told one by one.
  adopt({ deployment, replicasets, pods }, now, rv) {
    this.#judge(deployment, now)
    this.#replicasets = new Map(replicasets.map((each) => [each.uid, each]))
    this.#pods = new PodTally()
    for (const each of pods) this.#pods.put(each, this.#minReadySeconds(each), now)
    this.#addPoint(now)
    const last = new Map(this.frames.at(-1)?.counts.map((each) => [each.uid, each.desired]))
    for (const each of replicasets) {
      const from = last.get(each.uid) ?? 0
      if (from !== each.replicas)
        this.#addFrame(now, { moved: each.uid, isUp: each.replicas > from, count: each.replicas })
    }
    this.#lastRv = Math.max(this.#lastRv, rv)
    this.isCut = false
  }

  // Readiness that has lasted minReadySeconds by now makes available without any change being told.
  tick(now) {
    this.#ripen(now)
  }

  #take({ kind, verb, state, at, why }) {
    if (kind === "Deployment" && verb !== "DELETED") this.#judge(state, at)
    if (kind === "ReplicaSet") this.#takeReplicaSet(verb, state, at, why)
    if (kind === "Pod" && verb === "DELETED") this.#pods.drop(state.uid)
    if (kind === "Pod" && verb !== "DELETED") this.#pods.put(state, this.#minReadySeconds(state), at)
    this.#addPoint(at)
  }

  // An act begins with an edit after all was complete.
  #judge(deployment, at) {
    this.#deployment = deployment
    const complete = deployment && isComplete(deployment)
    if (!complete && this.endedAt !== null) this.#begin(at)
    if (!complete) this.endedAt = null
    else this.endedAt ??= at
  }

  #begin(at) {
    this.#begunAt = at
    if (at - this.endedAt > QUIET_SECONDS) this.actAt = at
  }

  #takeReplicaSet(verb, state, at, why) {
    const before = this.#replicasets.get(state.uid)
    if (verb === "DELETED") return this.#replicasets.delete(state.uid)
    this.#replicasets.set(state.uid, state)
    if (before && before.min_ready_seconds !== state.min_ready_seconds) this.#pods.wait(state, at)
    const from = before?.replicas ?? 0
    if (from !== state.replicas)
      this.#addFrame(at, { moved: state.uid, isUp: state.replicas > from, count: state.replicas, why: whyText(why) })
    return undefined
  }

  #addFrame(at, { moved = null, isUp = false, count = null, why = "" } = {}) {
    const counts = byRevision(this.#replicasets).map(({ uid, number, name, replicas }) => ({
      uid,
      number,
      name,
      desired: replicas,
    }))
    this.frames.push({ at, rv: this.#lastRv, moved, isUp, count, why, counts })
  }

  #minReadySeconds(pod) {
    return this.#replicasets.get(pod.owner_uid)?.min_ready_seconds ?? this.#deployment?.min_ready_seconds ?? 0
  }

  #ripen(now) {
    for (const at of this.#pods.ripen(now)) this.#addPoint(at)
  }

  // What changes at one time is one point, so that a step's halves don't show as a dip.
  #addPoint(at) {
    if (!this.#deployment) return
    const point = { at, ...this.#pods.counts, ...limitsOf(this.#deployment) }
    const last = this.points.at(-1)
    if (last?.at === at) this.points[this.points.length - 1] = point
    else if (!last || differs(last, point)) this.points.push(point)
  }
}

// Counts pods as they change: a change costs the same among ten pods and ten thousand.
class PodTally {
  counts = { total: 0, available: 0, terminating: 0 }
  #pods = new Map()
  #unripe = new Map()

  put(pod, minReadySeconds, now) {
    this.drop(pod.uid)
    const ripeAt = pod.ready && pod.deleted_at === null ? pod.ready_since + minReadySeconds : Infinity
    const entry = { pod, terminating: pod.deleted_at !== null, available: ripeAt <= now }
    this.#pods.set(pod.uid, entry)
    if (ripeAt > now && ripeAt < Infinity) this.#unripe.set(pod.uid, ripeAt)
    this.#count(entry, 1)
  }

  drop(uid) {
    const entry = this.#pods.get(uid)
    if (!entry) return
    this.#count(entry, -1)
    this.#pods.delete(uid)
    this.#unripe.delete(uid)
  }

  // A ReplicaSet's pods have another minReadySeconds to wait.
  wait(replicaset, now) {
    for (const { pod } of [...this.#pods.values()])
      if (pod.owner_uid === replicaset.uid) this.put(pod, replicaset.min_ready_seconds, now)
  }

  // Yields each time up to now at which pods became available, counted.
  *ripen(now) {
    const ripe = [...this.#unripe].filter(([, at]) => at <= now).sort(([, one], [, two]) => one - two)
    for (const [uid, at] of ripe) {
      this.#unripe.delete(uid)
      this.#pods.get(uid).available = true
      this.counts.available += 1
      yield at
    }
  }

  #count({ terminating, available }, sign) {
    if (terminating) this.counts.terminating += sign
    else this.counts.total += sign
    if (available) this.counts.available += sign
  }
}

function byRevision(replicasets) {
  return [...replicasets.values()].sort((one, two) => one.revision - two.revision)
}

function latest({ replicasets, pods }) {
  return Math.max(
    0,
    ...replicasets.map((each) => each.created_at),
    ...pods.map((each) => each.ready_since ?? each.created_at),
  )
}

function differs(one, two) {
  return ["total", "available", "terminating", "ceiling", "floor"].some((key) => one[key] !== two[key])
}
