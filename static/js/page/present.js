// The stage alone, large, for an audience: a button, or F; Escape leaves.

const root = document.documentElement

export function offerStage(redraw) {
  const button = document.getElementById("present")
  const turn = (on) => {
    if (on) root.dataset.present = ""
    else delete root.dataset.present
    button.setAttribute("aria-pressed", String(on))
    redraw()
  }
  const toggle = () => {
    const on = !("present" in root.dataset)
    turn(on)
    if (on)
      root.requestFullscreen?.().catch(() => {}) // without it the page is the stage
    else if (document.fullscreenElement) document.exitFullscreen()
  }
  button.addEventListener("click", toggle)
  document.addEventListener("fullscreenchange", () => !document.fullscreenElement && turn(false))
  addEventListener("keydown", (event) => {
    if (
      event.target.matches("input, textarea, select") ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      document.querySelector("dialog[open]")
    )
      return
    if (event.key === "f" || (event.key === "Escape" && "present" in root.dataset)) toggle()
  })
}
