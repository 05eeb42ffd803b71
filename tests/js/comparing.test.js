import assert from "node:assert/strict"
import { test } from "node:test"
import { praise, spans } from "../../static/js/model/comparing.js"

const forecast = (duration_seconds, min_available, values = {}) => ({
  outcome: "settled",
  floor_held: true,
  duration_seconds,
  min_available,
  ...values,
})

test("the quickest is not the only good one", () => {
  assert.deepEqual(praise([forecast(30, 40), forecast(10, 30), forecast(20, 30)]), [
    ["most available"],
    ["quickest"],
    [],
  ])
})

test("where all are alike nothing is praised", () => {
  assert.deepEqual(praise([forecast(10, 3), forecast(10.01, 3)]), [[], []])
})

test("what breaks the floor or gets stuck is not praised", () => {
  const [bad, stuck] = [forecast(1, 0, { floor_held: false }), forecast(1, 9, { outcome: "stuck" })]
  assert.deepEqual(praise([bad, stuck, forecast(5, 3), { problem: "refused" }]), [[], [], [], []])
})

test("drawings share a time scale, but for one that takes many times as long", () => {
  assert.deepEqual(spans([10, 20, 200]), [20, 20, 200])
  assert.deepEqual(spans([10, 20]), [20, 20])
})
