import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { Cluster } from "../../static/js/model/cluster.js"
import { Film } from "../../static/js/model/film.js"
import { Playhead } from "../../static/js/model/playhead.js"
import { snapshot } from "./builders.js"

const book = JSON.parse(readFileSync(new URL("data/films/book.json", import.meta.url)))
const film = new Film(book)
const playhead = new Playhead(film, book.frames)
const SIZES = ["3/0", "3/1", "2/1", "2/2", "1/2", "1/3", "0/3"]

SIZES.forEach((sizes, index) => {
  test(`${sizes} can be stood on: so many are desired, and so many live`, () => {
    const count = playhead.ofFrame(index)
    assert.equal(playhead.frameOf(count), index)
    assert.deepEqual([desired(count), living(count)], [sizes, sizes])
  })
})

test("a step on is one frame, also within an instant; a step back from between goes to the frame shown", () => {
  for (let index = 0; index < SIZES.length; index += 1) {
    const [count, { at }] = [playhead.ofFrame(index), film.frames[index]]
    assert.equal(playhead.step(count, at, 1), index < 6 ? index + 1 : undefined)
    assert.equal(playhead.step(count, at, -1), index ? index - 1 : undefined)
    assert.equal(playhead.step(count, at + 0.01, -1), index)
  }
})

test("an instant is all that happens at one time", () => {
  const { at } = film.frames[1]
  const next = playhead.instant(at, 1)
  assert.equal(next, film.frames[2].at)
  assert.equal(desired(playhead.ofTime(next)), "2/2")
  assert.equal(playhead.instant(next, -1), at)
  assert.equal(playhead.instant(film.frames[6].at, 1), undefined)
})

function after(count) {
  const cluster = new Cluster()
  const { deployment, replicasets, pods } = book.start
  cluster.applySnapshot(snapshot({ rv: book.since, deployments: [deployment], replicasets, pods }))
  const items = book.frames.slice(0, count)
  cluster.applyChanges({ from: book.since, to: items.at(-1)?.rv ?? book.since, now: 0, items })
  return [1, 2].map((number) => [cluster, [...cluster.replicasets.values()].find((each) => each.number === number)])
}

function desired(count) {
  return after(count)
    .map(([, replicaset]) => replicaset?.replicas ?? 0)
    .join("/")
}

function living(count) {
  return after(count)
    .map(([cluster, owner]) => (owner ? cluster.podsOf(owner).filter((each) => each.deleted_at === null).length : 0))
    .join("/")
}
