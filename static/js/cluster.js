// One namespace as the server tells it (docs/protocol.md). Knows no DOM and no socket.

const LISTS = { Deployment: "deployments", ReplicaSet: "replicasets", Pod: "pods", Event: "events", Node: "nodes" }

export class Cluster extends EventTarget {
  deployments = new Map()
  replicasets = new Map()
  pods = new Map()
  events = new Map()
  nodes = new Map()
  rv = 0
  #now = 0
  #heardAt = performance.now()
  #pace = 1

  applySnapshot(frame) {
    for (const list of Object.values(LISTS)) {
      this[list] = new Map((frame[list] ?? []).map((state) => [state.uid, state]))
    }
    this.rv = frame.rv
    this.#pace = frame.pace ?? 1
    this.#hear(frame.now)
    this.#tell([])
  }

  // False at a gap: the caller asks for what was missed.
  applyChanges(frame) {
    if (frame.from > this.rv) return false
    const items = frame.items.filter((item) => item.rv > this.rv)
    for (const item of items) this.#apply(item)
    this.rv = Math.max(this.rv, frame.to)
    this.#hear(frame.now)
    if (items.length) this.#tell(items)
    return true
  }

  // The server's simulated time, carried on since it was last heard.
  now() {
    return this.#now + ((performance.now() - this.#heardAt) / 1000) * this.#pace
  }

  deploymentByName(name) {
    return [...this.deployments.values()].find((each) => each.name === name)
  }

  replicasetsOf(deployment) {
    const owned = [...this.replicasets.values()].filter((each) => each.owner_uid === deployment.uid)
    return owned.sort((one, two) => one.number - two.number)
  }

  podsByOwner() {
    const groups = new Map()
    for (const pod of this.pods.values()) {
      if (!groups.has(pod.owner_uid)) groups.set(pod.owner_uid, [])
      groups.get(pod.owner_uid).push(pod)
    }
    return groups
  }

  #apply({ kind, verb, state }) {
    const list = this[LISTS[kind]]
    if (!list) return
    if (verb === "DELETED") list.delete(state.uid)
    else list.set(state.uid, state)
  }

  #hear(now) {
    this.#now = now
    this.#heardAt = performance.now()
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
  if (/^(Err|Crash|ImagePullBackOff|Error)/.test(pod.status) || pod.phase === "Failed") return "failed"
  if (pod.ready) return isAvailable(pod, minReadySeconds, now) ? "available" : "ready"
  if (pod.phase === "Running") return "running"
  return pod.node ? "waiting" : "born"
}

export function newReplicaSet(deployment, replicasets) {
  return replicasets.find((each) => each.revision === deployment.revision) ?? replicasets.at(-1)
}
