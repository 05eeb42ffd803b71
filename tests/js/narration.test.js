import assert from "node:assert/strict"
import { test } from "node:test"
import { Cluster } from "../../static/js/model/cluster.js"
import { noteOf, waitingFor } from "../../static/js/model/narration.js"
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
  const cluster = new Cluster()
  const shown = deployment(values)
  cluster.applySnapshot(snapshot({ deployments: [shown], replicasets, pods }))
  return waitingFor(shown, cluster)
}
