// Written by tools/write_verbs_js.py from cluster/core/manifests/verbs.py, which says what the fields mean.

export const VERBS = {
  "set-image": { kubectl: ["set image", "deployment/{name}", "{images}"], isForeseen: true },
  scale: { kubectl: ["scale", "deployment/{name}", "--replicas={replicas}"], isForeseen: true },
  tune: { kubectl: ["patch", "deployment/{name}", "-p", "{patch}"], isForeseen: true },
  pause: { kubectl: ["rollout pause", "deployment/{name}"], isForeseen: false },
  resume: { kubectl: ["rollout resume", "deployment/{name}"], isForeseen: true },
  restart: { kubectl: ["rollout restart", "deployment/{name}"], isForeseen: true },
  undo: { kubectl: ["rollout undo", "deployment/{name}", "--to-revision={to_revision}"], isForeseen: true },
  edit: { kubectl: ["edit", "deployment/{name}"], isForeseen: true },
  delete: { kubectl: ["delete", "deployment/{name}"], isForeseen: false },
}

// Where the spec has them.
export const LIMITS = {
  max_surge: ["strategy", "rollingUpdate", "maxSurge"],
  max_unavailable: ["strategy", "rollingUpdate", "maxUnavailable"],
  min_ready_seconds: ["minReadySeconds"],
  progress_deadline_seconds: ["progressDeadlineSeconds"],
  strategy: ["strategy", "type"],
}
