// Every Deployment of the namespace in a row, live; or how to begin.

import { element, hue, set, svg, write } from "../lib/nodes.js"
import { address, canEdit, deploymentPath, namespace } from "../lib/place.js"
import { post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { age, t, tn } from "../lib/words.js"
import { newReplicaSet, stateOf } from "../model/cluster.js"
import { describe } from "../model/describe.js"
import { errorItems, openEditor } from "../panels/editor.js"
import { follow } from "./live.js"

const host = (id) => document.getElementById(id)
const list = host("deployments")
const filter = host("filter")
const METER_WIDTH = 200
const TONES = {
  bad: (count) => tn("%(count)s failing", "%(count)s failing", count),
  move: (count) => tn("%(count)s progressing", "%(count)s progressing", count),
  warn: (count) => tn("%(count)s paused", "%(count)s paused", count),
}

const { redraw } = follow((cluster) => {
  const isKnown = cluster.rv > 0 || cluster.nodes.size > 0
  const isEmpty = !cluster.deployments.size
  host("list").hidden = !isKnown || isEmpty
  host("empty").hidden = !isKnown || !isEmpty
  const wanted = [...cluster.deployments.values()]
    .filter((each) => each.name.includes(filter.value.trim()))
    .sort((one, two) => (one.name < two.name ? -1 : 1))
  const present = new Set(wanted.map((each) => each.uid))
  for (const node of [...list.children]) if (!present.has(node.dataset.uid)) node.remove()
  const known = new Map([...list.children].map((each) => [each.dataset.uid, each]))
  wanted.forEach((each, place) => {
    const node = known.get(each.uid) ?? row(each)
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null)
    drawRow(node, each, cluster)
  })
  host("none").hidden = wanted.length > 0
  if (isKnown) showTally([...cluster.deployments.values()].map((each) => describe(each, cluster).tone))
})

// "12 Deployments · 1 failing", in the title of the page too.
function showTally(tones) {
  const counts = Object.entries(TONES).map(([tone, words]) => [
    tone,
    tones.filter((each) => each === tone).length,
    words,
  ])
  const told = counts.filter(([, count]) => count).map(([, count, words]) => words(count))
  write(host("tally"), [tn("%(count)s Deployment", "%(count)s Deployments", tones.length), ...told].join(" · "))
  const title = `${told.length ? `${told[0]} · ` : ""}${namespace} · Rollstage`
  if (document.title !== title) document.title = title
}

function row(deployment) {
  const node = element("li")
  node.dataset.uid = deployment.uid
  const meter = svg("svg", {
    class: "meter",
    viewBox: `0 0 ${METER_WIDTH} 14`,
    preserveAspectRatio: "none",
    role: "img",
  })
  meter.append(
    svg("rect", { class: "ground", y: 1, height: 12, rx: 3 }),
    svg("rect", { class: "before", y: 1, height: 12, rx: 3 }),
    svg("rect", { class: "after", y: 1, height: 12, rx: 3 }),
    svg("line", { class: "desired", y1: 0, y2: 14 }),
  )
  const link = element(
    "a",
    { href: address(deploymentPath(deployment.name)) },
    element("span", { className: "name" }, deployment.name),
    meter,
    element("span", { className: "number" }),
    element("span", { className: "images mono" }),
    element(
      "span",
      { className: "state" },
      element("span", { className: "chip" }),
      element("span", { className: "reason" }),
    ),
    element("time", { className: "age" }),
  )
  node.append(link)
  return node
}

function drawRow(node, deployment, cluster) {
  const { status, replicas } = deployment
  const replicasets = cluster.replicasetsOf(deployment)
  const newest = newReplicaSet(deployment, replicasets)
  const older = replicasets.filter((each) => each !== newest && each.status.replicas)
  drawMeter(node.querySelector(".meter"), deployment, older, newest)
  write(
    node.querySelector(".number"),
    t("%(ready)s/%(desired)s ready", { ready: status.ready_replicas, desired: replicas }),
  )
  drawImages(node.querySelector(".images"), deployment, older.at(-1) ?? newest)
  const { tone, text } = describe(deployment, cluster)
  const chip = node.querySelector(".chip")
  chip.dataset.tone = tone
  write(chip, text)
  write(node.querySelector(".reason"), tone === "bad" ? reasonOf(newest, cluster) : "")
  write(node.querySelector(".age"), age(cluster.now() - deployment.created_at))
}

function drawMeter(meter, { replicas, surge }, older, newest) {
  const old = older.reduce((sum, each) => sum + each.status.replicas, 0)
  const fresh = newest?.status.replicas ?? 0
  const most = Math.max(replicas + surge, old + fresh, 1)
  const wide = (count) => (METER_WIDTH * count) / most
  set(meter.querySelector(".ground"), { width: METER_WIDTH })
  set(meter.querySelector(".before"), { x: 0, width: wide(old), class: `before ${hue(older.at(-1)?.number ?? 1)}` })
  set(meter.querySelector(".after"), {
    x: wide(old) + (old && fresh ? 1.5 : 0),
    width: Math.max(0, wide(fresh) - (old && fresh ? 1.5 : 0)),
    class: `after ${hue(newest?.number ?? 1)}`,
  })
  set(meter.querySelector(".desired"), { x1: wide(replicas), x2: wide(replicas) })
  set(meter, { "aria-label": t("%(old)s old and %(fresh)s new pods", { old, fresh }) })
}

// While pods of another image are there: from which to which.
function drawImages(node, deployment, other) {
  const now = deployment.containers.map((each) => each.image).join(", ")
  const before = other?.containers.map((each) => each.image).join(", ")
  write(
    node,
    `${deployment.revision ? `#${deployment.revision} ` : ""}${before && before !== now ? `${before} → ${now}` : now}`,
  )
}

function reasonOf(newest, cluster) {
  const failing =
    newest && cluster.podsOf(newest).find((pod) => stateOf(pod, newest.min_ready_seconds, cluster.now()) === "failed")
  return failing ? failing.message || failing.status : ""
}

filter.addEventListener("input", redraw)
addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return
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

for (const id of ["new", "example", "paste-create"]) {
  host(id).setAttribute("aria-disabled", String(!canEdit))
  if (!canEdit) host(id).title = t("You may look here, not change.")
}
host("example").addEventListener(
  "click",
  () =>
    canEdit &&
    post("deployments/example/").then(
      ({ message }) => toast(message),
      ({ message }) => toast(message, true),
    ),
)
host("new").addEventListener("click", () => {
  if (!canEdit) return
  openEditor({
    title: t("New Deployment"),
    text: "",
    save: async (yaml) => toast((await post("deployments/create/", { yaml })).message),
  })
})
host("paste").addEventListener("submit", async (event) => {
  event.preventDefault()
  if (!canEdit) return
  host("paste-errors").replaceChildren()
  try {
    toast((await post("deployments/create/", { yaml: host("paste-text").value })).message)
    host("paste-text").value = ""
  } catch (refusal) {
    host("paste-errors").replaceChildren(...errorItems(refusal, host("paste-text")))
  }
})
