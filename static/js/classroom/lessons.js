// A teacher's lessons: chosen, written with live errors and a preview, saved.

import { element, write } from "../lib/nodes.js"
import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { clauses, noop, t, tn } from "../lib/words.js"

const CHECK_MS = 500
const KINDS = { check: noop("checked"), predict: noop("what happens next?"), ask: noop("a question") }
const host = (id) => document.getElementById(id)
const { base } = host("class").dataset
const text = host("text")
let key = null // of the own lesson that is written
let timer = null
let asked = 0

for (const button of document.querySelectorAll("[data-key], [data-shipped]"))
  button.addEventListener("click", () => {
    key = button.dataset.key ? Number(button.dataset.key) : null
    open(button.nextElementSibling.content.textContent)
  })

function open(yaml) {
  text.value = yaml
  host("delete").hidden = key === null
  write(host("save"), key === null ? t("Save as my own") : t("Save"))
  check()
}

text.addEventListener("input", () => {
  clearTimeout(timer)
  timer = setTimeout(check, CHECK_MS)
})
host("upload").addEventListener("change", async ({ target }) => {
  key = null
  if (target.files[0]) open(await target.files[0].text())
})

// Only the newest answer counts.
async function check() {
  asked += 1
  const mine = asked
  try {
    const found = await postAt(`${base}lessons/check/`, { text: text.value })
    if (mine === asked) draw(found)
  } catch ({ message }) {
    if (mine === asked) draw({ errors: [{ line: 1, text: message }], preview: null })
  }
}

function draw({ errors, preview }) {
  host("errors").replaceChildren(
    ...errors.map(({ line, text: words }) => {
      const button = element(
        "button",
        { type: "button", className: "plain bad" },
        t("Line %(line)s: %(words)s", { line, words }),
      )
      button.addEventListener("click", () => goTo(line))
      return element("li", {}, button)
    }),
  )
  host("save").disabled = !preview
  write(host("preview-title"), preview ? preview.title : t("Preview"))
  write(host("preview-purpose"), preview?.purpose ?? "")
  host("preview").replaceChildren(
    ...(preview?.tasks ?? []).map((each) => {
      const hints = each.hints ? tn("%(count)s hint", "%(count)s hints", each.hints) : ""
      return element(
        "li",
        {},
        element("p", { className: "text" }, each.text),
        element("p", { className: "quiet" }, clauses([t(KINDS[each.kind]), hints])),
      )
    }),
  )
}

function goTo(line) {
  const lines = text.value.split("\n")
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0)
  text.focus()
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length)
}

host("save").addEventListener("click", async () => {
  try {
    const { title } = await postAt(`${base}lessons/save/`, { text: text.value, ...(key === null ? {} : { key }) })
    toast(t("Saved: %(title)s", { title }))
    setTimeout(() => location.reload(), CHECK_MS)
  } catch ({ message }) {
    toast(message, true)
  }
})
host("delete").addEventListener("click", async () => {
  if (!confirm(t("Delete this lesson?"))) return
  await postAt(`${base}lessons/delete/`, { key }).catch(({ message }) => toast(message, true))
  location.reload()
})
document.querySelector("[data-key], [data-shipped]").click()
