// Events with the explanation behind each step, and conditions in words.

import { age, element, t } from "./format.js"

const MOST = 60
const AGE_STEP_SECONDS = 5
const WANTED = {
  deployment: ({ kind }) => kind === "Deployment",
  replicasets: ({ kind }) => kind === "ReplicaSet",
  pods: ({ kind }) => kind === "Pod",
  warnings: ({ type }) => type === "Warning",
  all: () => true,
}
const NONE = {
  deployment: "Nothing yet. The controllers tell here what they do, and why.",
  warnings: "No warnings.",
}
let drawn = ""

export function showEvents(cluster, deployment, which) {
  const owned = owners(cluster, deployment)
  const own = [...cluster.events.values()].filter((each) => owned.has(each.object_uid) && WANTED[which](each))
  const found = own.sort((one, two) => two.rv - one.rv).slice(0, MOST)
  const key = `${which} ${found.length} ${found[0]?.rv} ${Math.floor(cluster.now() / AGE_STEP_SECONDS)}`
  if (key === drawn) return
  drawn = key
  const rows = found.map((each) => row(each, cluster.now()))
  document.getElementById("events").replaceChildren(...(rows.length ? rows : [element("li", { className: "quiet" }, t(NONE[which] ?? "Nothing yet."))]))
}

// The Deployment, its ReplicaSets, and every pod of theirs, those that are gone too.
function owners(cluster, deployment) {
  const replicasets = cluster.replicasetsOf(deployment)
  const names = replicasets.map((each) => `${each.name}-`)
  const owned = new Set([deployment.uid, ...replicasets.map((each) => each.uid)])
  for (const each of cluster.events.values()) if (each.kind === "Pod" && names.some((name) => each.object_name.startsWith(name))) owned.add(each.object_uid)
  return owned
}

function row({ kind, object_name: name, reason, message, at, why, count, type }, now) {
  const words = element("span", {}, element("b", {}, type === "Warning" ? `⚠ ${reason}` : reason), ` ${message}${count > 1 ? ` (×${count})` : ""}`)
  if (kind === "Pod") words.append(element("span", { className: "quiet" }, ` ${name}`))
  const node = element("li", { className: type === "Warning" ? "warning" : "" }, element("time", {}, age(now - at)), words)
  if (why) node.append(element("span", { className: "because" }, why.text))
  return node
}

export function showConditions(cluster, { status }) {
  const rows = status.conditions.map(({ type, status: value, reason, message, last_update_time: at }) =>
    element("li", {}, element("span", {}, element("b", {}, `${type}: ${value}`), ` ${reason}`), element("span", { className: "quiet" }, `${message} ${t("(%(age)s ago)", { age: age(cluster.now() - at) })}`)),
  )
  document.getElementById("conditions").replaceChildren(...rows)
}
