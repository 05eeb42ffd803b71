// Where the parts of the drawing by node stand. Numbers only, as in layout.js.

import { BOX, CELL_SIZES, grid, spotOf } from "./layout.js"

export const PAD = 16 // as spotOf has it
export const LINE = 17
export const BAR_LINE = 32
export const COUNT_LINE = 20
const TITLE = 34
const FOOT = 10
const GAP = 16
const MARGIN = 2
const NARROWEST_BOARD = 268
const MOST_COLUMNS = 4
const MOST_TALL = 76 // of the cells of a board, where nothing else limits them

// `bands`: lines of text above the boards. `unscheduled`: {pods, lines}. `boards`: [{name, marks, bars, pods, counts,
// refusals}], each a number of lines, but for `pods`, the most that it has had. `room`: the height to fill, 0: any.
// {band: y of the first line, unscheduled: {x, y, width, height, top}, places: name -> the same, size, bottom}; `top` is where
// the cells begin.
export function layOutBoards({ bands, unscheduled, boards }, width, room = 0) {
  const columns = columnsOf(width, boards.length)
  const wide = boardWidth(width, boards.length)
  const rows = Array.from({ length: Math.ceil(boards.length / columns) }, (_, row) =>
    boards.slice(row * columns, (row + 1) * columns),
  )
  const band = BOX.top + BOX.height + 26
  const top = band + bands * LINE + 2
  const heightsOf = (size) => rows.map((row) => Math.max(...row.map((each) => heightOf(each, size, wide))))
  const waitingHeight = (size) => TITLE + cellsHeight(unscheduled.pods, size, width) + unscheduled.lines * LINE + FOOT
  const wholeHeight = (size) => heightsOf(size).reduce((sum, each) => sum + GAP + each, top + waitingHeight(size))
  const isLow = (size) => boards.every(({ pods }) => cellsHeight(pods, size, wide) <= MOST_TALL)
  const size = CELL_SIZES.find((each) => (room ? wholeHeight(each) <= room : isLow(each))) ?? CELL_SIZES.at(-1)
  const waiting = { x: MARGIN, y: top, width: width - 2 * MARGIN, height: waitingHeight(size), top: TITLE, size }
  const places = new Map()
  let y = waiting.y + waiting.height + GAP
  heightsOf(size).forEach((height, row) => {
    rows[row].forEach((each, place) => {
      const x = MARGIN + place * (wide + GAP)
      places.set(each.name, { x, y, width: wide, height, top: headOf(each), size })
    })
    y += height + GAP
  })
  return { band, unscheduled: waiting, places, size, bottom: y - GAP }
}

export function boardWidth(width, count) {
  const columns = columnsOf(width, count)
  return (width - 2 * MARGIN - GAP * (columns - 1)) / columns
}

function columnsOf(width, count) {
  return Math.max(1, Math.min(Math.floor((width + GAP) / (NARROWEST_BOARD + GAP)), MOST_COLUMNS, count))
}

// Where a cell stands in the whole drawing.
export function cellSpot(index, place) {
  const { x, y } = spotOf(index, place, place.top)
  return { x: place.x + x, y: place.y + y }
}

export function cellsHeight(count, size, width) {
  const { columns, rowPitch } = grid(size, width)
  return Math.max(1, Math.ceil(count / columns)) * rowPitch
}

function headOf({ marks, bars }) {
  return TITLE + marks * LINE + bars * BAR_LINE + 6
}

function heightOf(each, size, width) {
  const cells = each.counts ? each.counts * COUNT_LINE : cellsHeight(each.pods, size, width)
  return headOf(each) + cells + each.refusals * LINE + FOOT
}
