// Terms explained where they stand: by the pointer, by focus or by a tap, in one tooltip that covers nothing for good. It stays
// while the pointer is on it, and Escape takes it away (WCAG 1.4.13).

import { element, write } from "../lib/nodes.js"
import { termNode } from "../lib/terms.js"
import { t } from "../lib/words.js"
import { parts, TERMS } from "../model/terms.js"

const ID = "term-tip"
const LEAVE_MS = 250
const GAP = 6
const MARGIN = 8

// A text whose terms can be asked for. Those of the text before stay where the new one has the same terms: one may have the focus.
export function writeTerms(node, text) {
  if (node.textContent === text) return
  const wanted = parts(text)
  const there = [...node.childNodes]
  const isSame = (each, place) => (there[place].dataset?.term ?? "") === each.term
  if (wanted.length === there.length && wanted.every(isSame))
    there.forEach((each, place) => write(each, wanted[place].text))
  else node.replaceChildren(...wanted.map((each) => (each.term ? termNode(each.term, each.text) : each.text)))
}

export function offerTerms() {
  const tip = element("div", { id: ID, role: "tooltip", popover: "manual" }, element("b"), element("span"))
  let shown = null
  let leaving = null
  // The term that Escape was pressed for: a page that redraws beneath a pointer at rest sends "pointerover" again.
  let dismissed = null
  const termAt = ({ target }) => target.closest?.(".term")

  const show = (term) => {
    clearTimeout(leaving)
    if (term === shown) return
    hide()
    shown = term
    const { name, text } = TERMS[term.dataset.term]
    write(tip.firstChild, t(name))
    write(tip.lastChild, t(text))
    term.setAttribute("aria-describedby", ID)
    ;(term.closest("dialog") ?? document.body).append(tip) // what is outside an open dialog can't be pointed at
    tip.showPopover()
    place(tip, term.getBoundingClientRect())
  }
  const hide = () => {
    clearTimeout(leaving)
    shown?.removeAttribute("aria-describedby")
    shown = null
    tip.remove()
  }
  const leave = () => {
    clearTimeout(leaving)
    leaving = setTimeout(() => shown !== document.activeElement && hide(), LEAVE_MS)
  }

  document.addEventListener("pointerover", (event) => {
    const term = termAt(event)
    if (term && term.dataset.term === dismissed) return
    dismissed = null
    if (term) show(term)
    else if (tip.contains(event.target)) clearTimeout(leaving)
    else if (shown) leave()
  })
  document.addEventListener("focusin", (event) => termAt(event) && show(termAt(event)))
  document.addEventListener("focusout", (event) => termAt(event) && hide())
  document.addEventListener("click", (event) =>
    termAt(event) ? show(termAt(event)) : tip.contains(event.target) || hide(),
  )
  document.addEventListener("scroll", hide, { capture: true, passive: true })
  document.addEventListener("keydown", onKey, { capture: true })

  // Escape takes the tooltip away and nothing else: a dialog around it stays open. Enter and Space bring it back.
  function onKey(event) {
    const isDismissed = shown && event.key === "Escape"
    const isPressed = termAt(event) && ["Enter", " "].includes(event.key)
    if (!isDismissed && !isPressed) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (isDismissed) {
      dismissed = shown.dataset.term
      hide()
    } else show(termAt(event))
  }
}

// Above the term, or beneath where there is no room, within the window.
function place(tip, { left, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = tip
  const isAbove = top - GAP - height >= 0
  tip.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - width - MARGIN))}px`
  tip.style.top = `${isAbove ? top - GAP - height : bottom + GAP}px`
}
