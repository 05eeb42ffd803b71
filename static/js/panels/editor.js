// The YAML dialog: line numbers, each error at its line, a conflict shown as a difference. `save(text, version)` sends
// it; `hint` says what the text may hold.

import { Latest } from "../lib/latest.js"
import { element, write } from "../lib/nodes.js"
import { get } from "../lib/requests.js"
import { t } from "../lib/words.js"
import { lineOf } from "../model/yamllines.js"

const PATIENCE_MS = 600
const latest = new Latest()

const part = (name) => document.getElementById(`yaml-${name}`)

// `path`: of the Deployment under the namespace, to load it again after a conflict; `foresee(text)` tells what would
// come of it.
export function openEditor({ title, hint = "", text, version, path, save, foresee = async () => "" }) {
  let known = version
  let timer = null
  latest.forget()
  part("title").textContent = title
  write(part("hint"), hint)
  part("hint").hidden = !hint
  part("text").value = text
  clear()
  number()
  part("text").oninput = () => {
    number()
    clearTimeout(timer)
    timer = setTimeout(async () => {
      const text = await latest.of(foresee(part("text").value))
      if (text !== undefined) write(part("forecast"), text)
    }, PATIENCE_MS)
  }
  write(part("forecast"), "")
  part("text").onscroll = () => (part("lines").scrollTop = part("text").scrollTop)
  part("form").onsubmit = async (event) => {
    event.preventDefault()
    clear()
    try {
      await save(part("text").value, known)
      part("dialog").close()
    } catch (refusal) {
      showRefusal(refusal, path, (rv) => (known = rv))
    }
  }
  part("cancel").onclick = () => part("dialog").close()
  part("dialog").showModal()
  part("text").focus()
  part("text").setSelectionRange(0, 0)
  part("text").scrollTop = 0
}

// Errors of a refusal as list items; those of a field lead to its line in the text area.
export function errorItems({ message, status = {} }, area) {
  const causes = status.details?.causes
  if (!causes?.length) {
    const [, line] = /line (\d+)/.exec(message) ?? []
    return [item(message, Number(line) || 0, area)]
  }
  const { document: number, line: first } = status.details
  return causes.map(({ field, message: words }) =>
    item(placed(number, `${field}: ${words}`), lineOf(area.value, field, first), area),
  )
}

// `number`: of the document, where there are several.
function placed(number, words) {
  return number ? t("document %(number)s, %(words)s", { number, words }) : words
}

function item(words, line, area) {
  if (!line) return element("li", {}, words)
  const link = element("button", { type: "button", className: "plain" }, t("line %(line)s", { line }))
  link.addEventListener("click", () => goTo(area, line))
  const node = element("li", {}, link, ` ${words}`)
  node.dataset.line = line
  return node
}

function goTo(area, line) {
  const lines = area.value.split("\n")
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  area.focus()
  area.setSelectionRange(start, start + lines[line - 1].length)
  area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area).lineHeight))
}

// Numbers beside the text; those of lines with an error are marked.
function number() {
  const count = part("text").value.split("\n").length
  const list = part("lines")
  while (list.children.length > count) list.lastChild.remove()
  while (list.children.length < count) list.append(element("li", {}, String(list.children.length + 1)))
}

function clear() {
  part("errors").replaceChildren()
  for (const name of ["conflict", "theirs", "mine"]) part(name).hidden = true
  for (const each of part("lines").querySelectorAll(".wrong")) each.classList.remove("wrong")
  part("text").removeAttribute("aria-invalid")
}

function showRefusal(refusal, path, setVersion) {
  const items = errorItems(refusal, part("text"))
  part("errors").replaceChildren(...items)
  part("text").setAttribute("aria-invalid", "true")
  for (const { dataset } of items) part("lines").children[dataset.line - 1]?.classList.add("wrong")
  const first = items.find((each) => each.dataset.line)
  if (first) goTo(part("text"), Number(first.dataset.line))
  const { diff, current_yaml: theirs } = refusal.status?.details ?? {}
  if (refusal.status?.code !== 409 || !theirs) return
  part("diff").replaceChildren(...diffLines(diff))
  for (const name of ["conflict", "theirs", "mine"]) part(name).hidden = false
  const settle = async (keepMine) => {
    const { yaml, resource_version: rv } = await get(`${path}yaml/`)
    setVersion(rv)
    if (!keepMine) part("text").value = yaml
    clear()
    number()
    if (keepMine)
      part("errors").replaceChildren(
        element("li", { className: "hint" }, t("Yours replaces theirs with the next Apply.")),
      )
  }
  part("theirs").onclick = () => settle(false)
  part("mine").onclick = () => settle(true)
}

export function diffLines(diff) {
  return diff
    .split("\n")
    .map((line) =>
      element("span", { className: line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : "" }, `${line}\n`),
    )
}
