import assert from "node:assert/strict"
import { mock, test } from "node:test"
import { LiveLane } from "../../static/js/model/livelane.js"

const FILM = { startedAt: 100, rv: 7 }

// A server that answers at once, and a clock that stands still until it is moved.
function looking({ began = 100, is_open: isOpen = true, traffic = {}, isShown = () => true } = {}) {
  let now = 0
  mock.method(performance, "now", () => now)
  const asked = []
  const answer = { began, is_open: isOpen, traffic }
  const load = async (model) => {
    asked.push(model)
    if (answer.fails) throw new Error("no")
    return { ...answer }
  }
  const lane = new LiveLane({ load, onChange: () => {}, isShown })
  const look = async (film, time, model = {}) => {
    lane.look(film, time, model)
    await new Promise((done) => setImmediate(done))
    return lane.look(film, time, model)
  }
  return { look, asked, answer, pass: (ms) => (now += ms) }
}

test("while a rollout goes on the server is asked as time passes, and not more often than every two seconds", async () => {
  const { look, asked, pass } = looking()
  assert.ok(await look(FILM, 101))
  await look(FILM, 102)
  assert.equal(asked.length, 1)
  pass(2000)
  await look(FILM, 102)
  assert.equal(asked.length, 2)
})

test("where only time passes the server is asked ever more seldom, until something changes", async () => {
  const { look, asked, pass } = looking()
  for (let second = 1; second <= 100; second += 1) {
    await look(FILM, 100 + second)
    pass(1000)
  }
  assert.ok(asked.length >= 6 && asked.length <= 10, `${asked.length}`)
  const before = asked.length
  await look({ ...FILM, rv: 8 }, 201)
  pass(2000)
  await look({ ...FILM, rv: 8 }, 203)
  assert.ok(asked.length > before)
})

test("a clock that stands asks nothing", async () => {
  const { look, asked, pass } = looking()
  await look(FILM, 101.2)
  pass(60_000)
  await look(FILM, 101.2) // the answer said that it is open: from here on seconds count
  const before = asked.length
  pass(60_000)
  await look(FILM, 101.2)
  assert.equal(asked.length, before)
})

test("at rest only a change asks again", async () => {
  const { look, asked, pass } = looking({ is_open: false })
  await look(FILM, 101)
  pass(60_000)
  await look(FILM, 161)
  assert.equal(asked.length, 1)
  await look({ ...FILM, rv: 8 }, 161)
  assert.equal(asked.length, 2)
})

test("other numbers are asked for soon", async () => {
  const { look, asked, pass } = looking()
  await look(FILM, 101)
  pass(500)
  await look(FILM, 101, { requests_per_second: 5 })
  assert.deepEqual(asked, [{}, { requests_per_second: 5 }])
})

test("without a Service there is no lane, and time alone asks nothing", async () => {
  const { look, asked, pass } = looking({ traffic: null })
  assert.equal(await look(FILM, 101), null)
  pass(60_000)
  await look(FILM, 161)
  assert.equal(asked.length, 1)
})

test("the lane of another rollout is not shown", async () => {
  const { look } = looking({ began: 50 })
  assert.equal(await look(FILM, 101), null)
})

test("a new rollout is asked about soon, though the last one had no lane", async () => {
  const { look, asked, answer, pass } = looking({ is_open: false, traffic: null })
  await look(FILM, 101)
  Object.assign(answer, { began: 110, is_open: true, traffic: {} })
  pass(500)
  assert.ok(await look({ startedAt: 110, rv: 9 }, 110))
  assert.equal(asked.length, 2)
})

test("what was shown stays where the server has no answer, and is asked for later", async () => {
  const { look, asked, answer, pass } = looking()
  assert.ok(await look(FILM, 101))
  answer.fails = true
  pass(2000)
  assert.ok(await look(FILM, 103))
  pass(9000)
  await look(FILM, 112)
  assert.equal(asked.length, 2)
  pass(1000)
  await look(FILM, 113)
  assert.equal(asked.length, 3)
})

test("nobody looks: nothing is asked", async () => {
  const { look, asked } = looking({ isShown: () => false })
  await look(FILM, 101)
  assert.equal(asked.length, 0)
})
