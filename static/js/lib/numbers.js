// Numbers, times of day and lists as the page's language writes them. Knows no words.

const MOST_DIGITS = 3
const formats = new Map()

// An exported page and Node.js have no language of their own to offer: English.
function language() {
  return globalThis.document?.documentElement.lang || "en"
}

// Formats are costly to make: one of each is kept.
function formatOf(Kind, options) {
  const key = `${Kind.name} ${language()} ${JSON.stringify(options)}`
  if (!formats.has(key)) formats.set(key, new Kind(language(), options))
  return formats.get(key)
}

// 12,345. `digits` after the point, always; without them as many as the value has, three at most.
export function number(value, digits) {
  const options =
    digits === undefined
      ? { maximumFractionDigits: MOST_DIGITS }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return formatOf(Intl.NumberFormat, options).format(value)
}

// "20%", of 0.2.
export function share(value) {
  return formatOf(Intl.NumberFormat, { style: "percent", maximumFractionDigits: 0 }).format(value)
}

// The time of day, of seconds since 1970.
export function timeOfDay(seconds) {
  return formatOf(Intl.DateTimeFormat, { timeStyle: "medium" }).format(seconds * 1000)
}

// The day and the time of day, of seconds since 1970.
export function dayAndTime(seconds) {
  return formatOf(Intl.DateTimeFormat, { dateStyle: "medium", timeStyle: "medium" }).format(seconds * 1000)
}

// "a, b, c"
export function listed(parts) {
  return formatOf(Intl.ListFormat, { type: "conjunction", style: "narrow" }).format(parts.map(String))
}

// The order of names with numbers in them, whatever the language: node-2 before node-10.
export const naturally = new Intl.Collator("en", { numeric: true }).compare
