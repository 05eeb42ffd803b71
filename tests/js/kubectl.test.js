import assert from "node:assert/strict"
import { test } from "node:test"
import { Kubectl } from "../../static/js/model/kubectl.js"

const here = new Kubectl("default")
const there = new Kubectl("team")
const COMMANDS = {
  "kubectl set image deployment/web nginx=nginx:1.9.1": here.setImage("web", { nginx: "nginx:1.9.1" }),
  "kubectl set image deployment/web a=x:1 b=y:2 -n team": there.setImage("web", { a: "x:1", b: "y:2" }),
  "kubectl set image deployment/web 'nginx=nginx 1.9'": here.setImage("web", { nginx: "nginx 1.9" }),
  "kubectl scale deployment/web --replicas=5": here.scale("web", "5"),
  "kubectl rollout undo deployment/web --to-revision=1 -n team": there.rollout("undo", "web", "--to-revision=1"),
  "kubectl delete pod/web-1": here.remove("pod", "web-1"),
  "kubectl scale deployment/web '--replicas='\\''; rm -rf /'": here.scale("web", "'; rm -rf /"),
}

for (const [line, made] of Object.entries(COMMANDS)) test(line, () => assert.equal(made, line))

const PATCHES = [
  ["surge", { max_surge: "50%" }, { strategy: { rollingUpdate: { maxSurge: "50%" } } }],
  [
    "both limits",
    { max_surge: 1, max_unavailable: 0 },
    { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
  ],
  [
    "Recreate has no limits",
    { strategy: "Recreate", max_surge: 1 },
    { strategy: { type: "Recreate", rollingUpdate: null } },
  ],
  ["min ready", { min_ready_seconds: 5 }, { minReadySeconds: 5 }],
  ["no deadline", { progress_deadline_seconds: null }, { progressDeadlineSeconds: null }],
]

for (const [name, values, spec] of PATCHES) {
  test(`patch: ${name}`, () => {
    const [, json] = /^kubectl patch deployment\/web -p '(.*)'$/.exec(here.patch("web", values))
    assert.deepEqual(JSON.parse(json), { spec })
  })
}
