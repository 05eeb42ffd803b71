// Which line of a YAML text a field path such as spec.template.spec.containers[0].image stands on, as far as it is
// written in blocks.

const PART = /([^.[\]]+)|\[(\d+)\]/g

// 1 for the first line. A field that is not written leads to the nearest one around it; 0: to none. `first`: the line
// where the field's document begins, if there are several.
export function lineOf(text, path, first = 1) {
  const lines = text.split("\n").map(read)
  let found = 0
  let inside = { from: first - 1, to: documentEnd(text, first), indent: -1 }
  for (const [, key, index] of path.matchAll(PART)) {
    const line = key === undefined ? nthItem(lines, inside, Number(index)) : keyed(lines, inside, key)
    if (line < 0) break
    found = line + 1
    inside =
      key === undefined
        ? itemAt(lines, line, inside)
        : { from: line + 1, to: blockEnd(lines, line), indent: lines[line].key.indent }
  }
  return found
}

function documentEnd(text, first) {
  const lines = text.split("\n")
  const end = lines.findIndex((each, place) => place >= first && /^---(\s|$)/.test(each))
  return end < 0 ? lines.length : end
}

// {indent, dash, key: {name, indent}}: of "  - name: x" 2, true, name at 4.
function read(line) {
  const [, space, dash, rest] = /^(\s*)((?:- +|-$)?)(.*)$/.exec(line)
  const name = /^["']?([^"':#\s][^"':]*)["']?\s*:(\s|$)/.exec(rest)?.[1]
  const isBlank = /^\s*(#.*)?$/.test(line)
  return {
    isBlank,
    indent: space.length,
    isItem: dash !== "",
    key: name === undefined ? null : { name, indent: space.length + dash.length },
  }
}

function keyed(lines, { from, to, indent }, name) {
  const own = lines.slice(from, to).find((each) => each.key && each.key.indent > indent)?.key.indent
  for (let line = from; line < to; line += 1)
    if (lines[line].key?.name === name && lines[line].key.indent === own) return line
  return -1
}

function nthItem(lines, { from, to }, index) {
  const indent = lines.slice(from, to).find((each) => each.isItem)?.indent
  let seen = -1
  for (let line = from; line < to; line += 1)
    if (lines[line].isItem && lines[line].indent === indent && (seen += 1) === index) return line
  return -1
}

function itemAt(lines, line, { to }) {
  const { indent } = lines[line]
  const end = lines.findIndex((each, place) => place > line && !each.isBlank && each.indent <= indent)
  return { from: line, to: end < 0 ? to : Math.min(end, to), indent }
}

// A list may stand at its key's own indent.
function blockEnd(lines, line) {
  const { indent } = lines[line].key
  const end = lines.findIndex(
    (each, place) =>
      place > line && !each.isBlank && (each.indent < indent || (each.indent === indent && !each.isItem)),
  )
  return end < 0 ? lines.length : end
}
