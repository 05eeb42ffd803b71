import assert from "node:assert/strict"
import { test } from "node:test"
import { change, numbered, shortImage, shortImages } from "../../static/js/model/images.js"

const SHORT = {
  nginx: "nginx",
  "nginx:1.9.1": "nginx:1.9.1",
  "registry.example.org:5000/mesh/envoy:v1.29.2": "envoy:v1.29.2",
  "shop/checkout@sha256:0123456789abcdef": "checkout@01234567",
}

for (const [image, text] of Object.entries(SHORT)) test(image, () => assert.equal(shortImage(image), text))

const before = numbered(["r.example/shop/checkout:1", "r.example/mesh/envoy:v1"])
const after = numbered(["r.example/shop/checkout:2", "r.example/mesh/envoy:v1"])

test("only the containers that differ", () => {
  assert.equal(shortImages(after, before), "checkout:2")
  assert.equal(change(before, after), "checkout:1 → checkout:2")
})

test("all of them where none differs", () => {
  assert.equal(shortImages(after, after), "checkout:2, envoy:v1")
  assert.equal(change(after, after), "checkout:2, envoy:v1")
})

test("what there was not before", () => assert.equal(change([], after), "checkout:2, envoy:v1"))
