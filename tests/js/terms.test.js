import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { afterEach, test } from "node:test"

import { parts, TERMS } from "../../static/js/model/terms.js"

const CHINESE = { available: "可用", unavailable: "不可用", floor: "下限", "max unavailable": "最大不可用" }

afterEach(() => delete globalThis.gettext)

// Each text with the terms that are found in it, in order.
const TEXTS = [
  ["at most 4 pods, at least 3 available, below the floor", ["available", "floor"]],
  ["maxUnavailable 25% of 3 rounds down to 0, so the floor is 3", ["max-unavailable", "floor"]],
  ["1 of 3 is unavailable", []],
  ["the floor is the floor", ["floor"]],
  ["Floor", ["floor"]],
  ["a floorboard, availability", []],
  ["The max surge is 25%", ["max-surge"]],
  ["5 including terminating pods", ["terminating"]],
  ["", []],
]

for (const [text, terms] of TEXTS)
  test(`the terms of "${text}"`, () => {
    const found = parts(text)
    assert.deepEqual(found.map((each) => each.term).filter(Boolean), terms)
    assert.equal(found.map((each) => each.text).join(""), text)
  })

test("in Chinese too, where words have no spaces between them", () => {
  globalThis.gettext = (text) => CHINESE[text] ?? text
  const terms = (text) =>
    parts(text)
      .map((each) => each.term)
      .filter(Boolean)
  assert.deepEqual(terms("至少 3 个可用，低于下限。"), ["available", "floor"])
  assert.deepEqual(terms("移除不可用的 Pod 没有任何代价"), [])
  assert.deepEqual(terms("最大不可用 25%"), ["max-unavailable"])
})

test("every term is in the glossary", () => {
  const glossary = readFileSync(new URL("../../docs/glossary.md", import.meta.url), "utf8")
  const listed = [...glossary.matchAll(/^\| ([^|]+?) \|/gm)].map(([, name]) => name.replace(/ \(.*\)/, ""))
  const names = Object.values(TERMS).map(({ name }) => name.replace(/ \(.*\)/, "").toLowerCase())
  assert.deepEqual(
    names.filter((name) => !listed.includes(name)),
    [],
  )
})
