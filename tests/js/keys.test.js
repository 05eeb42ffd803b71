import assert from "node:assert/strict"
import { test } from "node:test"

let listen = null
globalThis.addEventListener = (_, listener) => (listen = listener)
globalThis.document = { querySelector: () => null }
const { offerKeys } = await import("../../static/js/lib/keys.js")

function press(key) {
  const event = { key, target: {}, timeStamp: 0, defaultPrevented: false }
  event.preventDefault = () => (event.defaultPrevented = true)
  listen(event)
}

test("who offers a key only at times has it then, before who offers it always", () => {
  const done = []
  let isThere = false
  offerKeys({ n: () => done.push("view"), N: () => done.push("view by N") })
  offerKeys({ n: () => done.push("story") }, () => isThere)
  offerKeys({ n: () => done.push("lesson") }, () => true)
  press("n")
  isThere = true
  press("n")
  press("N")
  assert.deepEqual(done, ["lesson", "story", "view by N"])
})

test("of two who offer the same key always, the first has it", () => {
  const done = []
  offerKeys({ x: () => done.push("first") })
  offerKeys({ x: () => done.push("second") })
  press("x")
  assert.deepEqual(done, ["first"])
})
