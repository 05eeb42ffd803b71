// Keys of the page. What is typed, and what a control does with a key itself, stays with it.

const TYPED = "input:not([type=range]), textarea, select"
const PRESSED = "button, a, summary, [role=button]"
const MOVED_IN = ".pod, .strip, .events, [type=range]" // arrows go from pod to pod, or scroll

// `actions`: by key, with "Shift+" before it where that is held: {" ": play, "Shift+ArrowLeft": ...}.
export function offerKeys(actions) {
  addEventListener("keydown", (event) => {
    const { key, target, shiftKey } = event
    const action = actions[shiftKey && key.length > 1 ? `Shift+${key}` : key]
    if (!action || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (target.matches(TYPED) || document.querySelector("dialog[open]")) return
    if (key === " " && target.matches(PRESSED)) return
    if (key.startsWith("Arrow") && target.matches(MOVED_IN)) return
    event.preventDefault()
    action()
  })
}
