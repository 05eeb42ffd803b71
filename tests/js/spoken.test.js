import assert from "node:assert/strict"
import { afterEach, test } from "node:test"

import { inLanguage } from "../../static/js/model/spoken.js"

afterEach(() => delete globalThis.document)

test("a text is in the page's language where it is there", () => {
  assert.equal(inLanguage({ "zh-hans": "一" }, "One"), "One")
  globalThis.document = { documentElement: { lang: "zh-hans" } }
  assert.equal(inLanguage({ "zh-hans": "一" }, "One"), "一")
  assert.equal(inLanguage({}, "One"), "One")
  assert.equal(inLanguage(undefined, "One"), "One")
})
