// The overview's bar: old and new pods, those that are ready before those that are not. Knows no DOM.

// [{side: "old" or "new", isReady, share}] of the bar's width, and `desired`: where the desired number is, 1 at its end.
export function shares({ replicas }, older, newest) {
  const old = sum(older)
  const fresh = sum(newest ? [newest] : [])
  const most = Math.max(replicas, old.total + fresh.total, 1)
  const part = (side, isReady, count) => ({ side, isReady, share: count / most })
  return {
    desired: replicas / most,
    parts: [
      part("old", true, old.ready),
      part("old", false, old.total - old.ready),
      part("new", true, fresh.ready),
      part("new", false, fresh.total - fresh.ready),
    ],
  }
}

function sum(replicasets) {
  const total = replicasets.reduce((all, { status }) => all + status.replicas, 0)
  const ready = replicasets.reduce((all, { status }) => all + status.ready_replicas, 0)
  return { total, ready: Math.min(ready, total) }
}
