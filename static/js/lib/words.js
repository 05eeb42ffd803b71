// Words for people, with the numbers in them. Knows no DOM.

import { number } from "./numbers.js"

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

// Numbers are written as the page's language writes them.
function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, key) => {
    const value = values[key]
    return typeof value === "number" ? number(value) : value
  })
}

// Parts of a text, one after another with the language's punctuation; what is empty is left out.
const JOINTS = {
  sentences: noop("%(one)s %(other)s"),
  clauses: noop("%(one)s, %(other)s"),
  statements: noop("%(one)s; %(other)s"),
}

export const sentences = (parts) => joined(parts, JOINTS.sentences)
export const clauses = (parts) => joined(parts, JOINTS.clauses)
export const statements = (parts) => joined(parts, JOINTS.statements)

function joined(parts, joint) {
  const shown = parts.filter(Boolean)
  return shown.length ? shown.reduce((one, other) => t(joint, { one, other })) : ""
}

export function named(name, words) {
  return t("%(name)s: %(words)s", { name, words })
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

// "11.5 s", "1 min 40 s", "1.7 h"; `digits` after the point, of what is shorter than 100 seconds.
export function duration(seconds, digits = 1) {
  if (seconds < 99.95) return t("%(seconds)s s", { seconds: number(seconds, digits) })
  const whole = Math.round(seconds)
  if (whole >= 100 * MINUTE) return t("%(hours)s h", { hours: number(seconds / HOUR, 1) })
  const values = { minutes: Math.floor(whole / MINUTE), seconds: whole % MINUTE }
  return values.seconds ? t("%(minutes)s min %(seconds)s s", values) : t("%(minutes)s min", values)
}
