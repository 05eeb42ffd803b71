import assert from "node:assert/strict"
import { test } from "node:test"
import { cellSpot, layOutBoards } from "../../static/js/figure/boardlayout.js"
import { SMALLEST_NAMED } from "../../static/js/figure/layout.js"

const WIDTHS = [320, 390, 620, 900, 1400, 2200]
const CROWDS = [
  [0, [2, 2]],
  [3, [2, 0, 1]],
  [40, [110, 30, 0, 0, 7]],
  [0, Array.from({ length: 60 }, () => 80)],
]

for (const width of WIDTHS) {
  for (const [waiting, counts] of CROWDS) {
    test(`${counts.length} boards in ${width}: beside each other inside, cells inside their board, apart from words`, () => {
      const { unscheduled, places, size, bottom } = layOutBoards(stage(waiting, counts), width)
      const all = [unscheduled, ...places.values()]
      all.forEach((each, place) => {
        assert.ok(each.x >= 0 && each.x + each.width <= width, "inside the width")
        assert.ok(each.y + each.height <= bottom, "above the bottom")
        for (const other of all.slice(place + 1)) assert.ok(!overlap(each, other))
      })
      counts.forEach((count, node) => assertHolds(places.get(`node-${node}`), count, 1))
      assertHolds(unscheduled, waiting, 2)
      assert.ok(size > 0)
    })
  }
}

// `lines` of text stand beneath the cells.
function assertHolds(place, count, lines) {
  for (let index = 0; index < count; index += 1) {
    const { x, y } = cellSpot(index, place)
    assert.ok(x >= place.x && x + place.size <= place.x + place.width)
    assert.ok(y >= place.y + 34 && y + place.size <= place.y + place.height - lines * 17)
  }
}

test("where there is room cells are large enough for names, on a stage as large as fits", () => {
  assert.ok(layOutBoards(stage(1, [2, 2]), 900).size >= SMALLEST_NAMED)
  const many = stage(0, [30, 30, 30])
  for (const room of [500, 700]) assert.ok(layOutBoards(many, 900, room).bottom <= room)
  assert.ok(layOutBoards(many, 900, 500).size < layOutBoards(many, 900, 700).size)
})

test("pods for which numbers stand take no cells", () => {
  const [cells, counted] = [0, 3].map((counts) => {
    const { boards, ...rest } = stage(0, [4000])
    return layOutBoards({ ...rest, boards: [{ ...boards[0], counts }] }, 900).places.get("node-0").height
  })
  assert.ok(counted < cells)
})

function stage(waiting, counts) {
  const boards = counts.map((pods, node) => ({ name: `node-${node}`, marks: 1, bars: 3, pods, counts: 0, refusals: 1 }))
  return { bands: 2, unscheduled: { pods: waiting, lines: 2 }, boards }
}

function overlap(one, two) {
  return (
    one.x < two.x + two.width && two.x < one.x + one.width && one.y < two.y + two.height && two.y < one.y + one.height
  )
}
