// A line at the foot of the page that goes by itself.

import { element } from "./nodes.js"

export function toast(text, failed = false) {
  const node = element("div", { className: failed ? "toast failed" : "toast" }, text)
  document.getElementById("toasts").append(node)
  setTimeout(() => node.remove(), failed ? 9000 : 4000)
}
