// A rollout as frames and curves, from the journal's changes. Knows no DOM.

// `frames`: one per change of a ReplicaSet's desired count, the state before them first: {at, counts: [[name, desired]], label, why}.
// `points`: the chart's numbers after each moment: {at, total, available, terminating, ceiling, floor}.
export class Film {
  frames = []
  points = []
  #deployment = null
  #replicasets = new Map()
  #pods = new Map()
  #lastRv = 0

  constructor({ start, frames, since }) {
    this.#deployment = start.deployment
    for (const each of start.replicasets) this.#replicasets.set(each.uid, each)
    for (const each of start.pods) this.#pods.set(each.uid, each)
    this.#lastRv = since
    const at = frames[0]?.at ?? 0
    if (this.#replicasets.size) this.#addFrame(at, "start", "")
    if (this.#deployment) this.#addPoint(at)
    this.add(frames)
  }

  get startedAt() {
    return this.points[0]?.at ?? 0
  }

  add(items) {
    for (const item of items) {
      if (item.rv <= this.#lastRv) continue
      this.#lastRv = item.rv
      this.#take(item)
    }
  }

  // What readiness that only time brings (minReadySeconds) adds.
  tick(now) {
    if (this.#deployment?.min_ready_seconds) this.#addPoint(now)
  }

  #take({ kind, verb, state, at, why }) {
    if (kind === "Deployment") this.#deployment = verb === "DELETED" ? this.#deployment : state
    if (kind === "Pod") this.#keep(this.#pods, verb, state)
    if (kind === "ReplicaSet") this.#takeReplicaSet(verb, state, at, why)
    if (this.#deployment && kind !== "Event") this.#addPoint(at)
  }

  #takeReplicaSet(verb, state, at, why) {
    const before = this.#replicasets.get(state.uid)?.replicas ?? 0
    this.#keep(this.#replicasets, verb, state)
    if (verb === "DELETED" || (before === state.replicas && this.frames.length)) return
    const newest = state.revision === String(Math.max(...[...this.#replicasets.values()].map((each) => +each.revision)))
    const which = newest ? "new" : "old"
    if (before !== state.replicas) this.#addFrame(at, `${which} ${state.replicas > before ? "up" : "down"} to ${state.replicas}`, why?.text ?? "")
  }

  #keep(map, verb, state) {
    if (verb === "DELETED") map.delete(state.uid)
    else map.set(state.uid, state)
  }

  #addFrame(at, label, why) {
    const sorted = [...this.#replicasets.values()].sort((one, two) => one.revision - two.revision)
    const counts = sorted.map((each) => ({ uid: each.uid, number: each.number, name: each.name, desired: each.replicas }))
    this.frames.push({ at, label, why, counts })
  }

  #addPoint(at) {
    const { replicas, surge, unavailable, min_ready_seconds: minimum } = this.#deployment
    const point = { at, total: 0, available: 0, terminating: 0, ceiling: replicas + surge, floor: replicas - unavailable }
    for (const pod of this.#pods.values()) {
      if (pod.deleted_at !== null) point.terminating += 1
      else {
        point.total += 1
        if (pod.ready && at - pod.ready_since >= minimum) point.available += 1
      }
    }
    const last = this.points.at(-1)
    if (last && last.at === at) this.points[this.points.length - 1] = point
    else this.points.push(point)
  }
}
