import assert from "node:assert/strict"
import { test } from "node:test"

import { assumption, overridesOf, remarks, sourceText, timesOf } from "../../static/js/model/assuming.js"

const TIMES = { pull_seconds: 1.5, start_seconds: 0.6, ready_seconds: 2.4, stop_seconds: 40 }
const RULE = Object.fromEntries(Object.keys(TIMES).map((key) => [key, "rule"]))
const ASSUMED = {
  container: "nginx",
  image: "registry.example.org/web/nginx:1.9.1",
  pattern: "*",
  failure: "",
  jitter: 0.2,
  times: TIMES,
  sources: RULE,
  role: "main",
  probe: null,
  startup: null,
  liveness: null,
  pre_stop_seconds: 0,
  grace_seconds: 30,
  is_old: false,
}

test("every time of an image is said with its source", () => {
  assert.equal(assumption(ASSUMED), "nginx:1.9.1: pull 1.5 s, start 0.6 s, ready 2.4 s, stop 40.0 s (image rule *)")
})

test("of pods that are replaced only the stop counts", () => {
  assert.equal(assumption({ ...ASSUMED, is_old: true }), "nginx:1.9.1 (replaced): stop 40.0 s (image rule *)")
})

test("values that were typed are said to be so, and an image without a rule takes no time", () => {
  assert.equal(
    sourceText({ ...ASSUMED, sources: { ...RULE, ready_seconds: "override" } }),
    "your values, else image rule *",
  )
  assert.equal(sourceText({ ...ASSUMED, pattern: "" }), "no image rule: no time at all")
})

test("what else decides is said too", () => {
  const texts = remarks({ ...ASSUMED, probe: [5, 10, 1] })
  assert.deepEqual(texts, [
    "Each time varies from pod to pod by up to 20%.",
    "A node that has the image pulls nothing.",
    "The readiness probe sees it: first after 5.0 s, then every 10.0 s; successes needed: 1.",
    "A stop ends after the grace period of 30.0 s.",
  ])
})

test("init containers and sidecars are named", () => {
  assert.equal(
    assumption({ ...ASSUMED, role: "init" }),
    "nginx:1.9.1 (init container nginx): pull 1.5 s, start 0.6 s, runs for 2.4 s (image rule *)",
  )
  assert.match(assumption({ ...ASSUMED, role: "sidecar" }), /^nginx:1.9.1 \(sidecar nginx\): pull .* stop 40.0 s/)
  assert.deepEqual(timesOf({ ...ASSUMED, role: "init" }), ["pull_seconds", "start_seconds", "ready_seconds"])
})

test("the other probes and the preStop hook are said, of what stops the hook alone", () => {
  const life = { ...ASSUMED, jitter: 0, startup: [0, 2, 30], liveness: [5, 10, 3], pre_stop_seconds: 5 }
  assert.deepEqual(remarks({ ...life, times: { ...TIMES, stop_seconds: 1 } }), [
    "A node that has the image pulls nothing.",
    "The startup probe holds the others back: first after 0.0 s, then every 2.0 s; 30 failures end the container.",
    "The liveness probe asks first after 5.0 s, then every 10.0 s; 3 failures end the container.",
    "Before it stops, its preStop hook takes 5.0 s.",
  ])
  assert.deepEqual(remarks({ ...life, is_old: true, times: { ...TIMES, stop_seconds: 28 } }), [
    "Before it stops, its preStop hook takes 5.0 s.",
    "A stop ends after the grace period of 30.0 s.",
  ])
  assert.deepEqual(remarks({ ...life, role: "init" }).length, 3)
})

test("only numbers are overrides", () => {
  const typed = [
    { image: "a:1", key: "pull_seconds", text: " 2.5" },
    { image: "a:1", key: "stop_seconds", text: "0" },
    { image: "b:1", key: "pull_seconds", text: "soon" },
    { image: "b:1", key: "stop_seconds", text: "" },
  ]
  assert.deepEqual(overridesOf(typed), { "a:1": { pull_seconds: 2.5, stop_seconds: 0 } })
})
