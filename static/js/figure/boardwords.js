// What the drawing by node shows, in numbers and in words that fit: which boards, the pods of each, marks and reasons.

import { hue } from "../lib/nodes.js"
import { textWidth, wrap } from "../lib/type.js"
import { t, tn } from "../lib/words.js"
import { isComplete, newReplicaSet, stateOf } from "../model/cluster.js"
import { shortImages } from "../model/images.js"
import { allocated, chooseBoards } from "../model/nodes.js"
import { refusalsOf } from "../model/refusals.js"
import { boardWidth, PAD } from "./boardlayout.js"
import { STATES } from "./crowd.js"
import { MOST_CELLS } from "./layout.js"
import { amountsText } from "./nodeboard.js"

const FONT = "12px sans"
const BOLD = "600 12px sans"
const APART = 22 // between two texts of a line
const MOST_REASONS = 3
const EVICTED = "EvictionByEvictionAPI"

// {pods: how many in all, isSettled, bands, unscheduled: {title, reasons, cells}, boards: [{name, row, marks, amounts, cells,
// counts, refusals, numbers, newest}]}; a cell is {pod, state, colour}, a line {text, tone}. `nodes` null: nothing is known.
export function describeBoards(cluster, deployment, nodes, width) {
  const sets = cluster.replicasetsOf(deployment)
  const newest = newReplicaSet(deployment, sets)
  const cells = sets.flatMap((each) => cellsOf(cluster, each)).sort((one, two) => isDying(one) - isDying(two))
  const rows = nodes?.rows ?? new Map()
  const chosen = chooseBoards(
    rows,
    cells.map(({ pod }) => pod),
    nodes?.asks[newest?.uid],
  )
  const onNode = grouped(cells, ({ pod }) => pod.node)
  const unscheduled = onNode.get("") ?? []
  const about = {
    budgets: nodes?.budgets ?? [],
    numbers: new Map(sets.map((each) => [each.uid, each.number])),
    newest: newest?.number ?? 1,
    reasons: reasonsOf(unscheduled, rows, nodes),
    isCrowd: cells.length > MOST_CELLS,
    room: boardWidth(width, chosen.shown.length) - 2 * PAD,
  }
  const key = rows.size ? [{ text: `■ ${t("other pods")}`, isOther: true }] : []
  const bands = [
    ...revisions(sets, newest, cells),
    ...key,
    ...about.budgets.map(budgetLine),
    ...moreLines(chosen, nodes),
  ]
  return {
    pods: cells.length,
    isSettled: isComplete(deployment) && !cells.some(isDying),
    bands: flow(
      bands.flatMap((each) => wrapped(each, width - 2 * PAD)),
      width,
    ),
    unscheduled: waiting(unscheduled, nodes, width),
    boards: chosen.shown.map((name) => board(name, rows.get(name) ?? null, onNode.get(name) ?? [], about)),
  }
}

function cellsOf(cluster, replicaset) {
  return cluster.podsOf(replicaset).map((pod) => ({
    pod,
    state: stateOf(pod, replicaset.min_ready_seconds, cluster.now()),
    colour: hue(replicaset.number),
  }))
}

function isDying({ pod }) {
  return pod.deleted_at !== null
}

function grouped(things, keyOf) {
  const found = new Map()
  for (const each of things) {
    if (!found.has(keyOf(each))) found.set(keyOf(each), [])
    found.get(keyOf(each)).push(each)
  }
  return found
}

function revisions(sets, newest, cells) {
  const byOwner = grouped(cells, ({ pod }) => pod.owner_uid)
  return sets
    .filter((each) => byOwner.has(each.uid) || each === newest)
    .map((each) => {
      const role = each === newest ? t("new · revision %(revision)s", each) : t("old · revision %(revision)s", each)
      const count = byOwner.get(each.uid)?.length ?? 0
      const pods = tn("%(count)s pod", "%(count)s pods", count)
      return { text: `■ ${role} · ${shortImages(each.containers)} · ${pods}`, number: each.number }
    })
}

function budgetLine({ name, allowed, healthy, desired }) {
  const text = tn(
    "PodDisruptionBudget %(name)s: %(count)s disruption allowed, %(healthy)s healthy of %(desired)s needed",
    "PodDisruptionBudget %(name)s: %(count)s disruptions allowed, %(healthy)s healthy of %(desired)s needed",
    allowed,
    { name, healthy, desired },
  )
  return { text, tone: allowed ? "" : "warn" }
}

function moreLines({ hidden, apart }, nodes) {
  const lines = []
  if (nodes?.isMissing) lines.push({ text: t("What else is on the nodes is not recorded with a rollout.") })
  if (hidden) lines.push({ text: tn("+%(count)s more node", "+%(count)s more nodes", hidden) })
  if (apart)
    lines.push({
      text: tn("%(count)s pod is on a node not shown", "%(count)s pods are on nodes not shown", apart),
    })
  return lines
}

// The pods that have no node, with what they ask for and each reason once.
function waiting(cells, nodes, width) {
  if (!cells.length) return { title: t("Every pod has a node."), reasons: [], cells }
  const title = tn("%(count)s pod has no node", "%(count)s pods have no node", cells.length)
  const amounts = amountsText(nodes?.asks[cells[0].pod.owner_uid] ?? [0, 0])
  const asked = amounts ? [{ text: t("a pod asks for %(amounts)s", { amounts }) }] : []
  const byMessage = grouped(
    cells.filter(({ pod }) => pod.message),
    ({ pod }) => pod.message,
  )
  const messages = [...byMessage.keys()].slice(0, MOST_REASONS)
  const said = [...asked, ...messages.map((text) => ({ text, tone: "bad" }))]
  const reasons = said.flatMap((each) => wrapped(each, width - 2 * PAD - 4))
  return { title, reasons, cells }
}

// Node name -> reasons, where all that wait were told the same.
function reasonsOf(cells, rows, nodes) {
  const told = grouped(
    cells.filter(({ pod }) => pod.message),
    ({ pod }) => `${pod.owner_uid} ${pod.message}`,
  )
  if (told.size !== 1) return new Map()
  const [{ pod }] = [...told.values()][0]
  return refusalsOf(pod.message, rows, nodes?.asks[pod.owner_uid])
}

function board(name, row, cells, about) {
  const { numbers, newest, room } = about
  const reasons = (about.reasons.get(name) ?? []).map((text) => ({ text, tone: "bad" }))
  return {
    name,
    row,
    cells,
    numbers,
    newest,
    marks: marksOf(row, cells).flatMap((each) => wrapped(each, room)),
    amounts: row ? allocated(row, [...numbers.keys()]) : [],
    counts: about.isCrowd ? countsOf(cells) : [],
    refusals: [...reasons, ...holdsOf(row, cells, about.budgets)].flatMap((each) => wrapped(each, room)),
  }
}

function marksOf(row, cells) {
  const evicted = cells.filter(({ pod }) => isDying({ pod }) && pod.disruption?.reason === EVICTED).length
  return [
    row?.unschedulable && { text: t("cordoned: no pod is scheduled here"), tone: "warn" },
    row?.external && { text: t("external kubelet: nothing here is simulated") },
    evicted && {
      text: tn("%(count)s pod is being evicted", "%(count)s pods are being evicted", evicted),
      tone: "warn",
    },
    ...(row?.taints ?? []).map((taint) => ({ text: t("taint %(taint)s", { taint }) })),
  ].filter(Boolean)
}

// A drain gets no further while a budget allows no disruption (pkg/registry/core/pod/storage/eviction.go).
function holdsOf(row, cells, budgets) {
  if (!row?.unschedulable || cells.every(isDying)) return []
  return budgets
    .filter(({ allowed }) => allowed === 0)
    .map((each) => ({
      text: t(
        "No eviction now: the disruption budget %(name)s needs %(desired)s healthy pods and has %(healthy)s",
        each,
      ),
      tone: "warn",
    }))
}

function countsOf(cells) {
  const byState = grouped(cells, ({ state }) => state)
  return STATES.filter((each) => byState.has(each)).map((state) => ({ state, count: byState.get(state).length }))
}

// Beside each other where they find room, {x, row} added to each.
function flow(items, width) {
  let [x, row] = [PAD, 0]
  return items.map((each) => {
    const wide = textWidth(each.text, BOLD)
    if (x > PAD && x + wide > width - PAD) [x, row] = [PAD, row + 1]
    const placed = { ...each, x, row }
    x += wide + APART
    return placed
  })
}

function wrapped({ text, ...about }, room) {
  return wrap(text, room, about.tone ? BOLD : FONT).map((line) => ({ text: line, ...about }))
}
