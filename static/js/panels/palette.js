// Everything that can be done on a page, found by typing: Ctrl+K, or Cmd+K.

import { element } from "../lib/nodes.js"
import { t } from "../lib/words.js"
import { matching } from "../model/matching.js"

const MOST = 12

// `commands()`: [{name, keys?, run}] as they are now.
export function offerPalette(commands) {
  const input = element("input", { type: "search", autocomplete: "off", spellcheck: false })
  input.setAttribute("aria-label", t("Command"))
  const list = element("ul", { className: "commands" })
  const dialog = element("dialog", { className: "palette" }, input, list)
  dialog.setAttribute("aria-label", t("Commands"))
  document.body.append(dialog)
  let found = []
  const draw = () => {
    found = matching(commands(), input.value).slice(0, MOST)
    list.replaceChildren(...found.map((each) => row(each, () => choose(each))))
  }
  const choose = (command) => {
    dialog.close()
    command.run()
  }
  input.addEventListener("input", draw)
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === input && found.length) {
      event.preventDefault()
      choose(found[0])
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const stops = [input, ...list.querySelectorAll("button")]
    stops.at((stops.indexOf(document.activeElement) + step) % stops.length).focus()
  })
  const open = () => {
    input.value = ""
    draw()
    dialog.showModal()
    input.focus()
  }
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return
    if (document.querySelector("dialog[open]")) return
    event.preventDefault()
    open()
  })
  return open
}

function row({ name, keys }, onClick) {
  const button = element("button", { type: "button", className: "plain" }, element("span", {}, name))
  if (keys) button.append(element("kbd", {}, keys))
  button.addEventListener("click", onClick)
  return element("li", {}, button)
}
