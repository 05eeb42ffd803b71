// What the whole page is like: the stage alone on the screen, the connection lost.

export function isPresented() {
  return "present" in document.documentElement.dataset
}

export function isLost() {
  return "lost" in document.documentElement.dataset
}

export function setLost(lost) {
  document.documentElement.toggleAttribute("data-lost", lost)
}
