import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { whyText } from "../../static/js/model/why.js"

const WHYS = JSON.parse(readFileSync(new URL("data/whys.json", import.meta.url)))

for (const why of WHYS)
  test(`from rule and numbers: ${why.text}`, () => assert.equal(whyText({ ...why, text: "not looked at" }), why.text))

test("an older entry without all numbers stays as it was written", () => {
  assert.equal(whyText({ rule: "history-limit", inputs: { old: 3 }, text: "as written" }), "as written")
  assert.equal(whyText({ rule: "nobody knows", inputs: {}, text: "as written" }), "as written")
  assert.equal(whyText(null), "")
})
