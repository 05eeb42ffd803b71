// What was meant by a few letters. Knows no DOM.

// Those of `commands` ({name}) in whose names all words of the text are found, names that begin with it first.
export function matching(commands, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = commands.filter(({ name }) => words.every((each) => name.toLowerCase().includes(each)))
  const begins = ({ name }) => (words.length && name.toLowerCase().startsWith(words[0]) ? 0 : 1)
  return found
    .map((each, place) => [begins(each), place, each])
    .sort(([a, b], [c, d]) => a - c || b - d)
    .map(([, , each]) => each)
}
