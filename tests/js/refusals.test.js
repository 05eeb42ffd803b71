import assert from "node:assert/strict"
import { test } from "node:test"
import { readMessage, refusalsOf } from "../../static/js/model/refusals.js"

const TAIL = "no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found."
const ASK = [600, 0, 1]

function row(name, values = {}) {
  return { name, allocatable: [1000, 2 ** 30, 10], others: [0, 0, 0], ...values }
}

const FULL = { others: [500, 0, 1] }
const CORDONED = { unschedulable: true }
const TAINTED = { taints: ["dedicated=web:NoSchedule"] }

// message, the nodes, what each is given.
const SPLIT = [
  [
    "all for one reason",
    "3 Insufficient cpu",
    [{}, {}, {}],
    [["Insufficient cpu"], ["Insufficient cpu"], ["Insufficient cpu"]],
  ],
  [
    "all for two reasons",
    "2 Insufficient cpu, 2 Too many pods",
    [{}, {}],
    [
      ["Insufficient cpu", "Too many pods"],
      ["Insufficient cpu", "Too many pods"],
    ],
  ],
  [
    "a cordon, a taint, and too little",
    "1 Insufficient cpu, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable",
    [FULL, TAINTED, CORDONED],
    [["Insufficient cpu"], ["node(s) had untolerated taint(s)"], ["node(s) were unschedulable"]],
  ],
  [
    "a cordoned node is not asked for its room",
    "1 Insufficient cpu, 1 node(s) were unschedulable",
    [{ ...FULL, ...CORDONED }, FULL],
    [["node(s) were unschedulable"], ["Insufficient cpu"]],
  ],
  [
    "a reason that no number shows is nobody's",
    "1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector",
    [FULL, {}],
    [["Insufficient cpu"], undefined],
  ],
  [
    "more nodes show it than were counted",
    "1 Insufficient cpu, 1 node(s) didn't match pod anti-affinity rules",
    [FULL, FULL],
    [undefined, undefined],
  ],
  [
    "a taint that is tolerated leaves doubt",
    "1 Insufficient cpu, 1 node(s) were unschedulable",
    [{ ...FULL, ...TAINTED }, CORDONED],
    [undefined, ["node(s) were unschedulable"]],
  ],
  ["uncordoned since", "1 Insufficient cpu, 1 node(s) were unschedulable", [FULL, {}], [undefined, undefined]],
]
for (const [name, reasons, states, wanted] of SPLIT) {
  test(`refusals: ${name}`, () => {
    const rows = new Map(states.map((values, place) => [`node-${place + 1}`, row(`node-${place + 1}`, values)]))
    const found = refusalsOf(`0/${states.length} nodes are available: ${reasons}. ${TAIL}`, rows, ASK)
    assert.deepEqual(
      [...rows.keys()].map((each) => found.get(each)),
      wanted,
    )
  })
}

test("a message of other nodes than these is split on none", () => {
  assert.equal(refusalsOf("0/2 nodes are available: 2 Insufficient cpu.", new Map([["a", row("a")]]), ASK).size, 0)
})

const READ = [
  [
    "0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods. preemption: ...",
    {
      nodes: 3,
      reasons: [
        { count: 1, text: "Insufficient cpu" },
        { count: 2, text: "Too many pods" },
      ],
    },
  ],
  ["0/2 nodes are available: 2 Insufficient cpu.", { nodes: 2, reasons: [{ count: 2, text: "Insufficient cpu" }] }],
  ['0/2 nodes are available: persistentvolumeclaim "data" not found. preemption: ...', null],
  ["Scheduling is blocked due to non-empty scheduling gates", null],
  ["", null],
]
for (const [message, wanted] of READ) {
  test(`read: ${message.slice(0, 60)}`, () => assert.deepEqual(readMessage(message), wanted))
}
