import assert from "node:assert/strict"
import { test } from "node:test"
import { Latest } from "../../static/js/lib/latest.js"

test("a slow older answer does not overtake a newer one", async () => {
  const latest = new Latest()
  const { promise, resolve } = deferred()
  const older = latest.of(promise)
  assert.equal(await latest.of(Promise.resolve("new")), "new")
  resolve("old")
  assert.equal(await older, undefined)
})

test("what was forgotten is not answered", async () => {
  const latest = new Latest()
  const asked = latest.of(Promise.resolve("late"))
  latest.forget()
  assert.equal(await asked, undefined)
})

function deferred() {
  const found = {}
  found.promise = new Promise((resolve) => (found.resolve = resolve))
  return found
}
