import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { KNOWN, lessonText } from "../../static/js/model/lessonwords.js"

const TOLD = JSON.parse(readFileSync(new URL("data/told.json", import.meta.url)))

for (const told of TOLD)
  test(`from rule and inputs: ${told.text}`, () =>
    assert.equal(lessonText({ ...told, text: "not looked at" }), told.text))

test("every rule of the core is known, and no other", () =>
  assert.deepEqual([...new Set(TOLD.map((each) => each.rule))].sort(), [...KNOWN].sort()))

test("a rule that is not known stays as it was written", () =>
  assert.equal(lessonText({ rule: "nobody knows", inputs: {}, text: "as written" }), "as written"))

test("what is computed is named in the reader's language, fields keep their names", () => {
  globalThis.gettext = (text) => ({ floor: "下限", "%(words)s.": "%(words)s。" })[text] ?? text
  const fields = [
    { field: "floor", found: "3", expected: "3", is_met: true },
    { field: "replicas", found: "3", expected: "3", is_met: true },
  ]
  assert.equal(lessonText({ rule: "fields", inputs: { fields } }), "下限 is 3, replicas is 3。")
  delete globalThis.gettext
})
