import assert from "node:assert/strict"
import { test } from "node:test"
import { shares } from "../../static/js/model/meter.js"
import { deployment, replicaset } from "./builders.js"

const some = (number, replicas, ready) => replicaset(number, replicas, { status: { replicas, ready_replicas: ready } })
const BARS = [
  ["complete is full", [], some(2, 3, 3), [0, 0, 1, 0], 1],
  ["not ready is apart", [], some(2, 3, 1), [0, 0, 1 / 3, 2 / 3], 1],
  ["a surge moves the desired number in", [some(1, 3, 3)], some(2, 1, 0), [0.75, 0, 0, 0.25], 0.75],
  ["missing pods leave a gap", [], some(2, 1, 1), [0, 0, 1 / 3, 0], 1],
]

for (const [name, older, newest, widths, desired] of BARS) {
  test(name, () => {
    const found = shares(deployment(), older, newest)
    assert.deepEqual([found.parts.map((each) => each.share), found.desired], [widths, desired])
  })
}
