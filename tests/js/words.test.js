import assert from "node:assert/strict"
import { test } from "node:test"
import { age, duration, t, tn } from "../../static/js/lib/words.js"

// As apimachinery's duration_test.go.
const AGES = [
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [130, "2m10s"],
  [599, "9m59s"],
  [600, "10m"],
  [10_799, "179m"],
  [10_800, "3h"],
  [11_100, "3h5m"],
  [28_800, "8h"],
  [172_800, "2d"],
  [180_000, "2d2h"],
  [691_200, "8d"],
  [63_072_000, "2y"],
  [63_158_400, "2y1d"],
  [252_288_000, "8y"],
  [-3, "0s"],
]

for (const [seconds, text] of AGES) test(`age of ${seconds} s`, () => assert.equal(age(seconds), text))

const DURATIONS = [
  [0, "0.0 s"],
  [11.46, "11.5 s"],
  [99.94, "99.9 s"],
  [99.95, "1 min 40 s"],
  [120, "2 min"],
  [6000, "1.7 h"],
]

for (const [seconds, text] of DURATIONS) test(`duration of ${seconds} s`, () => assert.equal(duration(seconds), text))

test("values are put into a text", () => {
  assert.equal(t("%(one)s of %(two)s", { one: 1, two: 2 }), "1 of 2")
  assert.equal(tn("%(count)s pod", "%(count)s pods", 1), "1 pod")
  assert.equal(tn("%(count)s pod", "%(count)s pods", 2), "2 pods")
})
