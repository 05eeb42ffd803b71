import assert from "node:assert/strict"
import { test } from "node:test"
import { Cluster } from "../../static/js/model/cluster.js"
import { LiveFilm } from "../../static/js/model/livefilm.js"
import { deployment, pod, replicaset, snapshot } from "./builders.js"

const shown = deployment({ revision: "1" })
const owner = replicaset(1, 3)

test("changes lengthen the film whether or not it is drawn", async () => {
  const { filming, tell, draw } = await loaded()
  for (let rv = 2; rv < 1000; rv += 1) tell(rv, "MODIFIED", "Pod", pod(owner))
  assert.equal((await draw()).points.at(-1).total, 998)
  assert.equal(filming.loads, 1)
})

test("of a Deployment that is gone nothing is kept, and another of its name has a film of its own", async () => {
  const { filming, tell, draw, cluster } = await loaded()
  tell(2, "DELETED", "Deployment", shown)
  for (let rv = 3; rv < 100; rv += 1) tell(rv, "ADDED", "Pod", pod(owner))
  tell(100, "ADDED", "Deployment", { ...shown, uid: "another" })
  assert.equal(filming.at(cluster, cluster.deploymentByName("web")), null)
  assert.equal((await draw()).points.at(-1).total, 0)
  assert.equal(filming.loads, 2)
})

test("a new revision, and a snapshot, have the film loaded again", async () => {
  const { filming, tell, draw, cluster } = await loaded()
  tell(2, "ADDED", "ReplicaSet", replicaset(2, 1))
  tell(3, "MODIFIED", "Deployment", { ...shown, revision: "2" })
  await draw()
  assert.equal(filming.loads, 2)
  filming.add(cluster, [])
  await draw()
  assert.equal(filming.loads, 3)
})

test("what comes while the film is loaded is not lost", async () => {
  const { filming, tell, cluster, draw } = await loaded()
  filming.add(cluster, [])
  filming.at(cluster, shown) // asked for, not there yet
  tell(2, "ADDED", "Pod", pod(owner))
  assert.equal((await draw()).points.at(-1).total, 1)
})

test("of events the newest are kept, the Deployment's own beside a flood of pods'", () => {
  const cluster = new Cluster()
  cluster.applySnapshot(snapshot())
  const event = (rv, kind) => ({ rv, kind: "Event", verb: "ADDED", state: { uid: `event-${rv}`, rv, kind } })
  for (let rv = 2; rv < 20_000; rv += 1) {
    const items = [event(rv, rv < 10 ? "Deployment" : "Pod")]
    cluster.applyChanges({ from: rv - 1, to: rv, now: 1, items })
  }
  assert.ok(cluster.events.size <= 4000, cluster.events.size)
  assert.ok(cluster.events.has("event-2"))
  assert.ok(cluster.events.has("event-19999"))
})

async function loaded() {
  const cluster = new Cluster()
  cluster.applySnapshot(snapshot({ deployments: [shown], replicasets: [owner] }))
  let loads = 0
  const load = async () => {
    loads += 1
    return { start: { deployment: shown, replicasets: [owner], pods: [] }, frames: [], since: 1 }
  }
  const filming = new LiveFilm("web", { load, onChange: () => {} })
  Object.defineProperty(filming, "loads", { get: () => loads })
  const draw = async () => {
    filming.at(cluster, cluster.deploymentByName("web"))
    await new Promise((resolve) => setImmediate(resolve))
    return filming.at(cluster, cluster.deploymentByName("web"))
  }
  const tell = (rv, verb, kind, state) => {
    const items = [{ rv, verb, kind, at: rv, state }]
    cluster.applyChanges({ from: rv - 1, to: rv, now: rv, items })
    filming.add(cluster, items)
  }
  await draw()
  return { cluster, filming, tell, draw }
}
