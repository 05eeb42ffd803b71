import assert from "node:assert/strict"
import test from "node:test"

import { STUCK_SECONDS, chosen, gridOf, stateOf, tally } from "../../static/js/model/classboard.js"

const NOW = 10_000
const tile = (name, changes = {}) => ({
  number: name.length,
  name,
  help: "",
  help_since: null,
  lesson: { task: 1, tasks: 4, is_over: false, since: NOW - 10 },
  ...changes,
})
const lesson = (changes) => ({ lesson: { task: 1, tasks: 4, is_over: false, since: NOW - 10, ...changes } })

const STATES = [
  ["who asks for help", tile("a", { help: "asked" }), "help"],
  ["who is done", tile("a", lesson({ is_over: true })), "over"],
  ["who is long in a task", tile("a", lesson({ since: NOW - STUCK_SECONDS - 1 })), "stuck"],
  ["who has just begun", tile("a"), "working"],
  ["who has no lesson", tile("a", { lesson: null }), "working"],
  ["who is done and asks", tile("a", { ...lesson({ is_over: true }), help: "asked" }), "help"],
]
for (const [name, given, state] of STATES) test(`${name} is ${state}`, () => assert.equal(stateOf(given, NOW), state))

const all = [
  tile("Cy", lesson({ is_over: true, task: 4 })),
  tile("Ada"),
  tile("Dan", lesson({ since: NOW - 500 })),
  tile("Bo", lesson({ since: NOW - 900 })),
  tile("Eve", { help: "asked", help_since: NOW - 5 }),
]
const names = (options) =>
  chosen(all, { text: "", state: "", order: "stuck", now: NOW, ...options }).map((each) => each.name)

test("those who ask come first, then who is stuck longest, and who is done last", () =>
  assert.deepEqual(names({}), ["Eve", "Bo", "Dan", "Ada", "Cy"]))
test("by name", () => assert.deepEqual(names({ order: "name" }), ["Ada", "Bo", "Cy", "Dan", "Eve"]))
test("furthest first", () => assert.equal(names({ order: "ahead" })[0], "Cy"))
test("by letters and by state", () => {
  assert.deepEqual(names({ text: " D" }), ["Dan", "Ada"])
  assert.deepEqual(names({ state: "stuck" }), ["Bo", "Dan"])
})
test("the tally counts every state", () =>
  assert.deepEqual(tally(all, NOW), { help: 1, stuck: 2, working: 1, over: 1 }))

for (const count of [1, 3, 40, 200, 5000])
  test(`${count} cells fit their box, as large as possible`, () => {
    const { size, columns } = gridOf(count, 160, 56)
    assert.ok(columns * size <= 160)
    if (size > 2) assert.ok(Math.ceil(count / columns) * size <= 56)
  })
