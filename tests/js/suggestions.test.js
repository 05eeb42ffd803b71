import assert from "node:assert/strict"
import { test } from "node:test"

import { suggestions } from "../../static/js/model/suggestions.js"

const revision = (image) => ({ containers: [{ name: "web", image }] })

test("images of other revisions come first, then the tags that behave", () => {
  const found = suggestions("web", "example.org:5000/web:2", [
    revision("example.org:5000/web:1"),
    revision("example.org:5000/web:2"),
  ])
  const name = "example.org:5000/web"
  assert.deepEqual(found, [`${name}:1`, `${name}:slow`, `${name}:flaky`, `${name}:unready`, `${name}:broken`])
})

test("what is set is not offered again, and a digest has no tags", () => {
  assert.deepEqual(suggestions("web", "web:slow", []), ["web:flaky", "web:unready", "web:broken"])
  assert.deepEqual(suggestions("web", "web@sha256:abc", []), [])
})
