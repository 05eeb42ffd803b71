import assert from "node:assert/strict"
import { test } from "node:test"
import { Kubectl } from "../../static/js/model/kubectl.js"
import { lineOf } from "../../static/js/model/storysteps.js"

const kubectl = new Kubectl("team")
const COMMANDS = [
  ["apply", { kind: "Deployment", name: "web" }, "kubectl apply -f web.yaml -n team"],
  ["set-image", { nginx: "nginx:1.9.1" }, "kubectl set image deployment/web nginx=nginx:1.9.1 -n team"],
  ["scale", 5, "kubectl scale deployment/web --replicas=5 -n team"],
  ["patch", { spec: { replicas: 2 } }, `kubectl patch deployment/web -p '{"spec":{"replicas":2}}' -n team`],
  ["undo", 0, "kubectl rollout undo deployment/web -n team"],
  ["undo", 2, "kubectl rollout undo deployment/web --to-revision=2 -n team"],
  ["pause", null, "kubectl rollout pause deployment/web -n team"],
  ["delete", null, "kubectl delete deployment/web -n team"],
  ["drain", "node-1", "kubectl drain node-1"],
  ["uncordon", "node-1", "kubectl uncordon node-1"],
  ["wait", "complete", "kubectl rollout status deployment/web -n team"],
  ["wait", "failed", "kubectl rollout status deployment/web -n team"],
]
const WORDS = [
  ["wait", 90, "Wait 90.0 s"],
  ["wait", "quiet", "Wait until nothing moves"],
  ["say", "Look.", "Words for the audience"],
  ["pace", 10, "The clock at 10×"],
  ["pace", 0, "Pause time"],
  ["pace", "step", "Step to what happens next"],
  ["delete-pod", { 2: 1 }, "ReplicaSet 2: 1 pod is deleted"],
  ["ready", { 0: 2, 1: 1 }, "newest ReplicaSet: 2 pods become ready, ReplicaSet 1: 1 pod becomes ready"],
  ["unready", { 2: 2 }, "ReplicaSet 2: 2 pods stop being ready"],
  ["break", { "nginx:1.9*": "crash-loop" }, "nginx:1.9* fails: crash-loop"],
  ["heal", "nginx:1.9.1", "nginx:1.9.1 works again"],
]

for (const [verb, value, text] of COMMANDS)
  test(text, () => assert.deepEqual(lineOf({ verb, value }, "web", kubectl), { text, isCommand: true }))

for (const [verb, value, text] of WORDS)
  test(text, () => {
    const line = lineOf({ verb, value }, "web", kubectl)
    assert.deepEqual(line, { text, isCommand: false })
  })
