import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { KNOWN, lineText } from "../../static/js/model/rehearsalwords.js"

const LINES = JSON.parse(readFileSync(new URL("data/lines.json", import.meta.url)))

for (const line of LINES)
  test(`from rule and inputs: ${line.text}`, () =>
    assert.equal(lineText({ ...line, text: "not looked at" }), line.text))

test("every rule of the core is known, and no other", () =>
  assert.deepEqual([...new Set(LINES.map((each) => each.rule))].sort(), [...KNOWN].sort()))

test("upstream's words stay as they are", () =>
  assert.equal(lineText({ rule: "", inputs: {}, text: "Pod web-1: Failed: no" }), "Pod web-1: Failed: no"))
