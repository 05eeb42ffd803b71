// Words and numbers for people. Knows no DOM.

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
  if (whole < 100 * MINUTE)
    return whole % MINUTE ? `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s` : `${whole / MINUTE} min`
  return `${(seconds / HOUR).toFixed(1)} h`
}
