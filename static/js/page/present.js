// The stage alone, as large as the screen: a button, or F; Escape leaves. ? lists the keys.

import { offerKeys } from "../lib/keys.js"
import { isPresented } from "../lib/stage.js"

const root = document.documentElement

// `redraw()`: the room is another one.
export function offerStage(redraw) {
  const button = document.getElementById("present")
  const dialog = document.getElementById("keys-dialog")
  const turn = (on) => {
    if (on) root.dataset.present = ""
    else delete root.dataset.present
    button.setAttribute("aria-pressed", String(on))
    redraw()
  }
  const toggle = () => {
    const on = !isPresented()
    turn(on)
    if (on)
      root.requestFullscreen?.().catch(() => {}) // without it the page is the stage
    else if (document.fullscreenElement) document.exitFullscreen()
  }
  button.addEventListener("click", toggle)
  document.addEventListener("follow-stage", ({ detail }) => turn(detail)) // a presenter's: not the whole screen of others
  document.addEventListener("fullscreenchange", () => !document.fullscreenElement && turn(false))
  offerKeys({ f: toggle, "?": () => dialog.showModal(), Escape: () => isPresented() && toggle() })
}
