// Where the figure's parts stand. Numbers only, no nodes.

export const BOX = { top: 14, width: 300, height: 74, letter: 6.9 }
export const SETS_TOP = 150
export const HEADER = 92
export const MOST_CELLS = 5000

const CELL_SIZES = [[8, 44], [24, 34], [60, 24], [160, 16], [500, 11], [1500, 8], [Infinity, 5]]
const MOST_GHOSTS = 2
const NARROW = 620
const GAP = 22
const GHOST_WEIGHT = 0.6
const GHOST_HEIGHT = 134
const ROW_GAP = 40
const DYING_HEAD = 34
const CROWD_HEIGHT = 190

// ReplicaSets with pods, the newest, and the newest few that are empty; the rest is counted.
export function chooseShown(sets) {
  const busy = ({ replicaset, pods, isNew }) => replicaset.replicas > 0 || pods.length || isNew
  const ghosts = sets.filter((each) => !busy(each)).slice(-MOST_GHOSTS)
  const shown = sets.filter((each) => busy(each) || ghosts.includes(each))
  return { shown, hidden: sets.length - shown.length }
}

// The most room that a ReplicaSet needed since the rollout began, so that boxes don't jump with every pod.
export class Rooms {
  #rooms = new Map()

  take({ replicaset, living, dying, isNew }, desired, settled) {
    const before = settled ? undefined : this.#rooms.get(replicaset.uid)
    const room = {
      living: Math.max(before?.living ?? 0, living.length, replicaset.replicas, isNew && !settled ? desired : 0),
      dying: Math.max(before?.dying ?? 0, dying.length),
    }
    this.#rooms.set(replicaset.uid, room)
    return room
  }
}

// uid -> {x, y, width, height, size}
export function layOut(shown, width, crowd) {
  const columns = width < NARROW ? 1 : Math.min(Math.max(shown.length, 2), 4)
  const largest = Math.max(1, ...shown.map(({ room }) => room.living))
  const size = CELL_SIZES.find(([most]) => largest <= most)[1]
  const places = new Map()
  let top = SETS_TOP
  for (let start = 0; start < shown.length; start += columns) {
    const row = shown.slice(start, start + columns)
    const widths = shareOut(row, columns, width)
    const heights = row.map((each, place) => (isGhost(each) ? GHOST_HEIGHT : crowd ? CROWD_HEIGHT : setHeight(each.room, widths[place], size)))
    const tallest = Math.max(...heights)
    let x = 2 + (width - 4 - widths.reduce((sum, each) => sum + each, 0) - GAP * (row.length - 1)) / 2
    row.forEach((each, place) => {
      places.set(each.replicaset.uid, { x, y: top, width: widths[place], height: isGhost(each) ? GHOST_HEIGHT : tallest, size })
      x += widths[place] + GAP
    })
    top += tallest + ROW_GAP
  }
  return places
}

export function isGhost({ replicaset, pods, room }) {
  return replicaset.replicas === 0 && pods.length === 0 && room.living === 0
}

// Ghosts leave room to those that have pods; one alone is as wide as one of two.
function shareOut(row, columns, width) {
  const weights = row.map((each) => (columns > 1 && row.length > 2 && isGhost(each) ? GHOST_WEIGHT : 1))
  const parts = Math.max(weights.reduce((sum, each) => sum + each, 0), columns > 1 ? 2 : 1)
  return weights.map((weight) => ((width - 4 - GAP * (Math.ceil(parts) - 1)) * weight) / parts)
}

// How cells of a size fill a width; rowPitch leaves room for names beneath large cells.
export function grid(size, width) {
  const gap = size > 30 ? 16 : size > 12 ? 5 : 2
  const columns = Math.max(1, Math.floor((width - 32 + gap) / (size + gap)))
  return { pitch: size + gap, columns, rowPitch: size > 30 ? size + 26 : size + gap }
}

// Of the line above the terminating pods' note.
export function dyingTop(room, width, size) {
  const { columns, rowPitch } = grid(size, width)
  return HEADER + Math.max(Math.ceil(room.living / columns), room.living ? 1 : 0) * rowPitch + DYING_HEAD - 4
}

function setHeight(room, width, size) {
  const { columns, rowPitch } = grid(size, width)
  const rows = Math.ceil(room.living / columns)
  const dying = room.dying ? DYING_HEAD + Math.ceil(room.dying / columns) * rowPitch : 0
  return HEADER + Math.max(rows * rowPitch, 26) + dying + 16
}
