import assert from "node:assert/strict"
import { test } from "node:test"

import { matches, matching } from "../../static/js/model/matching.js"

const COMMANDS = ["Set image", "Resume time", "Pause time", "Undo the rollout"].map((name) => ({ name }))
const names = (text) => matching(COMMANDS, text).map(({ name }) => name)

test("without a text all are there, in their order", () => {
  assert.deepEqual(names(" "), ["Set image", "Resume time", "Pause time", "Undo the rollout"])
})

test("every word is found somewhere, names that begin so first", () => {
  assert.deepEqual(names("time pau"), ["Pause time"])
  assert.deepEqual(names("e"), ["Set image", "Resume time", "Pause time", "Undo the rollout"])
  assert.deepEqual(names("u"), ["Undo the rollout", "Resume time", "Pause time"])
  assert.deepEqual(names("nothing"), [])
})

test("a text matches where all words are in it, however they are written", () => {
  assert.ok(matches("A drain that a budget holds", "BUDGET drain"))
  assert.ok(matches("A drain", " "))
  assert.ok(!matches("A drain", "drain quota"))
})
