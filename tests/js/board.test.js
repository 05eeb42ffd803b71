// The page of clusters: what came, what changed, what is hidden.

import assert from "node:assert/strict"
import { test } from "node:test"

import { Board, stateOf } from "../../static/js/model/board.js"

const row = (name, pace = 1) => ({ name, pace, deployments: [] })
const names = (board) => [...board.rows.keys()]

test("a whole frame takes the place of all rows", () => {
  const board = new Board()
  assert.equal(board.apply({ type: "board", total: 70, rows: [row("a"), row("b")] }), true)
  assert.deepEqual([names(board), board.hidden], [["a", "b"], 68])
  board.apply({ type: "board", total: 1, rows: [row("c")] })
  assert.deepEqual([names(board), board.hidden], [["c"], 0])
})

test("rows that moved keep their place, others are not taken in", () => {
  const board = new Board()
  board.apply({ type: "board", total: 2, rows: [row("a"), row("b")] })
  assert.equal(board.apply({ type: "rows", rows: [row("a", 0), row("gone")] }), false)
  assert.deepEqual(names(board), ["a", "b"])
  assert.equal(board.rows.get("a").pace, 0)
})

test("a paused Deployment is called so, whatever else it is", () => {
  assert.deepEqual(stateOf({ paused: true, state: "progressing" }), ["warn", "Paused"])
  assert.deepEqual(stateOf({ paused: false, state: "stuck" }), ["bad", "Deadline exceeded"])
})
