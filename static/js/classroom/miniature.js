// The figure in miniature: each ReplicaSet a strip of cells, one for each pod. Drawn on a canvas, and only when it changed.

import { gridOf } from "../model/classboard.js"

const GAP = 8

export function drawMiniature(canvas, figure) {
  const ratio = globalThis.devicePixelRatio || 1
  const { clientWidth: width, clientHeight: height } = canvas
  if (!width) return
  canvas.width = width * ratio
  canvas.height = height * ratio
  const context = canvas.getContext("2d")
  context.scale(ratio, ratio)
  const sets = figure?.sets ?? []
  if (!sets.length) return
  const colours = coloursOf(canvas)
  const tall = (height - GAP * (sets.length - 1)) / sets.length
  sets.forEach((each, place) => drawSet(context, each, colours, place * (tall + GAP), width, tall))
}

function drawSet(context, { number, cells, desired }, colours, top, width, height) {
  const count = Math.max(cells.length, desired)
  if (!count) return
  const { size, columns } = gridOf(count, width, height)
  const box = size > 4 ? size - 2 : size - 1
  const hue = colours.revisions[(number - 1) % 6]
  for (let place = 0; place < count; place += 1) {
    const x = (place % columns) * size
    const y = top + Math.floor(place / columns) * size
    drawCell(context, cells[place], x, y, box, hue, colours)
  }
}

// Filled: ready. Faint: starting. Crossed out: terminating. Red: failing. An empty frame: still to be made.
function drawCell(context, letter, x, y, box, hue, colours) {
  context.globalAlpha = { w: 0.35, t: 0.18 }[letter] ?? 1
  context.fillStyle = letter === "f" ? colours.bad : hue
  if (letter) context.fillRect(x, y, box, box)
  else {
    context.strokeStyle = colours.line
    context.strokeRect(x + 0.5, y + 0.5, box - 1, box - 1)
  }
  context.globalAlpha = 1
}

let known = null

// The page's own colours, asked for once for each theme.
function coloursOf(node) {
  const theme = `${document.documentElement.dataset.theme}${matchMedia("(prefers-color-scheme: dark)").matches}`
  if (known?.theme === theme) return known
  const colour = (name) => {
    node.style.color = `var(--${name})`
    return getComputedStyle(node).color
  }
  known = {
    theme,
    revisions: [1, 2, 3, 4, 5, 6].map((each) => colour(`rev-${each}`)),
    bad: colour("bad"),
    line: colour("line-2"),
  }
  node.style.color = ""
  return known
}
