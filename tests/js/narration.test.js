import assert from "node:assert/strict"
import { test } from "node:test"
import { Cluster } from "../../static/js/model/cluster.js"
import { narrate, noteOf, stuckPod, waitingFor } from "../../static/js/model/narration.js"
import { deployment, pod, replicaset, snapshot } from "./builders.js"

const pending = { phase: "Pending", ready: false, status: "ContainerCreating" }
const failing = { ...pending, name: "web-2-abcde", status: "ImagePullBackOff" }

test("new pods that are not available yet are waited for", () => {
  const fresh = replicaset(2, 2)
  assert.equal(
    waiting({}, [fresh], [pod(fresh, pending), pod(fresh, pending)]),
    "Waiting for 2 new pods to become available.",
  )
})

test("Recreate waits for old pods to stop", () => {
  const [old, fresh] = [replicaset(1, 0), replicaset(2, 0)]
  assert.match(
    waiting({ strategy: "Recreate" }, [old, fresh], [pod(old, { deleted_at: 1 })]),
    /^Recreate waits for 1 old pod/,
  )
})

test("a failing pod is named, and what keeps the others", () => {
  const [old, fresh] = [replicaset(1, 3), replicaset(2, 1)]
  assert.match(waiting({}, [old, fresh], [pod(fresh, failing)]), /^abcde is in ImagePullBackOff\..*3/)
  assert.equal(waiting({}, [fresh], [pod(fresh, failing)]), "abcde is in ImagePullBackOff.")
})

const PROGRESSING = {
  type: "Progressing",
  status: "True",
  reason: "ReplicaSetUpdated",
  last_update_time: 90,
  last_transition_time: 90,
}

test("what is stuck says when the deadline passes, and which pod it is", () => {
  const [old, fresh] = [replicaset(1, 3), replicaset(2, 1)]
  const values = { progress_deadline_seconds: 60, status: { conditions: [PROGRESSING] } }
  const stuck = pod(fresh, { ...pending, node: "", message: "0/3 nodes are available: 3 Too many pods." })
  assert.equal(
    waiting(values, [old, fresh], [stuck]),
    "1 new pod can't be scheduled: 0/3 nodes are available: 3 Too many pods. The progress deadline passes in 50 s.",
  )
  assert.equal(stuckPod(...stage(values, [old, fresh], [stuck])), stuck)
  assert.equal(stuckPod(...stage(values, [old, fresh], [pod(fresh, pending)])), undefined)
})

test("a pod that can't be created says why", () => {
  const message = 'pods "web-2-x" is forbidden: exceeded quota: pods'
  const refused = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }
  assert.match(waiting({ status: { conditions: [refused] } }, [replicaset(2, 0)], []), /^A pod can't be created: pods/)
})

const BEGINNINGS = [
  ["a pod is deleted", {}, [{}, {}], "Replacing 1 pod that was deleted."],
  ["an edit", { generation: 2 }, [{}, {}, {}], "Starting the rollout."],
  ["readiness is lost", {}, [{}, {}, { ready: false }], "1 pod is no longer available."],
]

for (const [name, values, pods, lead] of BEGINNINGS) {
  test(`after all was complete: ${name}`, () => {
    const shown = deployment(values)
    const owner = replicaset(2, 3)
    const cluster = new Cluster()
    const made = pods.map((each) => pod(owner, each))
    cluster.applySnapshot(snapshot({ deployments: [shown], replicasets: [owner], pods: made }))
    assert.equal(narrate({ frames: [{ at: 0 }], endedAt: null, shownFrom: 50 }, shown, cluster, true).lead, lead)
  })
}

test("while paused: what waits, and how scaling shares", () => {
  const shown = deployment({ paused: true })
  const frames = [{ at: 0, counts: [{ desired: 2 }, { desired: 2 }] }]
  const told = narrate({ frames, endedAt: null, shownFrom: 0 }, shown, new Cluster(), true)
  assert.equal(told.lead, "Paused.")
  assert.match(told.why, /^Template changes take effect on resume\..*up to 4 pods .* in proportion/)
})

const NOTES = [
  ["failing first", [failing, pending], "abcde: ImagePullBackOff, on node-1", "bad"],
  ["not scheduled", [{ ...pending, node: "", name: "web-2-bbbbb" }], "bbbbb is not scheduled yet", "warn"],
  ["on their way", [{ ...pending, name: "web-2-ccccc" }], "ccccc: ContainerCreating, on node-1", ""],
  ["where they run", [{}, {}, { node: "node-2" }], "on node-1 ×2, node-2", ""],
]

for (const [name, pods, text, tone] of NOTES) {
  test(`note: ${name}`, () => {
    const owner = replicaset(2, pods.length)
    assert.deepEqual(
      noteOf(
        owner,
        pods.map((each) => pod(owner, each)),
        100,
      ),
      { text, tone },
    )
  })
}

function waiting(values, replicasets, pods) {
  return waitingFor(...stage(values, replicasets, pods))
}

function stage(values, replicasets, pods) {
  const cluster = new Cluster()
  const shown = deployment(values)
  cluster.applySnapshot(snapshot({ deployments: [shown], replicasets, pods }))
  return [shown, cluster]
}
