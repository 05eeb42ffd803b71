import assert from "node:assert/strict"
import { test } from "node:test"
import { Answers } from "../../static/js/model/answers.js"

test("one question at a time, each Deployment once for a while", async () => {
  const asked = []
  let left
  const done = new Promise((resolve) => (left = resolve))
  let changes = 0
  const answers = new Answers({
    foresee: async (name) => {
      asked.push(name)
      return { verdict: { answer: name === "web" ? "never" : "complete" } }
    },
    isSeen: () => true,
    onChange: () => {
      changes += 1
      look()
      if (changes === 2) left()
    },
  })
  const look = () => ["web", "api"].map((name) => answers.of({ uid: name, name }))
  assert.deepEqual(look(), [null, null])
  assert.deepEqual(asked, ["web"])
  await done
  assert.deepEqual(
    look().map((each) => each.answer),
    ["never", "complete"],
  )
  assert.deepEqual(asked, ["web", "api"])
})

test("what can't be foretold has no answer", async () => {
  const changed = new Promise((resolve) => {
    const answers = new Answers({
      foresee: () => Promise.reject(new Error("too many")),
      isSeen: () => true,
      onChange: () => resolve(answers),
    })
    answers.of({ uid: "1", name: "web" })
  })
  assert.equal((await changed).of({ uid: "1", name: "web" }), null)
})

test("a few of many are asked about", async () => {
  const asked = []
  const names = Array.from({ length: 30 }, (_, place) => `web-${place}`)
  await new Promise((resolve) => {
    const answers = new Answers({
      foresee: async (name) => {
        asked.push(name)
        return { verdict: { answer: "never" } }
      },
      isSeen: () => true,
      onChange: () => {
        look()
        if (asked.length === 10) setTimeout(resolve)
      },
    })
    const look = () => names.forEach((name) => answers.of({ uid: name, name }))
    look()
  })
  assert.deepEqual(asked, names.slice(0, 10))
})

test("nothing is asked while nobody looks", () => {
  const answers = new Answers({ foresee: () => assert.fail("asked"), isSeen: () => false, onChange: () => {} })
  assert.equal(answers.of({ uid: "1", name: "web" }), null)
})
