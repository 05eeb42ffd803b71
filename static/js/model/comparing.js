// Variants of one edit side by side. Knows no DOM.

import { noop } from "../lib/words.js"

const MOST_TIMES_AS_LONG = 5
const WORDS = { quickest: noop("quickest"), available: noop("most available") }

// What each of the forecasts is best in, among those that complete and hold the floor: lists of words.
export function praise(forecasts) {
  const good = forecasts.filter((each) => each.outcome === "settled" && each.floor_held)
  const seconds = good.map((each) => Math.round(each.duration_seconds * 10))
  const least = good.map((each) => each.min_available)
  return forecasts.map((each) => {
    if (!good.includes(each)) return []
    const isQuickest = differ(seconds) && Math.round(each.duration_seconds * 10) === Math.min(...seconds)
    const isMostAvailable = differ(least) && each.min_available === Math.max(...least)
    return [...(isQuickest ? [WORDS.quickest] : []), ...(isMostAvailable ? [WORDS.available] : [])]
  })
}

// How many seconds each drawing spans: the same, so that they can be compared by eye, but for those that take many
// times as long as the shortest.
export function spans(seconds) {
  const known = seconds.filter((each) => each > 0)
  const limit = Math.min(...known) * MOST_TIMES_AS_LONG
  const common = Math.max(1, ...seconds.filter((each) => each <= limit))
  return seconds.map((each) => Math.max(common, each))
}

function differ(values) {
  return new Set(values).size > 1
}
