import assert from "node:assert/strict"
import { test } from "node:test"
import { Cluster } from "../../static/js/model/cluster.js"
import { describe } from "../../static/js/model/describe.js"
import { causeOf, waitingFor } from "../../static/js/model/narration.js"
import { deployment, pod, replicaset, snapshot } from "./builders.js"

const lost = { type: "Available", status: "False", last_transition_time: 500 }
const never = { type: "Available", status: "False", last_transition_time: 0.4 }
const late = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }
const part = { updated_replicas: 1, available_replicas: 3, replicas: 4 }
const none = { available_replicas: 0, conditions: [lost] }
const STATES = [
  ["complete", {}, "ok", "Complete"],
  ["going on", { status: part }, "move", "Progressing, 1 of 3 updated"],
  ["an outage", { status: none }, "bad", "Below the floor: 0 of 3"],
  ["an outage while paused", { paused: true, status: none }, "bad", "Below the floor: 0 of 3"],
  ["Recreate without a pod", { strategy: "Recreate", status: none }, "bad", "Below the floor: 0 of 3"],
  [
    "as many as the floor",
    { unavailable: 1, status: { ...none, available_replicas: 2 } },
    "move",
    "Progressing, 3 of 3 updated",
  ],
  [
    "the first pods of a Deployment",
    { revision: "1", status: { ...none, updated_replicas: 3, conditions: [never] } },
    "move",
    "Progressing, 3 of 3 updated",
  ],
  ["not reconciled yet", { revision: "", status: { ...none, conditions: [] } }, "move", "Progressing, 3 of 3 updated"],
  ["late", { status: { ...part, conditions: [late] } }, "bad", "Failing: progress deadline exceeded"],
  ["paused", { paused: true, status: part }, "warn", "Paused"],
  ["being deleted", { deleted_at: 3, status: none }, "warn", "Deleting"],
]

for (const [name, values, tone, text] of STATES) {
  test(name, () => {
    const shown = deployment(values)
    assert.deepEqual(describe(shown, holding(shown, [])), { tone, text })
  })
}

test("a pod that failed and is tried again has not recovered until it is ready", () => {
  const shown = deployment({ status: part })
  const fresh = replicaset(2, 1)
  const failing = pod(fresh, { phase: "Pending", ready: false, status: "ImagePullBackOff" })
  const cluster = holding(shown, [fresh], [failing])
  const become = (rv, values) => {
    const items = [{ rv, verb: "MODIFIED", kind: "Pod", state: { ...failing, ...values } }]
    cluster.applyChanges({ from: rv - 1, to: rv, now: 100, items })
  }
  become(2, { status: "ContainerCreating" })
  assert.equal(describe(shown, cluster).text, "Failing: ImagePullBackOff, 1 of 3 updated")
  become(3, { status: "Running", phase: "Running", ready: true })
  assert.equal(describe(shown, cluster).tone, "move")
})

const pending = { phase: "Pending", ready: false, status: "Pending", node: "", message: "0/3 nodes are available." }
const fresh = replicaset(2, 1)
const CAUSES = [
  ["pods without a node", [pending, pending], "2 new pods can't be scheduled: 0/3 nodes are available."],
  ["pods that start", [{ ready: false }], "Waiting for 1 new pod to become available."],
  ["nothing", [{}], ""],
]

for (const [name, pods, text] of CAUSES) {
  test(`cause: ${name}`, () => {
    const shown = deployment()
    const made = pods.map((each) => pod(fresh, each))
    assert.equal(causeOf(shown, holding(shown, [fresh], made)), text)
  })
}

test("what is waited for begins with the floor, and the deadline", () => {
  const shown = deployment({ status: { ...none, conditions: [lost, late] } })
  assert.equal(
    waitingFor(shown, holding(shown, [fresh], [pod(fresh, { ready: false })])),
    "Below the floor: 0 of 3 available. No progress within the deadline of 10 min. " +
      "Waiting for 1 new pod to become available.",
  )
})

function holding(shown, replicasets, pods = []) {
  const cluster = new Cluster()
  cluster.applySnapshot(snapshot({ deployments: [shown], replicasets, pods }))
  return cluster
}
