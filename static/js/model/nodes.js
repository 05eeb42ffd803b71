// The cluster's nodes as the server tells a Deployment's page (docs/protocol.md), and what is taken and free of them.
// An amount is [cpu in thousandths, memory in bytes, pods]. Knows no DOM.

import { naturally } from "../lib/numbers.js"

export const RESOURCES = ["cpu", "memory", "pods"]
export const MOST_BOARDS = 60
const NONE = [0, 0, 0]
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
const DECIMAL = ["", "k", "M", "G", "T", "P", "E"]

export class Nodes {
  rows = new Map() // by name, in the order of names
  asks = {}
  budgets = []
  isMissing = false // nobody can tell any more

  take({ all = false, nodes = [], gone = [], asks = this.asks, budgets = this.budgets }) {
    if (all) this.rows.clear()
    for (const name of gone) this.rows.delete(name)
    const isOrdered = nodes.every(({ name }) => this.rows.has(name))
    for (const each of nodes) this.rows.set(each.name, each)
    if (!isOrdered) this.rows = new Map([...this.rows].sort(([one], [two]) => naturally(one, two)))
    this.asks = asks
    this.budgets = budgets
  }

  get isKnown() {
    return this.rows.size > 0
  }
}

// Of each resource of a node: {name, allocatable, taken, free, percent, others, parts: [{owner, amount}]}. `owners`: the
// uids of the ReplicaSets that are shown, in their order; what their pods don't take is others'.
export function allocated(row, owners) {
  const { allocatable, own = {} } = row
  return RESOURCES.map((name, place) => {
    const taken = takenOf(row, place)
    const parts = owners.map((owner) => ({ owner, amount: (own[owner] ?? NONE)[place] })).filter(({ amount }) => amount)
    return {
      name,
      allocatable: allocatable[place],
      taken,
      free: Math.max(0, allocatable[place] - taken),
      percent: percentOf(taken, allocatable[place]),
      others: taken - parts.reduce((sum, { amount }) => sum + amount, 0),
      parts,
    }
  })
}

function takenOf({ others, own }, place) {
  let taken = others[place]
  for (const owner in own) taken += own[owner][place]
  return taken
}

// As kubectl describe prints it: the fraction cut off, 0 of nothing.
export function percentOf(taken, allocatable) {
  return allocatable ? Math.trunc((taken / allocatable) * 100) : 0
}

// As kubectl prints quantities: 250m and 2 of cpu, 1536Mi of memory.
export function quantity(resource, amount) {
  if (resource === "cpu") return amount % 1000 ? `${amount}m` : `${amount / 1000}`
  if (resource !== "memory") return `${amount}`
  return amount % 1024 ? suffixed(amount, 1000, DECIMAL) : suffixed(amount, 1024, BINARY)
}

function suffixed(amount, base, suffixes) {
  let power = 0
  while (amount && amount % base === 0 && power < suffixes.length - 1) {
    amount /= base
    power += 1
  }
  return `${amount}${suffixes[power]}`
}

// Whether a pod that asks for so much finds room there, and the node lets in pods without tolerations: a guess at where
// the next pod could go. The scheduler looks at more.
export function couldTake(row, ask) {
  const isClosed = row.unschedulable || (row.taints ?? []).some((each) => /:No(Schedule|Execute)$/.test(each))
  return !isClosed && !lacking(row, ask).length
}

// What of its resources a node has too little of for one more pod, in the scheduler's words.
export function lacking(row, ask) {
  const [cpu, memory, pods] = row.allocatable.map((whole, place) => whole - takenOf(row, place))
  return [
    pods < 1 && "Too many pods",
    ask[0] > cpu && ask[0] > 0 && "Insufficient cpu",
    ask[1] > memory && ask[1] > 0 && "Insufficient memory",
  ].filter(Boolean)
}

// {shown: names in order, hidden: how many nodes are not, apart: how many of the pods are on those}. Nodes with pods come
// first, then those where one of `ask` could go, then the others.
export function chooseBoards(rows, pods, ask = NONE) {
  const busy = new Map()
  for (const { node } of pods) if (node) busy.set(node, (busy.get(node) ?? 0) + 1)
  const unknown = [...busy.keys()].filter((each) => !rows.has(each))
  const names = [...rows.keys(), ...unknown.sort(naturally)]
  if (names.length <= MOST_BOARDS) return { shown: names.sort(naturally), hidden: 0, apart: 0 }
  const rankOf = (name) => (busy.has(name) ? 0 : couldTake(rows.get(name), ask) ? 1 : 2)
  const ranks = [[], [], []]
  for (const name of names) ranks[rankOf(name)].push(name)
  const shown = ranks.flat().slice(0, MOST_BOARDS)
  for (const name of shown) busy.delete(name)
  const apart = [...busy.values()].reduce((sum, count) => sum + count, 0)
  return { shown: shown.sort(naturally), hidden: names.length - shown.length, apart }
}
