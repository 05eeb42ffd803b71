// Words, numbers and nodes for people.

// Django's JavaScriptCatalog is there in the page, not in an exported file.
export function t(text, values = {}) {
  return fill(globalThis.gettext ? globalThis.gettext(text) : text, values)
}

export function tn(one, many, count, values = {}) {
  const text = globalThis.ngettext ? globalThis.ngettext(one, many, count) : count === 1 ? one : many
  return fill(text, { count, ...values })
}

// Marks a text for translators where it stands; `t` translates it where it is shown.
export const noop = (text) => text

function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, key) => values[key])
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const YEAR = 365 * DAY

// As kubectl prints ages (apimachinery's duration.HumanDuration): 5s, 2m10s, 15m, 3h5m, 9h, 4d2h, 30d.
export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 2 * MINUTE) return `${whole}s`
  if (whole < 10 * MINUTE) return two(whole, MINUTE, "m", 1, "s")
  if (whole < 3 * HOUR) return `${Math.floor(whole / MINUTE)}m`
  if (whole < 8 * HOUR) return two(whole, HOUR, "h", MINUTE, "m")
  if (whole < 2 * DAY) return `${Math.floor(whole / HOUR)}h`
  if (whole < 8 * DAY) return two(whole, DAY, "d", HOUR, "h")
  if (whole < 2 * YEAR) return `${Math.floor(whole / DAY)}d`
  return whole < 8 * YEAR ? two(whole, YEAR, "y", DAY, "d") : `${Math.floor(whole / YEAR)}y`
}

function two(whole, unit, letter, part, partLetter) {
  const rest = Math.floor((whole % unit) / part)
  return `${Math.floor(whole / unit)}${letter}${rest ? `${rest}${partLetter}` : ""}`
}

// `digits` after the point, of what is shorter than 100 seconds.
export function duration(seconds, digits = 1) {
  if (seconds < 99.95) return `${seconds.toFixed(digits)} s`
  const whole = Math.round(seconds)
  if (whole < 100 * MINUTE) return whole % MINUTE ? `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s` : `${whole / MINUTE} min`
  return `${(seconds / HOUR).toFixed(1)} h`
}

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

// Which of the six colours a ReplicaSet has: by its place in the order of creation.
export function hue(number) {
  return `rev-${((number - 1) % 6) + 1}`
}

export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches
}

const FAMILIES = { sans: '"Inter", ui-sans-serif, system-ui, sans-serif', mono: '"JetBrains Mono", ui-monospace, "DejaVu Sans Mono", monospace' }
const MOST_MEASURED = 2000
const measured = new Map()
let pen = null

// `font`: weight and size, and sans or mono: "700 13px mono". In pixels.
export function textWidth(text, font) {
  const key = `${font} ${text}`
  if (!measured.has(key)) {
    if (measured.size > MOST_MEASURED) measured.clear()
    pen ??= document.createElement("canvas").getContext("2d")
    pen.font = font.replace(/(sans|mono)$/, (name) => FAMILIES[name])
    measured.set(key, pen.measureText(text).width)
  }
  return measured.get(key)
}

document.fonts?.addEventListener("loadingdone", () => measured.clear())

// Cuts a text that is wider than its room in the middle, where names differ least.
export function fit(text, room, font) {
  if (textWidth(text, font) <= room) return text
  let kept = text.length - 1
  while (kept > 3 && textWidth(shortened(text, kept), font) > room) kept -= 1
  return shortened(text, kept)
}

function shortened(text, kept) {
  const tail = Math.floor(kept * 0.45)
  return `${text.slice(0, kept - tail)}…${text.slice(text.length - tail)}`
}

// How much larger than 15 pixels the page's type is: drawings grow with it on a projector.
export function zoom() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 15
}
