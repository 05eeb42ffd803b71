import assert from "node:assert/strict"
import { test } from "node:test"
import { Steps } from "../../static/js/model/steps.js"
import { replicaset } from "./builders.js"

test("an arrow carries the step just taken, for a while", (context) => {
  context.mock.timers.enable({ apis: ["Date"] })
  let now = 0
  context.mock.method(performance, "now", () => now)
  const steps = new Steps()
  steps.note([replicaset(1, 3)])
  assert.equal(steps.textOf("rs-1"), "") // nothing was seen to change
  steps.note([replicaset(1, 2), replicaset(2, 1)])
  assert.equal(steps.textOf("rs-1"), "scale down to 2")
  assert.equal(steps.textOf("rs-2"), "scale up to 1")
  now = 60_000
  assert.equal(steps.textOf("rs-1"), "")
})
