import assert from "node:assert/strict"
import { test } from "node:test"
import { commandOf } from "../../static/js/model/edits.js"
import { Kubectl } from "../../static/js/model/kubectl.js"
import { deployment } from "./builders.js"

const EDITS = [
  [{ containers: [{ name: "nginx", image: "nginx:2" }] }, "kubectl set image deployment/web nginx=nginx:2"],
  [{ replicas: 5 }, "kubectl scale deployment/web --replicas=5"],
  [{ paused: true }, "kubectl rollout pause deployment/web"],
  [{ max_surge: 2 }, `kubectl patch deployment/web -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":2}}}}'`],
  [{ labels: {} }, ""],
]

for (const [values, line] of EDITS) {
  test(line || "what the states do not show", () => {
    const after = deployment({ generation: 2, ...values })
    assert.equal(commandOf(deployment(), after, new Kubectl("default")), line)
  })
}

test("a status alone is no edit", () => {
  assert.equal(commandOf(deployment(), deployment({ replicas: 5 }), new Kubectl("default")), "")
})

test("a Deployment that is new was not edited", () => assert.equal(commandOf(null, deployment(), null), ""))
