import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { afterEach, test } from "node:test"

import { dayAndTime, listed, number, share, timeOfDay } from "../../static/js/lib/numbers.js"
import { clauses, duration, named, sentences, statements, t } from "../../static/js/lib/words.js"

const CHINESE = {
  "%(one)s %(other)s": "%(one)s%(other)s",
  "%(one)s, %(other)s": "%(one)s，%(other)s",
  "%(one)s; %(other)s": "%(one)s；%(other)s",
  "%(name)s: %(words)s": "%(name)s：%(words)s",
  "%(seconds)s s": "%(seconds)s 秒",
  "%(minutes)s min %(seconds)s s": "%(minutes)s 分 %(seconds)s 秒",
}

function speak(lang, catalogue = {}) {
  globalThis.document = { documentElement: { lang } }
  globalThis.gettext = (text) => catalogue[text] ?? text
}

afterEach(() => {
  delete globalThis.document
  delete globalThis.gettext
})

// What is written, by language.
const WRITTEN = [
  ["a number", () => number(1_234_567), { en: "1,234,567", "zh-hans": "1,234,567", de: "1.234.567" }],
  ["a fraction", () => number(0.25), { en: "0.25", "zh-hans": "0.25", de: "0,25" }],
  ["digits", () => number(2, 1), { en: "2.0", "zh-hans": "2.0", de: "2,0" }],
  ["a share", () => share(0.2), { en: "20%", "zh-hans": "20%", de: "20\u00a0%" }],
  ["a list", () => listed(["a", "b", 3]), { en: "a, b, 3", "zh-hans": "a、b、3" }],
  ["a list of one", () => listed(["a"]), { en: "a", "zh-hans": "a" }],
  ["a number in a text", () => t("%(count)s pods", { count: 12_000 }), { en: "12,000 pods", de: "12.000 pods" }],
  ["a text that looks like a number", () => t("#%(name)s", { name: "12000" }), { en: "#12000", de: "#12000" }],
  ["seconds", () => duration(11.46), { en: "11.5 s", "zh-hans": "11.5 秒" }],
  ["minutes", () => duration(100), { en: "1 min 40 s", "zh-hans": "1 分 40 秒" }],
  ["sentences", () => sentences(["A.", "", null, "B."]), { en: "A. B.", "zh-hans": "A.B." }],
  ["clauses", () => clauses(["a", false, "b", "c"]), { en: "a, b, c", "zh-hans": "a，b，c" }],
  ["statements", () => statements(["a", "b"]), { en: "a; b", "zh-hans": "a；b" }],
  ["a name", () => named("a", "b"), { en: "a: b", "zh-hans": "a：b" }],
  ["nothing", () => sentences([]), { en: "", "zh-hans": "" }],
]

// Both are of the reader's own time zone, as the clock's are.
const DAYS = { en: /^Jan \d+, 2026, \d+:\d\d:\d\d\s[AP]M$/, "zh-hans": /^2026年1月\d+日 \d+:\d\d:\d\d$/ }
for (const [lang, form] of Object.entries(DAYS))
  test(`a day with its time in ${lang}`, () => {
    speak(lang)
    assert.match(dayAndTime(1_768_000_000), form)
    assert.ok(dayAndTime(1_768_000_000).endsWith(timeOfDay(1_768_000_000)))
  })

for (const [name, write, texts] of WRITTEN)
  for (const [lang, text] of Object.entries(texts))
    test(`${name} in ${lang}`, () => {
      speak(lang, lang === "zh-hans" ? CHINESE : {})
      assert.equal(write(), text)
    })

test("the time of day is in the page's language, not in the browser's", () => {
  const noon = new Date(2026, 0, 1, 13, 5, 7).getTime() / 1000
  speak("en")
  assert.match(timeOfDay(noon), /^1:05:07\sPM$/)
  speak("zh-hans")
  assert.equal(timeOfDay(noon), "13:05:07")
})

test("no module formats numbers, times and lists by itself", () => {
  const root = new URL("../../static/js/", import.meta.url)
  const modules = readdirSync(root, { recursive: true }).filter((each) => each.endsWith(".js"))
  const own = modules.filter((each) => /\.toLocale|\bIntl\./.test(readFileSync(new URL(each, root), "utf8")))
  assert.deepEqual(own, ["lib/numbers.js"])
})
