// The YAML dialog: errors beneath the text, a conflict shown as a difference. `save(text, version)` sends it.

import { element, t } from "./format.js"
import { get } from "./requests.js"

const part = (name) => document.getElementById(`yaml-${name}`)

export function openEditor({ title, text, version, save }) {
  let known = version
  part("title").textContent = title
  part("text").value = text
  clear()
  part("form").onsubmit = async (event) => {
    event.preventDefault()
    clear()
    try {
      await save(part("text").value, known)
      part("dialog").close()
    } catch (refusal) {
      showRefusal(refusal, (rv) => (known = rv))
    }
  }
  part("cancel").onclick = () => part("dialog").close()
  part("dialog").showModal()
  part("text").focus()
}

function clear() {
  part("errors").replaceChildren()
  for (const name of ["diff", "theirs", "mine"]) part(name).hidden = true
}

function showRefusal({ message, status = {} }, setVersion) {
  const causes = status.details?.causes
  const lines = causes?.length ? causes.map((each) => `${each.field}: ${each.message}`) : [message]
  part("errors").replaceChildren(...lines.map((line) => element("li", {}, line)))
  const { diff, current_yaml: theirs } = status.details ?? {}
  if (status.code !== 409 || !theirs) return
  part("diff").replaceChildren(...diffLines(diff))
  for (const name of ["diff", "theirs", "mine"]) part(name).hidden = false
  const settle = async (keepMine) => {
    const { yaml, resource_version: rv } = await get(`deployments/${encodeURIComponent(document.body.dataset.deployment)}/yaml/`)
    setVersion(rv)
    if (!keepMine) part("text").value = yaml
    clear()
    if (keepMine) part("errors").replaceChildren(element("li", {}, t("Yours replaces theirs with the next Apply.")))
  }
  part("theirs").onclick = () => settle(false)
  part("mine").onclick = () => settle(true)
}

export function diffLines(diff) {
  return diff.split("\n").map((line) => element("span", { className: line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : "" }, `${line}\n`))
}
