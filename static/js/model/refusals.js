// Which node refuses a pod, and why. The scheduler's message counts nodes for each reason and names none; a reason is
// given to nodes only where the numbers leave no doubt. Knows no DOM.

import { lacking } from "./nodes.js"

const FIT_ERROR = /^0\/(\d+) nodes are available: (.*?)\.(?: |$)/
const REASON = /^(\d+) (.+)$/
const CORDONED = "node(s) were unschedulable"
const TAINTED = "node(s) had untolerated taint(s)"

// {nodes, reasons: [{count, text}]} of a FailedScheduling message (framework/types.go, FitError); null for another text.
export function readMessage(message) {
  const [, nodes, list] = FIT_ERROR.exec(message) ?? []
  if (!nodes) return null
  const found = list.split(", ").map((each) => REASON.exec(each))
  if (found.some((each) => !each)) return null
  return { nodes: Number(nodes), reasons: found.map(([, count, text]) => ({ count: Number(count), text })) }
}

// Node name -> reasons. A reason counted for every node is each node's. One that the node's own state shows (a cordon, a
// taint, too little free) belongs to the nodes that show it, if they are exactly as many as were counted: the filters ask
// in this order, and a node that one has refused is not asked by the next.
export function refusalsOf(message, rows, ask) {
  const found = new Map()
  const said = readMessage(message)
  if (!said || said.nodes !== rows.size) return found
  const refuse = (names, text) => {
    for (const name of names) found.set(name, [...(found.get(name) ?? []), text])
  }
  const counts = new Map(said.reasons.map(({ text, count }) => [text, count]))
  for (const [text, count] of counts) if (count === said.nodes) refuse(rows.keys(), text)
  if (found.size) return found
  const left = new Map(rows)
  for (const [text, shows] of [
    [CORDONED, (row) => row.unschedulable],
    [TAINTED, (row) => (row.taints ?? []).some((each) => /:No(Schedule|Execute)$/.test(each))],
  ]) {
    const names = [...left.values()].filter(shows).map(({ name }) => name)
    if (!names.length && !counts.has(text)) continue
    if (names.length !== counts.get(text)) return found // tolerated by some, or changed since: no more is known
    refuse(names, text)
    for (const name of names) left.delete(name)
  }
  for (const text of ["Too many pods", "Insufficient cpu", "Insufficient memory"]) {
    const names = [...left.values()].filter((row) => ask && lacking(row, ask).includes(text)).map(({ name }) => name)
    if (names.length === counts.get(text)) refuse(names, text)
  }
  return found
}
