// The keyboard among the pods of a drawing: one of them can be reached with Tab, arrow keys go to the nearest in that
// direction, Enter opens it.

const PODS = ".pod[role]:not(.leaving)"

export class PodFocus {
  #svg
  #onPod
  #focus = null

  // `onPod(uid)`: a pod was chosen, also with the mouse.
  constructor(svg, onPod) {
    this.#svg = svg
    this.#onPod = onPod
    svg.addEventListener("keydown", (event) => this.#move(event))
    svg.addEventListener("click", (event) => this.#open(event.target))
  }

  // After each drawing: the pod that had it may be gone.
  keep() {
    if (this.#focus?.isConnected && !this.#focus.classList.contains("leaving")) return
    const hadFocus = this.#focus && document.activeElement === this.#focus
    this.#focus = this.#svg.querySelector(PODS)
    this.#focus?.setAttribute("tabindex", "0")
    if (hadFocus) this.#focus?.focus()
  }

  #open(target) {
    const pod = target.closest?.(".pod[role]")
    if (pod) this.#onPod(pod.dataset.uid)
  }

  #move(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      return this.#open(event.target)
    }
    const direction = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key]
    if (!direction || !event.target.matches(".pod[role]")) return undefined
    event.preventDefault()
    const next = nearest(event.target, [...this.#svg.querySelectorAll(PODS)], direction)
    if (!next) return undefined
    this.#focus?.setAttribute("tabindex", "-1")
    this.#focus = next
    next.setAttribute("tabindex", "0")
    next.focus()
    return undefined
  }
}

function nearest(from, cells, [dx, dy]) {
  const centre = (node) => {
    const { x, y, width, height } = node.querySelector(".cell").getBoundingClientRect()
    return [x + width / 2, y + height / 2]
  }
  const [x, y] = centre(from)
  let best = null
  let shortest = Infinity
  for (const cell of cells) {
    if (cell === from) continue
    const [cx, cy] = centre(cell)
    const along = (cx - x) * dx + (cy - y) * dy
    const aside = Math.abs((cx - x) * dy) + Math.abs((cy - y) * dx)
    if (along > 1 && along + 3 * aside < shortest) {
      best = cell
      shortest = along + 3 * aside
    }
  }
  return best
}
