import assert from "node:assert/strict"
import { test } from "node:test"
import { Cluster, isComplete, isOutdated, limitsOf, stateOf } from "../../static/js/model/cluster.js"
import { deployment, pod, replicaset, snapshot } from "./builders.js"

const owner = replicaset(1, 1)
const STATES = [
  ["born", { phase: "Pending", ready: false, node: "", status: "Pending" }],
  ["waiting", { phase: "Pending", ready: false, status: "ContainerCreating" }],
  ["running", { ready: false }],
  ["ready", { ready_since: 95 }],
  ["available", { ready_since: 90 }],
  ["terminating", { deleted_at: 99 }],
  ["failed", { phase: "Pending", ready: false, status: "ErrImagePull" }],
  ["failed", { ready: false, status: "CrashLoopBackOff" }],
]

for (const [state, values] of STATES) {
  test(`a pod with ${JSON.stringify(values)} is ${state}`, () =>
    assert.equal(stateOf(pod(owner, values), 10, 100), state))
}

const LIMITS = [
  [{}, { ceiling: 4, floor: 3 }],
  [
    { surge: 0, unavailable: 1 },
    { ceiling: 3, floor: 2 },
  ],
  [{ strategy: "Recreate" }, { ceiling: 3, floor: 3 }],
]

for (const [values, limits] of LIMITS) {
  test(`limits with ${JSON.stringify(values)}`, () => assert.deepEqual(limitsOf(deployment(values)), limits))
}

test("complete: all updated, none left over, all available, seen by the controller", () => {
  assert.equal(isComplete(deployment()), true)
  for (const key of ["replicas", "updated_replicas", "available_replicas"]) {
    assert.equal(isComplete(deployment({ status: { [key]: 2 } })), false, key)
  }
  assert.equal(isComplete(deployment({ generation: 2 })), false)
})

test("changes are put in once, in order; a gap is refused", () => {
  const cluster = new Cluster()
  cluster.applySnapshot(snapshot({ rv: 5, replicasets: [owner] }))
  const born = pod(owner)
  const frame = { from: 5, to: 6, now: 1, items: [{ rv: 6, verb: "ADDED", kind: "Pod", state: born }] }
  assert.equal(cluster.applyChanges(frame), true)
  assert.equal(cluster.applyChanges({ ...frame, items: [{ ...frame.items[0], verb: "DELETED" }] }), true) // known already
  assert.deepEqual(cluster.podsOf(owner), [born])
  assert.equal(cluster.applyChanges({ from: 8, to: 9, now: 1, items: [] }), false)
  assert.equal(cluster.rv, 6)
})

test("a pod that another ReplicaSet adopts is no longer the first one's", () => {
  const cluster = new Cluster()
  const [one, two] = [replicaset(1, 1), replicaset(2, 1)]
  const adopted = pod(one)
  cluster.applySnapshot(snapshot({ rv: 1, replicasets: [one, two], pods: [adopted] }))
  const item = { rv: 2, verb: "MODIFIED", kind: "Pod", state: { ...adopted, owner_uid: two.uid } }
  cluster.applyChanges({ from: 1, to: 2, now: 1, items: [item] })
  assert.deepEqual([cluster.podsOf(one).length, cluster.podsOf(two).length], [0, 1])
})

test("while the server is not heard, time stands still", (context) => {
  let real = 0
  context.mock.method(performance, "now", () => real)
  const cluster = new Cluster()
  cluster.applySnapshot(snapshot({ now: 100, pace: 2 }))
  real = 1000
  assert.equal(cluster.now(), 102)
  cluster.freeze()
  real = 9000
  assert.equal(cluster.now(), 102)
  cluster.applyChanges({ from: 1, to: 2, now: 118, pace: 2, items: [] })
  real = 9500
  assert.equal(cluster.now(), 119)
})

const OUTDATED = [
  ["the template's own", {}, 3, false],
  ["another image is set", { containers: [{ name: "nginx", image: "nginx:2" }] }, 3, true],
  ["Recreate has emptied it", { strategy: "Recreate" }, 0, true],
  ["scaled to 0", { replicas: 0 }, 0, false],
]

for (const [name, values, count, outdated] of OUTDATED) {
  test(`outdated or not: ${name}`, () => {
    const current = [{ name: "nginx", image: "nginx:1.7.9" }]
    assert.equal(isOutdated(deployment({ containers: current, ...values }), replicaset(1, count)), outdated)
  })
}

test("the story that is played is the newest that was told; a snapshot without one ends it", () => {
  const cluster = new Cluster()
  cluster.applySnapshot({ ...snapshot(), story: { step: 1 } })
  const { rv } = cluster
  const items = [{ rv: rv + 1, verb: "MODIFIED", kind: "Story", state: { step: 2 } }]
  cluster.applyChanges({ from: rv, to: rv + 1, now: 0, pace: 1, items })
  assert.equal(cluster.story.step, 2)
  cluster.applySnapshot(snapshot())
  assert.equal(cluster.story, null)
})
