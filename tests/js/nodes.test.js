import assert from "node:assert/strict"
import { test } from "node:test"
import {
  allocated,
  chooseBoards,
  couldTake,
  lacking,
  MOST_BOARDS,
  Nodes,
  quantity,
} from "../../static/js/model/nodes.js"

const GI = 2 ** 30

export function row(name, values = {}) {
  return { name, allocatable: [2000, 4 * GI, 110], others: [0, 0, 0], ...values }
}

test("what is taken is the others' and each ReplicaSet's, and the rest is free", () => {
  const busy = row("node-1", { others: [300, GI, 2], own: { old: [500, 0, 1], new: [1000, 0, 2] } })
  const [cpu, memory, pods] = allocated(busy, ["old", "new"])
  assert.deepEqual(cpu, {
    name: "cpu",
    allocatable: 2000,
    taken: 1800,
    free: 200,
    percent: 90,
    others: 300,
    parts: [
      { owner: "old", amount: 500 },
      { owner: "new", amount: 1000 },
    ],
  })
  assert.deepEqual([memory.taken, memory.free, memory.percent, memory.parts], [GI, 3 * GI, 25, []])
  assert.deepEqual([pods.taken, pods.free, pods.others], [5, 105, 2])
})

test("pods of a ReplicaSet that is not shown are others'", () => {
  const [cpu] = allocated(row("node-1", { others: [100, 0, 1], own: { gone: [500, 0, 1] } }), ["new"])
  assert.deepEqual([cpu.taken, cpu.others, cpu.parts], [600, 600, []])
})

test("a node that gives more than it has is full, not less than empty", () => {
  const [cpu] = allocated(row("node-1", { others: [2500, 0, 1] }), [])
  assert.deepEqual([cpu.free, cpu.percent], [0, 125])
})

test("of nothing nothing is taken", () => {
  assert.equal(allocated(row("node-1", { allocatable: [0, 0, 0] }), [])[0].percent, 0)
})

const QUANTITIES = [
  ["cpu", 0, "0"],
  ["cpu", 250, "250m"],
  ["cpu", 1000, "1"],
  ["cpu", 1200, "1200m"],
  ["memory", 0, "0"],
  ["memory", 4 * GI, "4Gi"],
  ["memory", 1.5 * GI, "1536Mi"],
  ["memory", 1000, "1k"],
  ["memory", 1001, "1001"],
  ["memory", 100e6, "100M"],
  ["pods", 110, "110"],
]
for (const [resource, amount, text] of QUANTITIES) {
  test(`${amount} of ${resource} is ${text}`, () => assert.equal(quantity(resource, amount), text))
}

const ASKS = [
  ["room for all", {}, [2000, 4 * GI, 1], [], true],
  ["too little cpu", { others: [1, 0, 1] }, [2000, 0, 1], ["Insufficient cpu"], false],
  ["both", { others: [1900, 4 * GI, 1] }, [200, 1, 1], ["Insufficient cpu", "Insufficient memory"], false],
  ["nothing asked for", { others: [2500, 0, 1] }, [0, 0, 1], [], true],
  ["no slot", { allocatable: [2000, GI, 1], others: [0, 0, 1] }, [0, 0, 1], ["Too many pods"], false],
  ["cordoned", { unschedulable: true }, [0, 0, 1], [], false],
  ["tainted", { taints: ["dedicated=web:NoSchedule"] }, [0, 0, 1], [], false],
  ["tainted softly", { taints: ["spot:PreferNoSchedule"] }, [0, 0, 1], [], true],
]
for (const [name, values, ask, lacks, could] of ASKS) {
  test(`one more pod: ${name}`, () => {
    assert.deepEqual(lacking(row("node-1", values), ask), lacks)
    assert.equal(couldTake(row("node-1", values), ask), could)
  })
}

test("frames change what they name, and keep the order of names", () => {
  const nodes = new Nodes()
  nodes.take({
    all: true,
    nodes: [row("node-10"), row("node-2"), row("node-1")],
    asks: { new: [1, 1, 1] },
    budgets: [],
  })
  nodes.take({ nodes: [row("node-2", { others: [7, 0, 1] })] })
  nodes.take({ gone: ["node-1"], nodes: [row("node-3")] })
  assert.deepEqual([...nodes.rows.keys()], ["node-2", "node-3", "node-10"])
  assert.deepEqual(nodes.rows.get("node-2").others, [7, 0, 1])
  assert.deepEqual(nodes.asks, { new: [1, 1, 1] })
  nodes.take({ all: true, nodes: [row("node-4")] })
  assert.deepEqual([...nodes.rows.keys()], ["node-4"])
})

test("few nodes are all shown, also one that only pods name", () => {
  const rows = new Map([row("node-2"), row("node-10")].map((each) => [each.name, each]))
  const { shown, hidden } = chooseBoards(rows, [{ node: "node-3" }, { node: "" }])
  assert.deepEqual([shown, hidden], [["node-2", "node-3", "node-10"], 0])
})

test("of many nodes those with pods are shown, then those where the next could go", () => {
  const full = (place) => row(`full-${place}`, { others: [2000, 0, 1] })
  const free = Array.from({ length: 30 }, (_, place) => row(`free-${place}`))
  const many = [...Array.from({ length: 1000 }, (_, place) => full(place)), ...free]
  const rows = new Map(many.map((each) => [each.name, each]))
  const { shown, hidden, apart } = chooseBoards(rows, [{ node: "full-500" }, { node: "full-501" }], [100, 0, 1])
  assert.equal(shown.length, MOST_BOARDS)
  assert.equal(hidden, many.length - MOST_BOARDS)
  assert.equal(apart, 0)
  for (const name of ["full-500", "full-501", ...free.map((each) => each.name)]) assert.ok(shown.includes(name), name)
})

test("pods on nodes that are not shown are counted", () => {
  const rows = new Map(Array.from({ length: 100 }, (_, place) => [`n${place}`, row(`n${place}`)]))
  const pods = [...rows.keys()].flatMap((node) => [{ node }, { node }])
  const { shown, hidden, apart } = chooseBoards(rows, pods)
  assert.deepEqual([shown.length, hidden, apart], [MOST_BOARDS, 40, 80])
})
