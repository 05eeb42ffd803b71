// Under a forecast: what of the manifest is kept and not acted on, where it stands and what a real cluster would do.

import { element, write } from "../lib/nodes.js"
import { listed } from "../lib/numbers.js"
import { tn } from "../lib/words.js"

// `unacted` of a forecast: [{places, text}].
export function drawUnacted(unacted) {
  const host = document.getElementById("unacted")
  host.hidden = !unacted.length
  const count = unacted.flatMap(({ places }) => places).length
  write(
    host.firstElementChild,
    tn("%(count)s field is kept and not acted on", "%(count)s fields are kept and not acted on", count),
  )
  const rows = unacted.map(({ places, text }) =>
    element("li", {}, element("code", {}, listed(places)), " ", element("span", { className: "quiet" }, text)),
  )
  host.lastElementChild.replaceChildren(...rows)
}
