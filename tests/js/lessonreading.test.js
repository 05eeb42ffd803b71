import assert from "node:assert/strict"
import { test } from "node:test"

import { Reading } from "../../static/js/model/lessonreading.js"

const lesson = (number, tasks = 4) => ({
  number,
  tasks,
  texts: ["one", "two", "three", "four"].slice(0, tasks),
  pages: ["press one", "", "press three", "press four"].slice(0, number + 1),
  commands: ["kubectl one", "kubectl two", "", ""].slice(0, number + 1),
})
const turned = (told, ...steps) => {
  const reading = new Reading()
  for (const step of steps) reading.turn(step, told)
  return reading
}

test("at first the task under way is read, with how to act", () => {
  const reading = new Reading()
  assert.equal(reading.isElsewhere, false)
  assert.deepEqual(reading.of(lesson(1)), {
    place: 1,
    state: "now",
    text: "two",
    page: "",
    kubectl: "kubectl two",
  })
})

test("a task that is done is read with how to act, one ahead without", () => {
  const done = turned(lesson(1), -1).of(lesson(1))
  assert.deepEqual(done, { place: 0, state: "done", text: "one", page: "press one", kubectl: "kubectl one" })
  const ahead = turned(lesson(1), 1).of(lesson(1))
  assert.deepEqual(ahead, { place: 2, state: "ahead", text: "three", page: "", kubectl: "" })
})

for (const [what, number, steps, place] of [
  ["a turn beyond the last task", 1, [1, 1, 1], 1],
  ["a turn beyond the first task", 1, [-1, -1], 1],
  ["there and back again", 1, [1, -1], 1],
  ["past the task under way", 1, [-1, 1, 1], 2],
  ["beyond the first, which is under way", 0, [-1], 0],
  ["beyond the last, which is under way", 3, [1], 3],
])
  test(`${what} leads to task ${place + 1}`, () => {
    const reading = turned(lesson(number), ...steps)
    assert.equal(reading.of(lesson(number)).place, place)
    assert.equal(reading.isElsewhere, place !== number)
  })

test("of a lesson that is over all tasks can be read, and its end again", () => {
  const over = lesson(4)
  assert.equal(new Reading().of(over), null)
  assert.equal(turned(over, -1).of(over).text, "four")
  assert.equal(turned(over, -1).of(over).state, "done")
  assert.equal(turned(over, -1, 1).of(over), null)
  assert.equal(turned(over, -1, -1, -1, -1, -1).of(over), null)
  assert.equal(turned(over, 1).of(over), null)
})

test("back is to the task under way, whichever that is by then", () => {
  const reading = turned(lesson(1), 1)
  reading.back()
  assert.equal(reading.of(lesson(2)).place, 2)
})

test("before the lesson has begun nothing is under way", () => {
  assert.equal(new Reading().of(lesson(-1)), null)
})
