// Keys of the page. What is typed, and what a control does with a key itself, stays with it.

const TYPED = "input:not([type=range], [type=radio]), textarea, select"
const PRESSED = "button, a, summary, [role=button], [type=radio]"
const MOVED_IN = ".pod, .strip, .events, [type=range], [type=radio]" // arrows go from pod to pod, or scroll
const SEQUENCE_MS = 1200
const takers = { always: [], sometimes: [] }

// `actions`: by key, with "Shift+" before it where that is held, or two keys one after the other:
// {" ": play, "Shift+ArrowLeft": ..., "g o": ...}. Of several who offer the same key, those with `isOffered` come first, where
// that is true; else the order is that of the calls.
export function offerKeys(actions, isOffered = null) {
  const firsts = new Set(
    Object.keys(actions)
      .map((each) => each.split(" "))
      .filter(([one, two]) => one && two)
      .map(([one]) => one),
  )
  let first = ""
  let at = 0
  takers[isOffered ? "sometimes" : "always"].push((event) => {
    const { key, target, shiftKey, timeStamp } = event
    const name = shiftKey && key.length > 1 ? `Shift+${key}` : key
    const action = (timeStamp - at < SEQUENCE_MS && actions[`${first} ${name}`]) || actions[name]
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (target.matches?.(TYPED) || document.querySelector("dialog[open]")) return
    if (key === " " && target.matches(PRESSED)) return
    if (key.startsWith("Arrow") && target.matches?.(MOVED_IN)) return
    first = firsts.has(name) ? name : ""
    at = timeStamp
    if (!action || (isOffered && !isOffered())) return
    event.preventDefault()
    action()
  })
}

addEventListener("keydown", (event) => {
  for (const take of [...takers.sometimes, ...takers.always]) take(event)
})
