// Compact states as docs/protocol.md has them.

export function deployment(values = {}) {
  const { status, ...rest } = values
  const replicas = values.replicas ?? 3
  return {
    uid: "d",
    name: "web",
    rv: 1,
    generation: 1,
    created_at: 0,
    deleted_at: null,
    replicas,
    strategy: "RollingUpdate",
    max_surge: "25%",
    max_unavailable: "25%",
    surge: 1,
    unavailable: 0,
    min_ready_seconds: 0,
    progress_deadline_seconds: 600,
    paused: false,
    containers: [{ name: "nginx", image: "nginx:1.9.1" }],
    revision: "2",
    ...rest,
    status: {
      observed_generation: 1,
      replicas,
      updated_replicas: replicas,
      ready_replicas: replicas,
      available_replicas: replicas,
      unavailable_replicas: 0,
      conditions: [],
      ...status,
    },
  }
}

export function replicaset(number, replicas, values = {}) {
  return {
    uid: `rs-${number}`,
    name: `web-${number}`,
    number,
    owner_uid: "d",
    created_at: 0,
    deleted_at: null,
    revision: String(number),
    containers: [{ name: "nginx", image: "nginx:1.7.9" }],
    replicas,
    min_ready_seconds: 0,
    status: { replicas, ready_replicas: replicas, available_replicas: replicas },
    ...values,
  }
}

let made = 0

export function pod(owner, values = {}) {
  made += 1
  return {
    uid: `pod-${made}`,
    name: `${owner.name}-x${String(made).padStart(4, "0")}`,
    owner_uid: owner.uid,
    created_at: 0,
    deleted_at: null,
    node: "node-1",
    phase: "Running",
    ready: true,
    ready_since: 0,
    status: "Running",
    reason: "",
    message: "",
    restarts: 0,
    ...values,
  }
}

export function snapshot(values = {}) {
  return { rv: 1, now: 100, pace: 0, deployments: [], replicasets: [], pods: [], events: [], nodes: [], ...values }
}
