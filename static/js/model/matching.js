// What was meant by a few letters. Knows no DOM.

// Those of `commands` ({name}) in whose names all words of the text are found, names that begin with it first.
export function matching(commands, text) {
  const words = wordsOf(text)
  const found = commands.filter(({ name }) => matches(name, text))
  const begins = ({ name }) => (words.length && name.toLowerCase().startsWith(words[0]) ? 0 : 1)
  return found
    .map((each, place) => [begins(each), place, each])
    .sort(([a, b], [c, d]) => a - c || b - d)
    .map(([, , each]) => each)
}

// Whether all words of what was typed are found in a text.
export function matches(text, typed) {
  const low = text.toLowerCase()
  return wordsOf(typed).every((each) => low.includes(each))
}

const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean)
