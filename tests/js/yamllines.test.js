import assert from "node:assert/strict"
import { test } from "node:test"
import { lineOf } from "../../static/js/model/yamllines.js"

const TEXT = `apiVersion: apps/v1
kind: Deployment
spec:
  # how many
  replicas: 3
  template:
    spec:
      containers:
      - name: app
        image: nginx
      - image: envoy
        name: proxy`
const LINES = {
  "spec.replicas": 5,
  "spec.template.spec.containers[0].image": 10,
  "spec.template.spec.containers[1].image": 11,
  "spec.template.spec.containers[1].name": 12,
  "spec.template.spec.containers[2].name": 8, // not written: the nearest around it
  "spec.strategy.type": 3,
  "status.replicas": 0,
}

for (const [path, line] of Object.entries(LINES)) test(path, () => assert.equal(lineOf(TEXT, path), line))

test("the same field of a later document", () => {
  const text = `kind: ConfigMap\nmetadata:\n  name: one\n---\nkind: Service\nspec:\n  type: x\n---\nmetadata:\n  name: three`
  assert.equal(lineOf(text, "metadata.name"), 3)
  assert.equal(lineOf(text, "spec.type"), 0, "the first document has none")
  assert.equal(lineOf(text, "spec.type", 5), 7)
  assert.equal(lineOf(text, "metadata.name", 5), 0)
  assert.equal(lineOf(text, "metadata.name", 9), 10)
})
