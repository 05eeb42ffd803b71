import assert from "node:assert/strict"
import { test } from "node:test"
import { chooseShown, crowdUnit, dyingPlaces, grid, layOut, Rooms, spotOf } from "../../static/js/figure/layout.js"
import { pod, replicaset } from "./builders.js"

const WIDTHS = [320, 390, 620, 900, 1400, 2200]
const SIZES = [
  [3, 0],
  [3, 1],
  [10, 10],
  [200, 50],
  [2400, 2400],
]

for (const width of WIDTHS) {
  for (const sizes of SIZES) {
    test(`${sizes.join(" and ")} pods in ${width}: boxes lie beside each other inside, cells inside their box`, () => {
      const sets = sizes.map((count, place) => setOf(place + 1, count, place === sizes.length - 1))
      const { places, bottom } = layOut(sets, width, crowdUnit(sets))
      const boxes = [...places.values()]
      for (const each of boxes) {
        assert.ok(each.x >= 0 && each.x + each.width <= width, "inside the width")
        assert.ok(each.y + each.height <= bottom, "above the bottom")
      }
      assert.ok(!overlap(...boxes))
      sets.forEach(({ living, replicaset: { uid } }) => {
        const place = places.get(uid)
        for (let index = 0; index < living.length; index += 1) assertInside(spotOf(index, place, 76), place)
      })
    })
  }
}

const STAGES = [
  [300, 28],
  [400, 120],
  [700, 160],
]

for (const [room, cell] of STAGES) {
  test(`on a stage ${room} high the figure fits, with cells of ${cell}`, () => {
    const sets = [setOf(1, 3, false), setOf(2, 1, true)]
    const { places, bottom } = layOut(sets, 1280, 0, room)
    const { size } = [...places.values()][0]
    assert.ok(bottom <= room, `${bottom} of ${room}`)
    assert.equal(size, cell)
  })
}

test("the cells of the most pods are still drawn, more become a crowd", () => {
  assert.equal(crowdUnit([setOf(1, 5000, true)]), 0)
  assert.ok(crowdUnit([setOf(1, 5001, true)]) > 1)
})

test("of empty ReplicaSets the newest two are shown, the others counted", () => {
  const sets = [1, 2, 3, 4].map((number) => setOf(number, 0, false))
  const { shown, hidden } = chooseShown([...sets, setOf(5, 3, true)])
  assert.deepEqual([shown.map((each) => each.replicaset.number), hidden], [[3, 4, 5], 2])
})

test("terminating pods never lie on living ones", () => {
  const { rule, spot } = dyingPlaces({ living: 30, dying: 30 }, { width: 400, size: 32 })
  const lowest = Math.max(...Array.from({ length: 30 }, (_, index) => spotOf(index, { width: 400, size: 32 }, 76).y))
  assert.ok(rule >= lowest + grid(32, 400).rowPitch)
  assert.ok(spot(0).y > rule)
})

test("room is kept until all has settled", () => {
  const rooms = new Rooms()
  const many = setOf(1, 10, true)
  const limits = { desired: 10, ceiling: 13 }
  assert.equal(rooms.take(many, limits, false).living, 10)
  const few = { ...setOf(1, 2, false), replicaset: many.replicaset }
  assert.equal(rooms.take(few, limits, false).living, 10)
  const fewer = { ...few, replicaset: { ...many.replicaset, replicas: 2 } }
  assert.equal(rooms.take(fewer, { desired: 2, ceiling: 3 }, true).living, 2)
})

test("a rollout that never settles gives back the room that was scaled away", () => {
  const rooms = new Rooms()
  const many = setOf(1, 60, false)
  assert.equal(rooms.take(many, { desired: 60, ceiling: 75 }, false).living, 60)
  const few = { ...setOf(1, 3, false), dying: Array(57).fill({}) }
  few.replicaset = { ...many.replicaset, replicas: 3 }
  assert.equal(rooms.take(few, { desired: 3, ceiling: 4 }, false).dying, 57)
  assert.deepEqual(rooms.take({ ...few, dying: [] }, { desired: 3, ceiling: 4 }, false), { living: 4, dying: 4 })
})

function setOf(number, count, isNew) {
  const owner = replicaset(number, count)
  const pods = Array.from({ length: count }, () => pod(owner))
  return { replicaset: owner, pods, living: pods, dying: [], isNew, room: { living: count, dying: 0 } }
}

function overlap(one, two) {
  return (
    one.x < two.x + two.width && two.x < one.x + one.width && one.y < two.y + two.height && two.y < one.y + one.height
  )
}

function assertInside({ x, y }, { width, height, size }) {
  assert.ok(x >= 0 && x + size <= width, `x ${x}`)
  assert.ok(y >= 0 && y + size <= height, `y ${y} of ${height}`)
}
