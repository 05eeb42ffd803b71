import assert from "node:assert/strict"
import { test } from "node:test"
import {
  adviceText,
  answerText,
  causeText,
  costText,
  endText,
  isGood,
  remedyText,
  withAnswer,
} from "../../static/js/model/verdict.js"

const complete = { answer: "complete", seconds: 12, deadline_passes_seconds: null }
const late = { answer: "not before", seconds: 130, deadline_passes_seconds: 60 }
const waits = { answer: "not before", seconds: 80, deadline_passes_seconds: null }
const never = { answer: "never", seconds: null, deadline_passes_seconds: 60 }
const unknown = { answer: "unknown", seconds: null, deadline_passes_seconds: null }

const ENDS = [
  [complete, "complete", "complete after 12.0 s"],
  [late, "not before 2 min 10 s", "not complete before 2 min 10 s, and the progress deadline passes after 60.0 s"],
  [waits, "not before 80.0 s", "not complete before 80.0 s"],
  [never, "never", "never complete"],
  [unknown, "unknown", "unknown whether it completes"],
]

for (const [verdict, short, end] of ENDS)
  test(`the answer: ${end}`, () => {
    assert.equal(answerText(verdict), short)
    assert.equal(endText(verdict), end)
    assert.equal(isGood(verdict), verdict === complete)
  })

const message =
  "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod."
const shortfalls = [{ resource: "cpu", asked: "600m", free: "400m", allocatable: "1" }]
const CAUSES = [
  [
    { rule: "no-node", inputs: { message, refused: [{ closest: "node-1", shortfalls }] }, revision: "2", pods: 1 },
    "0/2 nodes are available: 2 Insufficient cpu. A pod asks for 600m of cpu; node-1 has 400m free of 1. (revision 2, 1 pod)",
  ],
  [
    {
      rule: "quota",
      inputs: { quota: "team", requested: "pods=1", used: "pods=3", limited: "pods=3" },
      revision: "2",
      pods: 2,
    },
    "The quota team has no room: requested pods=1, used pods=3, limited pods=3. (revision 2, 2 pods)",
  ],
  [
    { rule: "slow-start", inputs: { container: "app", answers: 40, probe: "liveness", limit: 20 } },
    "The container app answers 40.0 s after its start, its liveness probe gives up after 20.0 s.",
  ],
  [{ rule: "paused", inputs: {}, pods: 0 }, "The Deployment is paused."],
  [
    { rule: "external-kubelet", inputs: { node: "node-1" }, revision: "2", pods: 1 },
    "The kubelet of node-1 is external: a client decides what its pods do. (revision 2, 1 pod)",
  ],
  [{ rule: "new-rule", inputs: {}, text: "as the server says" }, "as the server says"],
]

for (const [cause, text] of CAUSES) test(`a cause: ${text}`, () => assert.equal(causeText(cause), text))

const CONFIG = { kind: "ConfigMap", name: "c", keys: ["a", "b"], size: "" }
const SECRET = { kind: "Secret", name: "s", keys: [], size: "" }
const CLAIM = { kind: "PersistentVolumeClaim", name: "p", keys: [], size: "1Gi" }
const REMEDIES = [
  [{ key: "quota", inputs: { quota: "team", hard: { pods: "4" } } }, "Raise the quota team to pods 4"],
  [
    { key: "lower-request", inputs: { requests: [["app", "cpu", "400m"]] } },
    "Lower the request for cpu of the container app to 400m",
  ],
  [{ key: "more-nodes", inputs: { count: 2, node: "node-1" } }, "Add 2 nodes like node-1"],
  [
    { key: "create-absent", inputs: { objects: [CONFIG, SECRET, CLAIM] } },
    "Create the ConfigMap c with empty values for a, b; Create the empty Secret s; Create the PersistentVolumeClaim p of 1Gi",
  ],
  [
    { key: "create-absent", inputs: { objects: [{ ...CONFIG, is_there: true }] } },
    "Add a, b with empty values to the ConfigMap c",
  ],
  [
    { key: "optional", inputs: { optional: [CONFIG, SECRET], objects: [] } },
    "Make the references optional: ConfigMap c, Secret s",
  ],
  [{ key: "new-key", inputs: {}, text: "as the server says" }, "as the server says"],
]

for (const [remedy, text] of REMEDIES) test(`a remedy: ${text}`, () => assert.equal(remedyText(remedy), text))

test("what a remedy costs", () => {
  const cost = { duration_seconds: 12, min_available: 0, floor_held: false }
  assert.equal(costText(cost), "complete after 12.0 s, at least 0 available, below the floor")
})

test("the progress deadline that would do", () => {
  assert.equal(
    adviceText({ longest_gap_seconds: 72, deadline_seconds: 60, advised_deadline_seconds: 110 }),
    "Longest time without progress: 72.0 s. The progress deadline is 60 s; set 110 s, half as much again.",
  )
  assert.equal(
    adviceText({ longest_gap_seconds: 4, deadline_seconds: 600, advised_deadline_seconds: 10 }),
    "Longest time without progress: 4.0 s. The progress deadline of 600 s is enough.",
  )
  assert.equal(adviceText({ longest_gap_seconds: 0, deadline_seconds: 60, advised_deadline_seconds: 10 }), "")
})

test("a rollout that goes on and can never complete is said to fail; what fails anyway keeps its words", () => {
  const moving = { tone: "move", text: "Progressing" }
  const failing = { tone: "bad", text: "Below the floor" }
  assert.deepEqual(withAnswer(moving, never), { tone: "bad", text: "Never completes" })
  assert.deepEqual(withAnswer(moving, late), moving)
  assert.deepEqual(withAnswer(moving, undefined), moving)
  assert.deepEqual(withAnswer(failing, never), failing)
})
