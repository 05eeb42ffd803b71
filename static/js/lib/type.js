// How wide a text is, and how large the page's type.

const FAMILIES = {
  sans: '"Inter", ui-sans-serif, system-ui, sans-serif',
  mono: '"JetBrains Mono", ui-monospace, "DejaVu Sans Mono", monospace',
}
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

// A text as lines that find room, broken at spaces, Chinese between any two letters; together they are the text.
export function wrap(text, room, font) {
  const lines = [""]
  for (const piece of text.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+|\s+/g) ?? []) {
    const longer = lines.at(-1) + piece
    if (textWidth(longer.trimEnd(), font) <= room || !lines.at(-1)) lines[lines.length - 1] = longer
    else lines.push(piece.trimStart())
  }
  return lines.map((each) => fit(each.trimEnd(), room, font) + (each.endsWith(" ") ? " " : ""))
}

// How much larger than 15 pixels the page's type is: drawings grow with it on a projector.
export function zoom() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 15
}
