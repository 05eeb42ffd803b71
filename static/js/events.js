// Events with the explanation behind each step, and conditions in words.

import { age, element, t } from "./format.js"

const MOST = 60
let drawn = ""

export function showEvents(cluster, deployment, which) {
  const owned = new Set([deployment.uid])
  if (which === "all") {
    for (const each of cluster.replicasetsOf(deployment)) owned.add(each.uid)
    for (const pod of cluster.pods.values()) if (owned.has(pod.owner_uid)) owned.add(pod.uid)
  }
  const found = [...cluster.events.values()].filter((each) => owned.has(each.object_uid)).sort((one, two) => two.rv - one.rv).slice(0, MOST)
  const key = `${which} ${found.length} ${found[0]?.rv} ${Math.floor(cluster.now() / 5)}`
  if (key === drawn) return
  drawn = key
  const rows = found.map((each) => row(each, cluster.now()))
  document.getElementById("events").replaceChildren(...(rows.length ? rows : [element("li", { className: "quiet" }, t("Nothing yet."))]))
}

function row({ reason, message, at, why, count, type }, now) {
  const node = element("li", { className: type === "Warning" ? "warning" : "" }, element("time", {}, age(now - at)), element("span", {}, element("b", {}, reason), ` ${message}${count > 1 ? ` (×${count})` : ""}`))
  if (why) node.append(element("span", { className: "because" }, why.text))
  return node
}

export function showConditions(cluster, { status }) {
  const rows = status.conditions.map(({ type, status: value, reason, message, last_update_time: at }) =>
    element("li", {}, element("span", {}, element("b", {}, `${type}: ${value}`), ` ${reason}`), element("span", { className: "quiet" }, `${message} ${t("(%(age)s ago)", { age: age(cluster.now() - at) })}`)),
  )
  document.getElementById("conditions").replaceChildren(...rows)
}
