// Requests in words and in spans.

import assert from "node:assert/strict"
import test from "node:test"

import { later, modelOf, numbersText, pastWords, spansOf, words } from "../../static/js/model/traffic.js"

const TRAFFIC = {
  service: "web",
  requests: 1500,
  lost: 30,
  refused: 20,
  broken: 10,
  end: 15,
  rates: [
    { at: 0, served: 100, refused: 0, broken: 0 },
    { at: 5, served: 70, refused: 20, broken: 10 },
    { at: 6, served: 100, refused: 0, broken: 0 },
  ],
}

test("what is lost is told with its parts, and nothing lost as such", () => {
  assert.equal(words(TRAFFIC), "Service web: 30 of 1,500 requests lost: 20 refused, 10 broken off.")
  const none = { ...TRAFFIC, lost: 0, refused: 0, broken: 0 }
  assert.equal(words(none), "Service web: none of 1,500 requests is lost.")
})

test("each rate lasts to the next, the last to the end", () => {
  assert.deepEqual(spansOf(TRAFFIC), [
    { at: 0, until: 5, served: 100, lost: 0 },
    { at: 5, until: 6, served: 70, lost: 30 },
    { at: 6, until: 15, served: 100, lost: 0 },
  ])
})

test("what is before and after the time that is shown is left out", () => {
  const [first, second] = spansOf(TRAFFIC, 4, 5.5)
  assert.deepEqual([first.at, first.until, second.at, second.until], [4, 5, 5, 5.5])
  assert.deepEqual([spansOf(TRAFFIC, 20), spansOf(null)], [[], []])
})

test("what has happened so far is told as such, and that it is not all", () => {
  const told = "Service web: 30 of 1,500 requests lost: 20 refused, 10 broken off."
  assert.equal(pastWords({ traffic: TRAFFIC, is_open: false, is_cut: false }), told)
  assert.equal(pastWords({ traffic: TRAFFIC, is_open: true, is_cut: false }), `So far: ${told}`)
  assert.match(pastWords({ traffic: TRAFFIC, is_open: false, is_cut: true }), /the lane ends here\.$/)
})

test("numbers that can't be edited are told", () => {
  const model = { requests_per_second: 50, belief_delay_seconds: 1, request_seconds: 0.1 }
  assert.equal(numbersText(model), "Requests a second: 50, Proxies hear after (s): 1, A request takes (s): 0.1")
})

test("a lane that is kept begins when the edit is made", () => {
  const moved = later(TRAFFIC, 4)
  assert.deepEqual([moved.rates[1].at, moved.end, TRAFFIC.end], [9, 19, 15])
  assert.equal(later(undefined, 4), null)
})

test("only numbers are sent, an empty field means the usual one", () => {
  const typed = [
    { name: "requests_per_second", text: " 50 " },
    { name: "belief_delay_seconds", text: "" },
    { name: "request_seconds", text: "0.5x" },
  ]
  assert.deepEqual(modelOf(typed), { requests_per_second: 50 })
})
