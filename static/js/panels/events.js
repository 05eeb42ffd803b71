// Events with the explanation behind each step, and conditions in words.

import { element } from "../lib/nodes.js"
import { number } from "../lib/numbers.js"
import { age, noop, t } from "../lib/words.js"
import { whyText } from "../model/why.js"

const MOST = 80
const AGE_STEP_SECONDS = 5
const WANTED = {
  deployment: ({ kind }) => kind === "Deployment",
  replicasets: ({ kind }) => kind === "ReplicaSet",
  pods: ({ kind }) => kind === "Pod",
  warnings: ({ type }) => type === "Warning",
  all: () => true,
}
const NONE = {
  deployment: noop("Deployment events (scaling steps, and why) appear here."),
  replicasets: noop("ReplicaSet events (pods created and deleted) appear here."),
  pods: noop("Pod events (from the scheduler and the kubelet) appear here."),
  warnings: noop("No warnings."),
  all: noop("No events yet."),
}
// What a condition means, in a sentence; its message follows.
const MEANINGS = {
  "Available True": noop("Enough pods are available."),
  "Available False": noop("Available pods are below the floor."),
  "Progressing True": noop("Rolling out."),
  "Progressing True NewReplicaSetAvailable": noop("Rollout complete."),
  "Progressing False": noop("No progress within the deadline."),
  "Progressing Unknown": noop("Paused: the deadline timer is stopped."),
  "ReplicaFailure True": noop("A pod could not be created."),
}
let drawn = ""
let drawnConditions = ""

export function showEvents(cluster, deployment, which) {
  const owned = owners(cluster, deployment)
  const own = [...cluster.events.values()].filter((each) => owned.has(each.object_uid) && WANTED[which](each))
  const found = own.sort((one, two) => two.rv - one.rv).slice(0, MOST)
  const key = `${which} ${found.length} ${found[0]?.rv} ${Math.floor(cluster.now() / AGE_STEP_SECONDS)}`
  if (key === drawn) return
  drawn = key
  const rows = found.map((each) => row(each, cluster))
  document
    .getElementById("events")
    .replaceChildren(...(rows.length ? rows : [element("li", { className: "quiet" }, t(NONE[which]))]))
}

// The Deployment, its ReplicaSets, and every pod of theirs, those that are gone too.
function owners(cluster, deployment) {
  const replicasets = cluster.replicasetsOf(deployment)
  const names = replicasets.map((each) => `${each.name}-`)
  const owned = new Set([deployment.uid, ...replicasets.map((each) => each.uid)])
  for (const each of cluster.events.values())
    if (each.kind === "Pod" && names.some((name) => each.object_name.startsWith(name))) owned.add(each.object_uid)
  return owned
}

function row({ kind, object_name: name, reason, message, at, why, count, type }, cluster) {
  const isWarning = type === "Warning"
  const words = element(
    "span",
    {},
    element("b", {}, isWarning ? `⚠ ${reason}` : reason),
    ` ${message}${count > 1 ? ` (×${number(count)})` : ""}`,
  )
  if (kind === "Pod") words.append(element("span", { className: "quiet" }, ` ${name}`))
  const node = element(
    "li",
    { className: isWarning ? "warning" : "" },
    element("time", {}, age(cluster.now() - at)),
    words,
  )
  if (why) node.append(element("span", { className: "because" }, whyText(why)))
  return node
}

export function showConditions(cluster, { status }) {
  const key = JSON.stringify(status.conditions) + Math.floor(cluster.now() / AGE_STEP_SECONDS)
  if (key === drawnConditions) return
  drawnConditions = key
  const rows = status.conditions.map(({ type, status: value, reason, message, last_update_time: at }) => {
    const tone = value === "True" ? (type === "ReplicaFailure" ? "bad" : "ok") : value === "False" ? "bad" : "warn"
    const meaning = MEANINGS[`${type} ${value} ${reason}`] ?? MEANINGS[`${type} ${value}`]
    const node = element(
      "li",
      {},
      element(
        "span",
        { className: "head" },
        element("b", {}, `${type}: ${value}`),
        ` ${reason} `,
        element("time", { className: "quiet" }, t("%(age)s ago", { age: age(cluster.now() - at) })),
      ),
      ...(meaning ? [element("span", {}, t(meaning))] : []),
      element("span", { className: "quiet" }, message),
    )
    node.dataset.tone = tone
    return node
  })
  document
    .getElementById("conditions")
    .replaceChildren(...(rows.length ? rows : [element("li", { className: "quiet" }, t("Not reconciled yet."))]))
}
