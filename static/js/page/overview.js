// Every Deployment of the namespace in a row, live; or how to begin.

import { element, hue, mark, set, write } from "../lib/nodes.js"
import { address, canEdit, deploymentPath, namespace } from "../lib/place.js"
import { post } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { age, clauses, t, tn } from "../lib/words.js"
import { Answers } from "../model/answers.js"
import { isComplete, newReplicaSet } from "../model/cluster.js"
import { describe, failingPod } from "../model/describe.js"
import { change, wholeImages } from "../model/images.js"
import { shares } from "../model/meter.js"
import { causeOf } from "../model/narration.js"
import { endText, isGood } from "../model/verdict.js"
import { errorItems, openEditor } from "../panels/editor.js"
import { offerPalette } from "../panels/palette.js"
import { follow } from "./live.js"

const host = (id) => document.getElementById(id)
const list = host("deployments")
const filter = host("filter")
const METER = ["", "", "", "", "desired"]
const TONES = {
  bad: (count) => tn("%(count)s failing", "%(count)s failing", count),
  move: (count) => tn("%(count)s progressing", "%(count)s progressing", count),
  warn: (count) => tn("%(count)s paused", "%(count)s paused", count),
}

const TEMPLATE = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: nginx
        image: nginx:1.9.1
`
const RANKS = { bad: 0, warn: 1, move: 2, ok: 3 }
const ORDERS = {
  name: () => 0,
  state: (one, two) => RANKS[one.tone] - RANKS[two.tone],
  age: (one, two) => two.deployment.created_at - one.deployment.created_at,
}
const asked = new URLSearchParams(location.search)
let shownTone = asked.get("state") in TONES ? asked.get("state") : "" // "" shows all
filter.value = asked.get("name") ?? ""
if (asked.get("sort") in ORDERS) host("sort").value = asked.get("sort")

const answers = new Answers({
  foresee: async (name) => (await post(`${deploymentPath(name)}forecast/`, { action: "go-on", body: {} })).forecasts[0],
  isSeen: () => !document.hidden,
  onChange: () => redraw(),
})
const { redraw } = follow((cluster) => {
  const isKnown = cluster.rv > 0 || cluster.nodes.size > 0
  const isEmpty = !cluster.deployments.size
  host("list").hidden = !isKnown || isEmpty
  host("empty").hidden = !isKnown || !isEmpty
  const all = [...cluster.deployments.values()].map((each) => ({ deployment: each, ...describe(each, cluster) }))
  const wanted = chosen(all)
  const present = new Set(wanted.map((each) => each.uid))
  for (const node of [...list.children]) if (!present.has(node.dataset.uid)) node.remove()
  const known = new Map([...list.children].map((each) => [each.dataset.uid, each]))
  wanted.forEach((each, place) => {
    const node = known.get(each.uid) ?? row(each)
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null)
    drawRow(node, each, cluster)
  })
  host("none").hidden = wanted.length > 0
  if (isKnown) showTally(all.map((each) => each.tone))
})

function chosen(all) {
  const text = filter.value.trim()
  const found = all.filter((each) => each.deployment.name.includes(text) && (!shownTone || each.tone === shownTone))
  const byName = (one, two) => (one.deployment.name < two.deployment.name ? -1 : 1)
  const order = ORDERS[host("sort").value]
  return found.sort((one, two) => order(one, two) || byName(one, two)).map((each) => each.deployment)
}

// "12 Deployments · 1 failing", each a button that shows those alone; in the title of the page too.
function showTally(tones) {
  const counts = Object.entries(TONES).map(([tone, words]) => [
    tone,
    tones.filter((each) => each === tone).length,
    words,
  ])
  const told = counts.filter(([tone, count]) => count || tone === shownTone)
  const parts = [
    ["", tn("%(count)s Deployment", "%(count)s Deployments", tones.length)],
    ...told.map(([tone, count, words]) => [tone, words(count)]),
  ]
  const tally = host("tally")
  while (tally.children.length > parts.length) tally.lastChild.remove()
  while (tally.children.length < parts.length) tally.append(element("button", { type: "button", className: "plain" }))
  parts.forEach(([tone, text], place) => {
    mark(tally.children[place], { show: tone, tone })
    set(tally.children[place], { "aria-pressed": tone === shownTone })
    write(tally.children[place], text)
  })
  const title = `${parts[1] ? `${parts[1][1]} · ` : ""}${namespace} · Rollstage`
  if (document.title !== title) document.title = title
}

host("tally").addEventListener("click", ({ target }) => {
  if (target.dataset.show === undefined) return
  shownTone = target.dataset.show
  choose()
})
host("sort").addEventListener("change", choose)

// What is shown is in the address, to be shared.
function choose() {
  const link = new URL(location)
  for (const [key, value] of Object.entries({
    state: shownTone,
    name: filter.value.trim(),
    sort: host("sort").value,
  })) {
    if (value && !(key === "sort" && value === "name")) link.searchParams.set(key, value)
    else link.searchParams.delete(key)
  }
  history.replaceState(null, "", link)
  redraw()
}

function row(deployment) {
  const node = element("li")
  node.dataset.uid = deployment.uid
  const meter = element(
    "span",
    { className: "meter", role: "img" },
    ...METER.map((name) => element("i", { className: name })),
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
      element("span", { className: "answer" }),
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
  mark(node.querySelector(".meter"), { tone })
  write(chip, text)
  write(node.querySelector(".reason"), tone === "bad" ? reasonOf(deployment, cluster) : "")
  write(node.querySelector(".answer"), tone === "bad" && !isComplete(deployment) ? answerOf(deployment) : "")
  write(node.querySelector(".age"), age(cluster.now() - deployment.created_at))
}

function drawMeter(meter, deployment, older, newest) {
  const { parts, desired } = shares(deployment, older, newest)
  const hues = { old: hue(older.at(-1)?.number ?? 1), new: hue(newest?.number ?? 1) }
  parts.forEach(({ side, isReady, share }, place) => {
    set(meter.children[place], { class: `${isReady ? "" : "unready "}${hues[side]}` }).style.flexGrow = share
  })
  meter.lastChild.hidden = desired === 1 || desired === 0
  meter.lastChild.style.left = `${100 * desired}%`
  const [old, fresh] = [older, newest ? [newest] : []].map((sets) =>
    sets.reduce((sum, each) => sum + each.status.replicas, 0),
  )
  const unready = old + fresh - deployment.status.ready_replicas
  const words = t("%(old)s old and %(fresh)s new pods", { old, fresh })
  set(meter, { "aria-label": clauses([words, unready > 0 && t("%(count)s not ready", { count: unready })]) })
}

// While pods of another image are there: from which to which.
function drawImages(node, { revision, containers }, other) {
  write(node, `${revision ? `#${revision} ` : ""}${change(other?.containers ?? [], containers)}`)
  if (node.title !== wholeImages(containers)) node.title = wholeImages(containers)
}

// Whether its rollout will ever finish; "" while that is asked.
function answerOf(deployment) {
  const verdict = answers.of(deployment)
  return verdict && !isGood(verdict) ? t("This rollout: %(end)s.", { end: endText(verdict) }) : ""
}

function reasonOf(deployment, cluster) {
  return failingPod(deployment, cluster)?.message || causeOf(deployment, cluster)
}

filter.addEventListener("input", choose)
offerPalette(() => [
  ...[...list.querySelectorAll("a")].map((link) => ({
    name: link.querySelector(".name").textContent,
    run: () => link.click(),
  })),
  { name: t("Filter by name"), keys: "/", run: () => filter.focus() },
  ...(canEdit ? [{ name: t("New Deployment"), run: () => host("new").click() }] : []),
])
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
  if (!canEdit) host(id).title = t("You have view-only access.")
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
// A single new Deployment is looked at next; several are seen in the list, what else was created in the message.
async function create(yaml) {
  const { message } = await post("deployments/create/", { yaml })
  const names = [...message.matchAll(/^deployment\.apps\/(\S+) created$/gm)].map((each) => each[1])
  if (names.length === 1) location.assign(address(deploymentPath(names[0])))
  else toast(message)
}

host("new").addEventListener("click", () => {
  if (!canEdit) return
  openEditor({
    title: t("New Deployment"),
    hint: t(
      "Services, ConfigMaps, quotas and other kinds may follow, with --- between them: all are created, or none.",
    ),
    text: TEMPLATE,
    save: create,
  })
})
host("paste").addEventListener("submit", async (event) => {
  event.preventDefault()
  if (!canEdit) return
  host("paste-errors").replaceChildren()
  try {
    await create(host("paste-text").value)
    host("paste-text").value = ""
  } catch (refusal) {
    host("paste-errors").replaceChildren(...errorItems(refusal, host("paste-text")))
  }
})
