import assert from "node:assert/strict"
import { test } from "node:test"
import { sentence } from "../../static/js/model/outlook.js"

const values = {
  outcome: "settled",
  duration_seconds: 11.46,
  peak_pods: 4,
  peak_pods_with_terminating: 5,
  min_available: 3,
  floor_held: true,
  verdict: { answer: "complete", seconds: 11.46, deadline_passes_seconds: null },
  frames: [{ counts: { 1: 3 } }, { counts: { 1: 3, 2: 1 } }],
}
const still = { ...values, duration_seconds: -0.0001, frames: [{ counts: { 1: 3 } }] }
const SENTENCES = [
  [
    "set-image",
    values,
    "Forecast: complete after 11.5 s, at most 4 pods (5 including terminating pods), at least 3 available.",
  ],
  [
    "set-image",
    { ...values, peak_pods_with_terminating: 4 },
    "Forecast: complete after 11.5 s, at most 4 pods, at least 3 available.",
  ],
  [
    "set-image",
    { ...values, verdict: { answer: "never" }, floor_held: false, min_available: 0 },
    "Forecast: never complete, at most 4 pods (5 including terminating pods), at least 0 available, below the floor.",
  ],
  ["tune", still, "No rollout: only the limits change."],
  ["edit", still, "No rollout: the pods stay as they are."],
]

for (const [action, forecast, text] of SENTENCES) test(text, () => assert.equal(sentence(forecast, action), text))
