import assert from "node:assert/strict"
import { test } from "node:test"
import { ReplayNodes } from "../../static/js/model/replaynodes.js"

const row = (name, others) => ({ name, allocatable: [1000, 1000, 10], others: [others, 0, 1] })
const FRAMES = [
  { rv: 4, at: 10, all: true, nodes: [row("node-1", 0), row("node-2", 0)], asks: { new: [1, 1, 1] }, budgets: [] },
  { rv: 6, at: 10, nodes: [row("node-1", 5)] },
  { rv: 8, at: 12, nodes: [row("node-1", 7)], gone: ["node-2"] },
]
const taken = (nodes) => [...nodes.rows.values()].map(({ others }) => others[0])

test("nodes are as of the change and of the time that are shown, forwards and back", () => {
  const nodes = new ReplayNodes()
  nodes.load(FRAMES)
  nodes.seek(5, 10)
  assert.deepEqual(taken(nodes), [0, 0])
  nodes.seek(6, 10)
  assert.deepEqual(taken(nodes), [5, 0])
  nodes.seek(6, 11)
  assert.deepEqual(taken(nodes), [5, 0])
  nodes.seek(6, 12.5) // of another Deployment's pod: this one's changes have not come so far
  assert.deepEqual(taken(nodes), [7])
  nodes.seek(5, 10)
  assert.deepEqual(taken(nodes), [0, 0])
  assert.deepEqual(nodes.asks, { new: [1, 1, 1] })
})

test("none are told: they are missing", () => {
  const nodes = new ReplayNodes()
  assert.equal(nodes.isMissing, false)
  nodes.load([])
  assert.equal(nodes.isMissing, true)
})
