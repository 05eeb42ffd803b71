// The board as values: which tile says what, and in which order. Knows no DOM.

export const STUCK_SECONDS = 180 // in one task without having done it

// help, failing, stuck, over or working: what a teacher looks for, the most urgent first.
export function stateOf(tile, now) {
  if (tile.help === "asked") return "help"
  if (tile.lesson?.is_over) return "over"
  if (tile.lesson && now - tile.lesson.since > STUCK_SECONDS) return "stuck"
  return "working"
}

const RANKS = { help: 0, stuck: 1, working: 2, over: 3 }

const since = (tile) => tile.help_since ?? tile.lesson?.since ?? 0
const tasksDone = (tile) => (tile.lesson ? tile.lesson.task / tile.lesson.tasks : 0)
const byName = (one, two) => one.name.localeCompare(two.name)

const ORDERS = {
  stuck: (now) => (one, two) =>
    RANKS[stateOf(one, now)] - RANKS[stateOf(two, now)] || since(one) - since(two) || byName(one, two),
  name: () => byName,
  ahead: () => (one, two) => tasksDone(two) - tasksDone(one) || byName(one, two),
}

// The tiles to show; `state` "" is all.
export function chosen(tiles, { text, state, order, now }) {
  const wanted = text.trim().toLowerCase()
  return [...tiles]
    .filter((each) => each.name.toLowerCase().includes(wanted) && (!state || stateOf(each, now) === state))
    .sort(ORDERS[order](now))
}

export function tally(tiles, now) {
  const counts = { help: 0, stuck: 0, working: 0, over: 0 }
  for (const each of tiles) counts[stateOf(each, now)] += 1
  return counts
}

// How many cells stand side by side, so that all fit in a box: as large as possible, in whole pixels.
export function gridOf(count, width, height, most = 22) {
  for (let size = most; size > 2; size -= 1) {
    const columns = Math.floor(width / size)
    if (columns > 0 && Math.ceil(count / columns) * size <= height) return { size, columns }
  }
  return { size: 2, columns: Math.max(Math.floor(width / 2), 1) }
}
