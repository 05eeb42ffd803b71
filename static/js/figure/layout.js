// Where the figure's parts stand. Numbers only, no nodes; a unit is a pixel at the ordinary size of the page's type.

export const BOX = { top: 6, width: 320, height: 78 }
export const SETS_TOP = 136
export const HEADER = 76
export const FOOT = 14
export const SMALLEST_NAMED = 31
export const MOST_CELLS = 5000
export const CROWD_CELL = 13

export const CELL_SIZES = [44, 40, 36, 32, 28, 24, 20, 16, 13, 11, 9, 8, 7, 6, 5, 4]
const STAGE_SIZES = [160, 140, 120, 104, 92, 80, 72, 64, 56, 50, ...CELL_SIZES]
const MOST_TALL = 232
const MOST_GHOSTS = 2
const NARROW = 620
const GAP = 22
const PAD = 16
const GHOST_WEIGHT = 0.6
const GHOST_HEIGHT = 108
const ROW_GAP = 36
const STACKED_GAP = 58
const NOTE_LINE = 20
const CROWD_UNITS = [10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000]
const CROWD_MOST = 220
const CROWD_FOOT = 108

// ReplicaSets with pods, the newest, and the newest few that are empty; the rest is counted.
export function chooseShown(sets) {
  const busy = ({ replicaset, pods, isNew }) => replicaset.replicas > 0 || pods.length || isNew
  const ghosts = sets.filter((each) => !busy(each)).slice(-MOST_GHOSTS)
  const shown = sets.filter((each) => busy(each) || ghosts.includes(each))
  return { shown, hidden: sets.length - shown.length }
}

// The most room that a ReplicaSet needed since the rollout began, so that boxes don't jump with every pod; not more than
// the Deployment may have pods now (`ceiling`), as it has after scaling down.
export class Rooms {
  #rooms = new Map()

  take({ replicaset, living, dying, isNew }, { desired, ceiling }, settled) {
    const before = settled ? undefined : this.#rooms.get(replicaset.uid)
    const kept = (count = 0) => Math.min(count, ceiling)
    const room = {
      living: Math.max(kept(before?.living), living.length, replicaset.replicas, isNew && !settled ? desired : 0),
      dying: Math.max(kept(before?.dying), dying.length),
    }
    this.#rooms.set(replicaset.uid, room)
    return room
  }
}

// How many pods a cell stands for where there are too many to draw each; 0: each is drawn.
export function crowdUnit(shown) {
  if (shown.reduce((sum, each) => sum + each.pods.length, 0) <= MOST_CELLS) return 0
  const largest = Math.max(...shown.map((each) => Math.max(each.room.living, each.pods.length)))
  return CROWD_UNITS.find((each) => largest / each <= CROWD_MOST) ?? CROWD_UNITS.at(-1)
}

// {places: uid -> {x, y, width, height, size}, next: where the next revision's ReplicaSet will stand, or null, bottom}.
// `room`: the height to fill, for which cells are as large as they can be; 0: as high as it gets.
export function layOut(shown, width, crowd, room = 0) {
  const columns = width < NARROW ? 1 : Math.min(Math.max(shown.length, 2), 4)
  const rowsOfSets = Array.from({ length: Math.ceil(shown.length / columns) }, (_, row) =>
    shown.slice(row * columns, (row + 1) * columns),
  )
  const widthsOfRows = rowsOfSets.map((row) => shareOut(row, columns, width))
  const gap = columns > 1 ? ROW_GAP : STACKED_GAP // an arrow with its step finds room between stacked boxes
  const heightsOf = (row, index, size) =>
    row.map((each, place) => heightOf(each, widthsOfRows[index][place], { crowd, size }))
  const wholeHeight = (size) =>
    rowsOfSets.reduce((sum, row, index) => sum + gap + Math.max(...heightsOf(row, index, size)), SETS_TOP - gap)
  const size = room
    ? (STAGE_SIZES.find((each) => wholeHeight(each) <= room) ?? CELL_SIZES.at(-1))
    : cellSize(rowsOfSets.flat(), widthsOfRows.flat())
  const places = new Map()
  let top = SETS_TOP
  let next = null
  rowsOfSets.forEach((row, index) => {
    const widths = widthsOfRows[index]
    const heights = heightsOf(row, index, size)
    const tallest = Math.max(...heights)
    let x = 2
    row.forEach((each, place) => {
      places.set(each.replicaset.uid, {
        x,
        y: top,
        width: widths[place],
        height: columns > 1 ? tallest : heights[place],
        size,
      })
      x += widths[place] + GAP
    })
    if (shown.length === 1 && columns > 1) next = { x, y: top, width: widths[0], height: tallest, size }
    top += tallest + gap
  })
  return { places, next, bottom: top - gap }
}

export function isGhost({ replicaset, pods, room }) {
  return replicaset.replicas === 0 && pods.length === 0 && room.living === 0
}

// The largest cells with which the fullest ReplicaSet stays on the stage.
function cellSize(sets, widths) {
  const busy = sets
    .map((each, place) => ({ ...each.room, width: widths[place], isGhost: isGhost(each) }))
    .filter((each) => !each.isGhost)
  const isOne = ({ living, dying, width }, size) => isOneRow({ living, dying: Math.max(1, dying) }, size, width)
  const isLow = ({ living, width }, size) => rows(living, size, width) * grid(size, width).rowPitch <= MOST_TALL
  const inOneRow = CELL_SIZES.find((size) => size >= SMALLEST_NAMED && busy.every((each) => isOne(each, size)))
  return inOneRow ?? CELL_SIZES.find((size) => busy.every((each) => isLow(each, size))) ?? CELL_SIZES.at(-1)
}

// Ghosts leave room to those that have pods; one alone is as wide as one of two.
function shareOut(row, columns, width) {
  const weights = row.map((each) => (columns > 1 && row.length > 2 && isGhost(each) ? GHOST_WEIGHT : 1))
  const parts = Math.max(
    weights.reduce((sum, each) => sum + each, 0),
    columns > 1 ? 2 : 1,
  )
  const gaps = Math.max(row.length, columns > 1 ? 2 : 1) - 1
  return weights.map((weight) => ((width - 4 - GAP * gaps) * weight) / parts)
}

// How cells of a size fill a width; rowPitch leaves room for names beneath large cells.
export function grid(size, width) {
  const gap = size >= SMALLEST_NAMED ? 16 : size > 12 ? 5 : size > 5 ? 2 : 1
  const columns = Math.max(1, Math.floor((width - 2 * PAD + gap) / (size + gap)))
  return { pitch: size + gap, columns, rowPitch: size >= SMALLEST_NAMED ? size + 28 : size + gap }
}

export function spotOf(index, { size, width }, top) {
  const { pitch, columns, rowPitch } = grid(size, width)
  return { x: PAD + (index % columns) * pitch, y: top + Math.floor(index / columns) * rowPitch }
}

// Terminating pods stand apart: at the right end of the row if all find room in one, else in rows of their own, which
// are kept
// free for them. {rule: y of the line, note: y of the words, spot: index -> {x, y}}
export function dyingPlaces(room, place) {
  const { width, size } = place
  const { pitch, rowPitch } = grid(size, width)
  const rule = HEADER + Math.max(rows(room.living, size, width), 1) * rowPitch + 4
  if (isOneRow(room, size, width))
    return { rule, note: rule + NOTE_LINE, spot: (index) => ({ x: width - PAD - size - index * pitch, y: HEADER }) }
  return { rule, note: rule + NOTE_LINE, spot: (index) => spotOf(index, place, rule + NOTE_LINE + 9) }
}

function isOneRow({ living, dying }, size, width) {
  return living + dying < grid(size, width).columns
}

function heightOf(each, width, { crowd, size }) {
  if (isGhost(each)) return GHOST_HEIGHT
  return crowd ? crowdHeight(crowd, each.room, width) : setHeight(each.room, width, size)
}

function setHeight(room, width, size) {
  const { columns, rowPitch } = grid(size, width)
  const { note } = dyingPlaces(room, { width, size })
  const below = isOneRow(room, size, width) ? 0 : 9 + Math.max(1, Math.ceil(room.dying / columns)) * rowPitch
  return note + below + FOOT
}

function crowdHeight(unit, room, width) {
  const { columns, rowPitch } = grid(CROWD_CELL, width)
  return HEADER + Math.ceil((room.living + room.dying) / unit / columns) * rowPitch + CROWD_FOOT
}

function rows(count, size, width) {
  return Math.ceil(count / grid(size, width).columns)
}
