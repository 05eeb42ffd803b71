// The chart's numbers and the strip's frames, from recorded journals. tests/test_films.py counts the same with the
// core.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { Film } from "../../static/js/model/film.js"
import { deployment, pod, replicaset } from "./builders.js"

const FRAMES = {
  book: ["3", "3/1", "2/1", "2/2", "1/2", "1/3", "0/3"],
  "min-ready": ["0/3", "1/3", "1/2", "2/2", "2/1", "3/1", "3/0"], // back to revision 1: the first is the new one
  recreate: ["3/0/0", "0/0/0", "0/3/0"],
  stuck: ["3/0", "3/0/1"],
}
const KINDS = {
  book: ["start", "new up", "old down", "new up", "old down", "new up", "old down"],
  "min-ready": ["start", "new up", "old down", "new up", "old down", "new up", "old down"],
  recreate: ["start", "old down", "new up"],
  stuck: ["start", "new up"],
}
const COUNTS = ["total", "available", "terminating", "ceiling", "floor"]

for (const name of Object.keys(FRAMES)) {
  test(`${name}: frames, one for each scaling`, () => {
    const { film } = recorded(name)
    assert.deepEqual(film.frames.map(desired), FRAMES[name])
    assert.deepEqual(
      film.frames.map((frame) => film.kindOf(frame)),
      KINDS[name],
    )
  })

  test(`${name}: the chart counts as the core does`, () => {
    const { film, began, points } = recorded(name)
    const drawn = film.points.map((each) => told(each, began))
    const counted = points.map((each) => told(each, 0))
    assert.deepEqual(
      counted.filter((each) => !drawn.includes(each)),
      [],
    )
    // Between two changes of the journal a pod becomes available without one.
    const ripened = film.points.filter((each) => !counted.includes(told(each, began)))
    for (const each of ripened) assert.ok(each.available > before(film, each).available, told(each, began))
  })

  test(`${name}: told in pieces, the film is the same`, () => {
    const { film, data } = recorded(name)
    const again = new Film({ ...data, frames: [] })
    for (const item of data.frames) again.add([item])
    again.add(data.frames) // what is known already adds nothing
    assert.deepEqual(again.frames.map(desired), film.frames.map(desired))
    assert.deepEqual(again.points.slice(-film.points.length + 1), film.points.slice(1))
    assert.equal(again.endedAt, film.endedAt)
  })
}

test("a rollout that is complete has its summary", () => {
  const { film, began } = recorded("book")
  const { seconds, ...rest } = film.summary()
  assert.equal(seconds, film.endedAt - began)
  assert.deepEqual(rest, { peak: 4, whole: 5, least: 3, isCreation: false })
})

test("a rollout that is stuck has not ended", () => assert.equal(recorded("stuck").film.endedAt, null))

test("readiness that lasts minReadySeconds makes available without a change", () => {
  const old = replicaset(1, 1, { min_ready_seconds: 10 })
  const start = { deployment: deployment({ replicas: 1 }), replicasets: [old], pods: [] }
  const film = new Film({ start, frames: [], since: 1 })
  film.add([{ rv: 2, verb: "ADDED", kind: "Pod", at: 5, state: pod(old, { ready_since: 5 }) }])
  film.tick(14.9)
  assert.equal(film.points.at(-1).available, 0)
  film.tick(20)
  assert.deepEqual([film.points.at(-1).available, film.points.at(-1).at], [1, 15])
})

test("the time between two acts belongs to neither, however short it is", () => {
  const before = replicaset(1, 3)
  const start = { deployment: deployment(), replicasets: [before], pods: [] }
  const film = new Film({ start, frames: [], since: 1 })
  const edited = deployment({ replicas: 0, status: { replicas: 3 } })
  film.add([{ rv: 2, verb: "MODIFIED", kind: "Deployment", at: 9, state: edited }])
  const done = deployment({ replicas: 0, status: { replicas: 0, updated_replicas: 0, available_replicas: 0 } })
  film.add([{ rv: 3, verb: "MODIFIED", kind: "Deployment", at: 9.5, state: done }])
  assert.equal(film.summary().seconds, 0.5)
})

test("what was not told one by one is adopted", () => {
  const before = replicaset(1, 3)
  const start = { deployment: deployment(), replicasets: [before], pods: [] }
  const film = new Film({ start, frames: [], since: 1, is_cut: true })
  const after = [replicaset(1, 1), replicaset(2, 2)]
  film.adopt({ deployment: deployment(), replicasets: after, pods: after.map((each) => pod(each)) }, 50, 9)
  assert.equal(film.isCut, false)
  assert.equal(desired(film.frames.at(-1)), "1/2")
  assert.equal(film.points.at(-1).total, 2)
})

function recorded(name) {
  const data = JSON.parse(readFileSync(new URL(`data/films/${name}.json`, import.meta.url)))
  return { data, film: new Film(data), began: data.frames[0].at, points: data.points }
}

function desired({ counts }) {
  return counts
    .toSorted((one, two) => one.number - two.number)
    .map((each) => each.desired)
    .join("/")
}

function told(point, began) {
  return `${(point.at - began).toFixed(4)} ${COUNTS.map((each) => `${each} ${point[each]}`).join(" ")}`
}

function before(film, point) {
  return film.points[film.points.indexOf(point) - 1]
}
