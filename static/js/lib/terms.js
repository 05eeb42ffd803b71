// Words with an explanation (panels/terms.js). They stand within sentences, labels and headings, where a <button> would break
// lines, so they are spans with a button's role.

import { element, mark } from "./nodes.js"

export function termNode(id, text) {
  return mark(element("span", { className: "term", role: "button", tabIndex: 0 }, text), { term: id })
}
