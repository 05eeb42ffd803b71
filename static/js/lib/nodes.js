// Makes and changes nodes, only where something differs.

export function element(name, properties = {}, ...children) {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (key in node && key !== "list") node[key] = value
    else node.setAttribute(key, value)
  }
  node.append(...children)
  return node
}

const SVG = "http://www.w3.org/2000/svg"

export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name)
  set(node, attributes)
  node.append(...children)
  return node
}

export function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (node.getAttribute(key) !== String(value)) node.setAttribute(key, value)
  }
  return node
}

export function mark(node, data) {
  for (const [key, value] of Object.entries(data)) if (node.dataset[key] !== String(value)) node.dataset[key] = value
  return node
}

export function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}

const FOCUSABLE = "a[href], button, summary, input, select, textarea, [tabindex]"

// `after` in the place of `before`: the keyboard's focus stays where it was among what can have it, and what was
// scrolled stays so.
export function replaceKept(before, after) {
  const [old, fresh] = [before, after].map((each) => [...each.querySelectorAll(FOCUSABLE)])
  const focused = old.indexOf(document.activeElement)
  const scrolled = old.map((each) => each.scrollTop)
  before.replaceWith(after)
  fresh.forEach((each, place) => (each.scrollTop = scrolled[place] ?? 0))
  fresh[focused]?.focus({ preventScroll: true })
}

// Which of the six colours a ReplicaSet has: by its place in the order of creation.
export function hue(number) {
  return `rev-${((number - 1) % 6) + 1}`
}

export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches
}
