// One namespace as the server tells it (docs/protocol.md). Knows no DOM and no socket.

const LISTS = { Deployment: "deployments", ReplicaSet: "replicasets", Pod: "pods", Event: "events", Node: "nodes" }

const MOST_EVENTS = 1000 // kept of pods, and of all others; a snapshot has at most 200 of each

export class Cluster extends EventTarget {
  deployments = new Map()
  replicasets = new Map()
  pods = new Map()
  events = new Map()
  nodes = new Map()
  rv = 0
  key = 0 // of the cluster that `rv` is a version of
  story = null // that is played here
  #troubles = new Map()
  #owned = new Map()
  #now = 0
  #heardAt = performance.now()
  #pace = 1
  #isFrozen = false
  #isHeld = false

  applySnapshot(frame) {
    this.#owned.clear()
    this.#troubles.clear()
    for (const [kind, list] of Object.entries(LISTS)) {
      this[list] = new Map()
      for (const state of frame[list] ?? []) this.#apply({ kind, verb: "ADDED", state })
    }
    this.rv = frame.rv
    this.key = frame.cluster ?? 0
    this.story = frame.story ?? null
    this.#hear(frame)
    this.#tell([])
  }

  // False at a gap: the caller asks for what was missed.
  applyChanges(frame) {
    if (frame.from > this.rv) return false
    const items = frame.items.filter((item) => item.rv > this.rv)
    for (const item of items) this.#apply(item)
    this.rv = Math.max(this.rv, frame.to)
    this.#prune()
    this.#hear(frame)
    if (items.length) this.#tell(items)
    return true
  }

  // The server's simulated time, carried on since it was last heard.
  now() {
    if (this.#isFrozen) return this.#now
    return this.#now + ((performance.now() - this.#heardAt) / 1000) * this.#pace
  }

  // The server is not heard: its clock may stand still as well.
  freeze() {
    this.#now = this.now()
    this.#heardAt = performance.now()
    this.#isFrozen = true
  }

  get pace() {
    return this.#pace
  }

  // The clock is stepped: controllers decide nothing until the next step.
  get isHeld() {
    return this.#isHeld
  }

  deploymentByName(name) {
    for (const each of this.deployments.values()) if (each.name === name) return each
    return undefined
  }

  replicasetsOf(deployment) {
    return this.#ownedBy(deployment).sort((one, two) => one.number - two.number)
  }

  podsOf(replicaset) {
    return this.#ownedBy(replicaset).sort((one, two) => one.created_at - two.created_at)
  }

  familyOf(deployment) {
    const replicasets = this.replicasetsOf(deployment)
    return { deployment, replicasets, pods: replicasets.flatMap((each) => this.podsOf(each)) }
  }

  // The status with which a pod last failed, if it has not become ready since: a retry is no recovery. "" for others.
  troubleOf(pod) {
    return this.#troubles.get(pod.uid) ?? (isFailing(pod) ? pod.status : "")
  }

  #ownedBy({ uid }) {
    return [...(this.#owned.get(uid)?.values() ?? [])]
  }

  #apply({ kind, verb, state }) {
    if (kind === "Story") this.story = state
    const list = this[LISTS[kind]]
    if (!list) return
    const before = list.get(state.uid)
    const isGone = verb === "DELETED"
    if (kind === "Pod") this.#watch(state, isGone)
    if (before && (isGone || before.owner_uid !== state.owner_uid))
      this.#owned.get(before.owner_uid)?.delete(before.uid)
    if (isGone) return list.delete(state.uid)
    list.set(state.uid, state)
    if (state.owner_uid) this.#own(state)
  }

  #watch(pod, isGone) {
    if (isGone || pod.ready) this.#troubles.delete(pod.uid)
    else if (isFailing(pod)) this.#troubles.set(pod.uid, pod.status)
  }

  #own(state) {
    if (!this.#owned.has(state.owner_uid)) this.#owned.set(state.owner_uid, new Map())
    this.#owned.get(state.owner_uid).set(state.uid, state)
  }

  // The oldest events are forgotten, many at a time.
  #prune() {
    if (this.events.size <= 4 * MOST_EVENTS) return
    const newest = [...this.events.values()].sort((one, two) => two.rv - one.rv)
    const groups = [(each) => each.kind === "Pod", (each) => each.kind !== "Pod"]
    const kept = groups.flatMap((isOf) => newest.filter(isOf).slice(0, MOST_EVENTS))
    this.events = new Map(kept.map((each) => [each.uid, each]))
  }

  #hear({ now, pace, held = false }) {
    this.#now = now
    this.#heardAt = performance.now()
    this.#isFrozen = false
    this.#pace = pace ?? this.#pace
    this.#isHeld = held
  }

  #tell(items) {
    this.dispatchEvent(new CustomEvent("change", { detail: { items } }))
  }
}

export function isAvailable(pod, minReadySeconds, now) {
  return pod.ready && pod.deleted_at === null && now - pod.ready_since >= minReadySeconds
}

// born, waiting, running, ready, available, terminating or failed: what a cell shows.
export function stateOf(pod, minReadySeconds, now) {
  if (pod.deleted_at !== null) return "terminating"
  if (isFailing(pod)) return "failed"
  if (pod.ready) return isAvailable(pod, minReadySeconds, now) ? "available" : "ready"
  if (pod.phase === "Running") return "running"
  return pod.node ? "waiting" : "born"
}

function isFailing({ status, phase }) {
  return /(Err|Error|BackOff|InvalidImageName|OOMKilled)/.test(status) || phase === "Failed"
}

// As `kubectl rollout status` says: all are updated, none is left over, all are available, and the controller has seen
// it.
export function isComplete({ status, replicas, generation }) {
  const settled =
    status.updated_replicas === replicas && status.replicas === replicas && status.available_replicas === replicas
  return settled && status.observed_generation >= generation
}

export function newReplicaSet(deployment, replicasets) {
  return replicasets.find((each) => each.revision === deployment.revision) ?? replicasets.at(-1)
}

// As MaxSurge and MaxUnavailable of upstream's deployment_util.go: both are 0 for Recreate.
export function limitsOf({ replicas, strategy, surge, unavailable }) {
  if (strategy === "Recreate") return { ceiling: replicas, floor: replicas }
  return { ceiling: replicas + surge, floor: replicas - unavailable }
}

// The newest ReplicaSet, but of a template that was replaced: Recreate empties it before there is another one.
export function isOutdated(deployment, replicaset) {
  const { strategy, replicas, containers } = deployment
  if (strategy === "Recreate" && replicas > 0 && replicaset.replicas === 0) return true
  const images = new Map(replicaset.containers.map((each) => [each.name, each.image]))
  return containers.some((each) => images.get(each.name) !== each.image)
}
