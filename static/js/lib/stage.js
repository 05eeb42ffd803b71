// Whether the stage fills the screen.

export function isPresented() {
  return "present" in document.documentElement.dataset
}
