// Every Deployment of the namespace in a row, live.

import { newReplicaSet } from "./cluster.js"
import { openEditor } from "./editor.js"
import { age, element, hue, set, svg, t, write } from "./format.js"
import { describe, follow } from "./live.js"
import { canEdit, namespace, post, toast } from "./requests.js"

const list = document.getElementById("deployments")
const filter = document.getElementById("filter")
const METER_WIDTH = 200

const { redraw } = follow((cluster) => {
  const wanted = [...cluster.deployments.values()].filter((each) => each.name.includes(filter.value)).sort((one, two) => (one.name < two.name ? -1 : 1))
  const present = new Set(wanted.map((each) => each.uid))
  for (const node of [...list.children]) if (!present.has(node.dataset.uid)) node.remove()
  const known = new Map([...list.children].map((each) => [each.dataset.uid, each]))
  wanted.forEach((each, place) => {
    const node = known.get(each.uid) ?? row(each)
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null)
    drawRow(node, each, cluster)
  })
  document.getElementById("empty").hidden = cluster.rv === 0 && !cluster.nodes.size ? true : cluster.deployments.size > 0
})

function row(deployment) {
  const node = element("li")
  node.dataset.uid = deployment.uid
  const meter = svg("svg", { class: "meter", viewBox: `0 0 ${METER_WIDTH} 14`, preserveAspectRatio: "none", role: "img" }, svg("rect", { class: "ground", x: 0.5, y: 0.5, width: METER_WIDTH - 1, height: 13, rx: 4 }), svg("rect", { class: "before", y: 1, height: 12, rx: 3 }), svg("rect", { class: "after", y: 1, height: 12, rx: 3 }))
  const link = element("a", { href: `/namespaces/${namespace}/deployments/${deployment.name}/` }, element("span", { className: "name" }, deployment.name), meter, element("span", { className: "number" }), element("span", { className: "mono" }), element("span", {}, element("span", { className: "chip" })), element("span", { className: "age" }))
  node.append(link)
  return node
}

function drawRow(node, deployment, cluster) {
  const { status, replicas } = deployment
  const replicasets = cluster.replicasetsOf(deployment)
  const newest = newReplicaSet(deployment, replicasets)
  const old = replicasets.filter((each) => each !== newest).reduce((sum, each) => sum + each.status.replicas, 0)
  const fresh = newest?.status.replicas ?? 0
  const most = Math.max(replicas + deployment.surge, old + fresh, 1)
  const before = (METER_WIDTH * old) / most
  const lastOld = replicasets.filter((each) => each !== newest && each.status.replicas).at(-1)
  set(node.querySelector(".before"), { x: 0, width: before, class: `before ${hue(lastOld?.number ?? 1)}` })
  set(node.querySelector(".after"), { x: before, width: (METER_WIDTH * fresh) / most, class: `after ${hue(newest?.number ?? 1)}` })
  set(node.querySelector(".meter"), { "aria-label": t("%(old)s old and %(fresh)s new pods", { old, fresh }) })
  write(node.querySelector(".number"), t("%(ready)s/%(desired)s ready", { ready: status.ready_replicas, desired: replicas }))
  write(node.querySelector(".mono"), `${deployment.revision ? `#${deployment.revision} ` : ""}${deployment.containers.map((each) => each.image).join(", ")}`)
  const { tone, text } = describe(deployment, cluster)
  const chip = node.querySelector(".chip")
  chip.dataset.tone = tone
  write(chip, text)
  write(node.querySelector(".age"), age(cluster.now() - deployment.created_at))
}

filter.addEventListener("input", redraw)
addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select")) return
  if (event.key === "/") {
    event.preventDefault()
    filter.focus()
  }
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
  if (step) {
    const links = [...list.querySelectorAll("a")]
    links.at((links.indexOf(document.activeElement) + step) % links.length)?.focus()
    event.preventDefault()
  }
})

for (const id of ["new", "example"]) {
  const button = document.getElementById(id)
  button.setAttribute("aria-disabled", String(!canEdit))
  if (!canEdit) button.title = t("You may look here, not change.")
}
document.getElementById("example").addEventListener("click", () => canEdit && post("deployments/example/").then(({ message }) => toast(message), ({ message }) => toast(message, true)))
document.getElementById("new").addEventListener("click", () => {
  if (!canEdit) return
  openEditor({ title: t("New Deployment"), text: "", save: async (yaml) => toast((await post("deployments/create/", { yaml })).message) })
})
