// Under a forecast that does not complete: why, and the changes that help, each applied with one click.

import { Latest } from "../lib/latest.js"
import { element, write } from "../lib/nodes.js"
import { canEdit, deploymentPath } from "../lib/place.js"
import { post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { t } from "../lib/words.js"
import { causeText, costText, isGood, remedyText } from "../model/verdict.js"
import { kubectl } from "./command.js"

export class Remedies {
  #path
  #causes = document.getElementById("causes")
  #host = document.getElementById("helps")
  #note = document.getElementById("helps-note")
  #list = document.getElementById("helps-rows")
  #onApplied
  #latest = new Latest()
  #shown = ""

  // `onApplied()`: the edit has been made, with what helps.
  constructor(name, onApplied) {
    this.#path = deploymentPath(name)
    this.#onApplied = onApplied
  }

  // `verdict` of the forecast of `asked` ({action, body, overrides}); null hides all.
  draw(asked, verdict) {
    const key = isGood(verdict) ? "" : JSON.stringify([asked, verdict])
    if (key === this.#shown) return
    this.#shown = key
    this.#latest.forget()
    const because = key ? verdict.because : []
    this.#causes.replaceChildren(...because.map((each) => element("li", {}, causeText(each))))
    this.#offer(asked, [])
    this.#say(key ? t("Changes are being tried…") : "")
    if (key) this.#ask(asked)
  }

  async #ask(asked) {
    const failed = ({ message }) => ({ remedies: [], problem: message })
    const found = await this.#latest.of(post(`${this.#path}remedies/`, asked).catch(failed))
    if (!found) return
    this.#offer(asked, found.remedies)
    this.#say(noteOf(found))
  }

  #say(text) {
    this.#host.hidden = !text && !this.#list.children.length
    this.#note.hidden = !text
    write(this.#note, text)
  }

  #offer(asked, remedies) {
    this.#list.replaceChildren(...remedies.map((each) => this.#row(asked, each)))
  }

  #row(asked, remedy) {
    const button = element("button", { type: "button" }, t("Apply"))
    const may = canEdit && remedy.may
    button.setAttribute("aria-disabled", String(!may))
    button.setAttribute("aria-label", t("Apply: %(change)s", { change: remedyText(remedy) }))
    if (!may) button.title = t("Your role does not allow this change.")
    button.addEventListener("click", () => may && this.#apply(asked, remedy))
    return element(
      "li",
      {},
      element("b", {}, remedyText(remedy)),
      button,
      element("span", { className: "quiet" }, costText(remedy)),
      ...remedy.commands.flatMap((each) => lineOf(each)).map((text) => element("code", {}, text)),
    )
  }

  async #apply(asked, { commands }) {
    try {
      const { message } = await post(`${this.#path}remedies/apply/`, { ...asked, commands })
      this.draw(asked, null)
      this.#onApplied()
      toast(message)
    } catch ({ message }) {
      toast(message, true)
    }
  }
}

// What the list itself does not tell.
function noteOf({ remedies, is_cut: isCut, problem }) {
  if (problem) return problem
  if (isCut) return t("Time was up before every change was tried.")
  return remedies.length ? "" : t("None of the changes that were tried helps.")
}

// A node or a claim can't be made with one line.
function lineOf({ verb, kind, name, value }) {
  if (verb === "create") return [kubectl.create(kind, name, value)].filter(Boolean)
  return verb === "undo" ? [kubectl.of("undo", name)] : [kubectl.patch(kind, name, value)]
}
