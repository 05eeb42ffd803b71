// Keys of the page. What is typed, and what a control does with a key itself, stays with it.

const TYPED = "input:not([type=range]), textarea, select"
const PRESSED = "button, a, summary, [role=button]"
const MOVED_IN = ".pod, .strip, .events, [type=range]" // arrows go from pod to pod, or scroll
const SEQUENCE_MS = 1200

// `actions`: by key, with "Shift+" before it where that is held, or two keys one after the other:
// {" ": play, "Shift+ArrowLeft": ..., "g o": ...}.
export function offerKeys(actions) {
  const firsts = new Set(
    Object.keys(actions)
      .map((each) => each.split(" "))
      .filter(([one, two]) => one && two)
      .map(([one]) => one),
  )
  let first = ""
  let at = 0
  addEventListener("keydown", (event) => {
    const { key, target, shiftKey, timeStamp } = event
    const name = shiftKey && key.length > 1 ? `Shift+${key}` : key
    const action = (timeStamp - at < SEQUENCE_MS && actions[`${first} ${name}`]) || actions[name]
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (target.matches?.(TYPED) || document.querySelector("dialog[open]")) return
    if (key === " " && target.matches(PRESSED)) return
    if (key.startsWith("Arrow") && target.matches?.(MOVED_IN)) return
    first = firsts.has(name) ? name : ""
    at = timeStamp
    if (!action) return
    event.preventDefault()
    action()
  })
}
