import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { Film } from "../../static/js/model/film.js"
import { framesOf, Prospect } from "../../static/js/model/prospect.js"
import { deployment } from "./builders.js"

const book = JSON.parse(readFileSync(new URL("data/films/book.json", import.meta.url)))
const COURSE = [
  { 1: 3, 2: 1 },
  { 1: 2, 2: 1 },
  { 1: 2, 2: 2 },
  { 1: 1, 2: 2 },
  { 1: 1, 2: 3 },
  { 1: 0, 2: 3 },
]

test("a forecast's frames are those of a film, the state before left out", () => {
  const frames = framesOf(foretold(filmUntil(2)), filmUntil(2))
  assert.deepEqual(
    frames.map((each) => `${each.kind} to ${each.count}`),
    ["old down to 2", "new up to 2", "old down to 1", "new up to 3", "old down to 0"],
  )
  assert.ok(frames.every((each) => each.newest === filmUntil(2).newest))
})

test("a step taken as foretold is one less to come, and nothing is asked again", async () => {
  const { prospect, film, asked } = looking(2)
  await asked()
  assert.equal(prospect.look(film, deployment(), 0).coming.length, 5)
  film.add(book.frames.filter((each) => each.rv <= rvOfFrame(3)))
  assert.equal(prospect.look(film, deployment(), 0).coming.length, 4)
  assert.equal(asked.count, 1)
})

test("another course than the one foretold: its cards go at once", async () => {
  const { prospect, film, asked } = looking(2)
  await asked()
  film.add([
    { rv: 1e9, verb: "MODIFIED", kind: "ReplicaSet", at: 2e9, state: { ...book.start.replicasets[0], replicas: 9 } },
  ])
  assert.deepEqual(prospect.look(film, deployment(), 0).coming, [])
})

test("an edit of the spec: the cards of the forecast before it go at once, and it is asked again", async () => {
  const { prospect, film, asked } = looking(2)
  await asked()
  assert.equal(prospect.look(film, deployment(), 0).coming.length, 5)
  assert.deepEqual(prospect.look(film, deployment({ generation: 9 }), 0).coming, [])
  assert.equal(asked.count, 2)
})

test("a forecast that was asked for before an edit is not shown after it", async () => {
  const { prospect, film, asked } = looking(2)
  prospect.look(film, deployment({ generation: 9 }), 0)
  await asked()
  assert.deepEqual(prospect.look(film, deployment({ generation: 9 }), 0).coming, [])
})

test("a forecast of an edit counts from its own beginning", () => {
  const frames = framesOf(foretold(filmUntil(2)), filmUntil(2), 70)
  assert.ok(frames.every((each) => each.since === 70))
})

test("nobody looks: nothing is asked", () => {
  const { asked } = looking(2, { isShown: () => false })
  assert.equal(asked.count, 0)
})

test("a rollout that is complete has nothing to come", () => {
  const { prospect, asked } = looking(7)
  assert.deepEqual(prospect.look(new Film(book), deployment(), 0), { coming: [], points: [], verdict: null })
  assert.equal(asked.count, 0)
})

function looking(count, { isShown = () => true } = {}) {
  const film = filmUntil(count)
  const asked = () => new Promise((resolve) => setImmediate(resolve))
  asked.count = 0
  const foresee = async () => {
    asked.count += 1
    return foretold(film)
  }
  const prospect = new Prospect({ foresee, onChange: () => {}, isShown })
  prospect.look(film, deployment(), 0)
  return { prospect, film, asked }
}

function foretold(film) {
  const at = film.frames.at(-1).at
  return { outcome: "settled", frames: COURSE.map((counts, place) => ({ at: at + place, counts })), points: [] }
}

// The book's film when it had so many frames.
function filmUntil(count) {
  return new Film({ ...book, frames: book.frames.filter((each) => each.rv <= rvOfFrame(count)) })
}

// The resource version with which the film has its frame of that number, and has not the next.
function rvOfFrame(count) {
  const film = new Film({ ...book, frames: [] })
  let rv = book.since
  for (const item of book.frames) {
    film.add([item])
    if (film.frames.length <= count) rv = item.rv
  }
  return rv
}
