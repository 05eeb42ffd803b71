import assert from "node:assert/strict"
import { test } from "node:test"
import { Kubectl } from "../../static/js/model/kubectl.js"

const here = new Kubectl("default")
const there = new Kubectl("team")
const COMMANDS = {
  "kubectl set image deployment/web nginx=nginx:1.9.1": here.of("set-image", "web", {
    images: { nginx: "nginx:1.9.1" },
  }),
  "kubectl set image deployment/web a=x:1 b=y:2 -n team": there.of("set-image", "web", {
    images: { a: "x:1", b: "y:2" },
  }),
  "kubectl set image deployment/web 'nginx=nginx 1.9'": here.of("set-image", "web", { images: { nginx: "nginx 1.9" } }),
  "kubectl scale deployment/web --replicas=5": here.of("scale", "web", { replicas: 5 }),
  "kubectl rollout undo deployment/web --to-revision=1 -n team": there.of("undo", "web", { to_revision: 1 }),
  "kubectl rollout undo deployment/web": here.of("undo", "web"),
  "kubectl rollout pause deployment/web": here.of("pause", "web"),
  "kubectl edit deployment/web": here.of("edit", "web"),
  "kubectl patch resourcequota/q -p '{\"spec\":{}}'": here.patch("ResourceQuota", "q", { spec: {} }),
  "kubectl create configmap c --from-literal=a= --from-literal=b=": here.create("ConfigMap", "c", {
    data: { a: "", b: "" },
  }),
  "kubectl create secret generic s": here.create("Secret", "s", {}),
  "kubectl create serviceaccount shop": here.create("ServiceAccount", "shop", {}),
  "": here.create("Node", "n", {}),
  "kubectl delete deployment/web": here.of("delete", "web"),
  "kubectl scale deployment/web '--replicas=$&'": here.of("scale", "web", { replicas: "$&" }),
  "kubectl delete pod/web-1": here.deletePod("web-1"),
  "kubectl scale deployment/web '--replicas='\\''; rm -rf /'": here.of("scale", "web", { replicas: "'; rm -rf /" }),
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
    const [, json] = /^kubectl patch deployment\/web -p '(.*)'$/.exec(here.of("tune", "web", values))
    assert.deepEqual(JSON.parse(json), { spec })
  })
}
