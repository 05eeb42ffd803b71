// Figure 3.8 alive: the Deployment above, its ReplicaSets beneath, pods as cells. SVG by keyed join: a node carries its uid.

import { newReplicaSet, stateOf } from "./cluster.js"
import { element, set, svg, t, write } from "./format.js"

const CELL_SIZES = [[8, 44], [24, 34], [60, 24], [160, 16], [500, 11], [1500, 8], [Infinity, 5]]
const MOST_STILL_MOVING = 2000
const MOST_GHOSTS = 2
const NARROW = 620
const BOX = { top: 14, width: 300, height: 74 }
const SETS_TOP = 150
const HEADER = 92
const STEP_SHOWN_MS = 2600

const MARKS = {
  born: (s) => `M${0.35 * s} ${0.5 * s}h${0.3 * s}`,
  waiting: (s) => [0.28, 0.5, 0.72].map((x) => `M${x * s} ${0.5 * s}h0.01`).join(""),
  running: (s) => `M${0.5 * s} ${0.22 * s}v${0.56 * s}`,
  ready: (s) => `M${0.5 * s} ${0.26 * s}a${0.24 * s} ${0.24 * s} 0 1 1 -0.01 0`,
  available: (s) => `M${0.25 * s} ${0.52 * s}l${0.18 * s} ${0.18 * s}l${0.33 * s} ${-0.38 * s}`,
  terminating: (s) => `M${0.3 * s} ${0.3 * s}l${0.4 * s} ${0.4 * s}m0 ${-0.4 * s}l${-0.4 * s} ${0.4 * s}`,
  failed: (s) => `M${0.5 * s} ${0.24 * s}v${0.28 * s}M${0.5 * s} ${0.74 * s}h0.01`,
}

export class Figure {
  #host
  #onPod
  #svg
  #links
  #sets
  #box
  #more
  #sizes = new Map()
  #steps = new Map()
  #focus = null

  constructor(host, { onPod = () => {} } = {}) {
    this.#host = host
    this.#onPod = onPod
    this.#svg = svg("svg", { class: "figure", role: "group", "aria-label": t("The Deployment, its ReplicaSets and their pods") })
    this.#links = this.#svg.appendChild(svg("g", { class: "links" }))
    this.#box = this.#svg.appendChild(deploymentBox())
    this.#sets = this.#svg.appendChild(svg("g", { class: "sets" }))
    this.#more = this.#svg.appendChild(svg("text", { class: "more" }))
    host.append(this.#svg)
    this.#svg.addEventListener("keydown", (event) => this.#move(event))
    this.#svg.addEventListener("click", (event) => this.#open(event.target))
  }

  draw(cluster, deployment) {
    const width = Math.max(this.#host.clientWidth, 320)
    const all = cluster.replicasetsOf(deployment)
    const groups = cluster.podsByOwner()
    const newest = newReplicaSet(deployment, all)
    const { shown, hidden } = chooseShown(all, groups, newest)
    this.#noteSteps(all)
    const places = layOut(shown, groups, width)
    drawBox(this.#box, deployment, width)
    this.#join(shown, places, groups, { deployment, newest, now: cluster.now() })
    this.#drawLinks(shown, places, width)
    const height = Math.max(SETS_TOP, ...[...places.values()].map((each) => each.y + each.height)) + (hidden ? 34 : 14)
    set(this.#more, { x: width / 2, y: height - 8 })
    write(this.#more, hidden ? t("+%(count)s older revisions without pods", { count: hidden }) : "")
    set(this.#svg, { width, height, viewBox: `0 0 ${width} ${height}` })
    set(this.#svg, { class: cluster.pods.size > MOST_STILL_MOVING ? "figure still" : "figure" })
  }

  #noteSteps(replicasets) {
    const living = new Set(replicasets.map((each) => each.uid))
    for (const uid of this.#sizes.keys()) if (!living.has(uid)) this.#sizes.delete(uid)
    for (const { uid, replicas } of replicasets) {
      const before = this.#sizes.get(uid)
      if (before !== undefined && before !== replicas) {
        const text = replicas > before ? t("scale up to %(count)s", { count: replicas }) : t("scale down to %(count)s", { count: replicas })
        this.#steps.set(uid, { text, until: performance.now() + STEP_SHOWN_MS })
      }
      this.#sizes.set(uid, replicas)
    }
  }

  #join(shown, places, groups, context) {
    const present = new Set(shown.map((each) => each.uid))
    for (const node of [...this.#sets.children]) if (!present.has(node.dataset.uid)) node.remove()
    for (const each of shown) {
      const node = find(this.#sets, each.uid) ?? this.#sets.appendChild(setNode(each))
      drawSet(node, each, places.get(each.uid), groups.get(each.uid) ?? [], context)
    }
    if (!this.#focus?.isConnected) {
      this.#focus = this.#sets.querySelector(".pod")
      this.#focus?.setAttribute("tabindex", "0")
    }
  }

  #drawLinks(shown, places, width) {
    const present = new Set(shown.map((each) => each.uid))
    for (const node of [...this.#links.children]) if (!present.has(node.dataset.uid)) node.remove()
    for (const each of shown) {
      const node = find(this.#links, each.uid) ?? this.#links.appendChild(linkNode(each.uid))
      const step = this.#steps.get(each.uid)
      const active = step && step.until > performance.now()
      drawLink(node, each, places.get(each.uid), width, active ? step.text : "")
    }
  }

  #open(target) {
    const pod = target.closest?.(".pod")
    if (pod) this.#onPod(pod.dataset.uid)
  }

  #move(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      return this.#open(event.target)
    }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (!step) return
    const cells = [...this.#sets.querySelectorAll(".pod")]
    const next = cells[(cells.indexOf(this.#focus) + step + cells.length) % cells.length]
    this.#focus?.setAttribute("tabindex", "-1")
    next?.setAttribute("tabindex", "0")
    next?.focus()
    this.#focus = next
    event.preventDefault()
  }
}

// ReplicaSets with pods, the newest, and the newest few that are empty; the rest is counted.
function chooseShown(all, groups, newest) {
  const busy = (each) => each.replicas > 0 || groups.get(each.uid)?.length || each === newest
  const ghosts = all.filter((each) => !busy(each)).slice(-MOST_GHOSTS)
  const shown = all.filter((each) => busy(each) || ghosts.includes(each))
  return { shown, hidden: all.length - shown.length }
}

function layOut(shown, groups, width) {
  const narrow = width < NARROW
  const columns = narrow ? 1 : Math.min(Math.max(shown.length, 2), 4)
  const gap = 22
  const setWidth = (width - gap * (columns - 1) - 4) / columns
  const largest = Math.max(1, ...shown.map((each) => Math.max(each.replicas, alive(groups.get(each.uid)).length)))
  const size = CELL_SIZES.find(([most]) => largest <= most)[1]
  const places = new Map()
  let top = SETS_TOP
  for (let start = 0; start < shown.length; start += columns) {
    const row = shown.slice(start, start + columns)
    const heights = row.map((each) => setHeight(each, groups.get(each.uid) ?? [], setWidth, size))
    const indent = row.length < columns ? ((columns - row.length) * (setWidth + gap)) / 2 : 0
    row.forEach((each, place) => {
      const x = 2 + indent + place * (setWidth + gap)
      places.set(each.uid, { x, y: top, width: setWidth, height: Math.max(...heights), size })
    })
    top += Math.max(...heights) + 40
  }
  return places
}

function grid(size, width) {
  const pitch = size + (size > 30 ? 16 : size > 12 ? 5 : 2)
  const columns = Math.max(1, Math.floor((width - 32 + pitch - size) / pitch))
  const rowPitch = size > 30 ? size + 26 : pitch
  return { pitch, columns, rowPitch }
}

function setHeight(replicaset, pods, width, size) {
  const { columns, rowPitch } = grid(size, width)
  const slots = Math.max(replicaset.replicas, alive(pods).length)
  const dying = pods.length - alive(pods).length
  const rows = Math.ceil(slots / columns)
  const dyingRows = Math.ceil(dying / columns)
  return HEADER + Math.max(rows, replicaset.replicas ? 1 : 0) * rowPitch + (dying ? 34 + dyingRows * rowPitch : 0) + 16
}

function alive(pods = []) {
  return pods.filter((each) => each.deleted_at === null)
}

function deploymentBox() {
  const box = svg("g", { class: "deployment" })
  box.append(svg("rect", { rx: 12, width: BOX.width, height: BOX.height }), svg("text", { class: "title", y: 27 }), svg("text", { class: "counts", y: 47 }), svg("text", { class: "limits", y: 64 }))
  return box
}

function drawBox(box, deployment, width) {
  set(box, { transform: `translate(${(width - BOX.width) / 2} ${BOX.top})` })
  const { replicas, status } = deployment
  const limits = deployment.strategy === "Recreate" ? t("Recreate") : t("%(surge)s max surge, %(unavailable)s max unavailable", { surge: deployment.max_surge, unavailable: deployment.max_unavailable })
  const texts = [
    deployment.name,
    t("%(desired)s desired · %(updated)s updated · %(total)s total · %(available)s available", { desired: replicas, updated: status.updated_replicas, total: status.replicas, available: status.available_replicas }),
    limits,
  ]
  box.querySelectorAll("text").forEach((node, place) => {
    set(node, { x: BOX.width / 2 })
    write(node, texts[place])
  })
}

function setNode(replicaset) {
  const node = svg("g", { class: "replicaset" })
  node.dataset.uid = replicaset.uid
  node.append(svg("rect", { class: "frame", rx: 12 }), svg("rect", { class: "cap", rx: 2, height: 4 }))
  for (const name of ["name", "role", "image", "numbers", "note", "empty"]) node.append(svg("text", { class: name }))
  node.append(svg("line", { class: "rule" }), svg("g", { class: "slots" }), svg("g", { class: "pods" }))
  return node
}

function drawSet(node, replicaset, place, pods, { deployment, newest, now }) {
  const isNew = replicaset === newest
  const ghost = replicaset.replicas === 0 && pods.length === 0
  const { x, y, width, height, size } = place
  set(node, { class: `replicaset ${isNew ? "new" : "old"}${ghost ? " ghost" : ""} rev-${((replicaset.number - 1) % 6) + 1}` })
  set(node, { transform: `translate(${x} ${y})` })
  Object.assign(node.dataset, { name: replicaset.name, desired: replicaset.replicas, ready: replicaset.status.ready_replicas, revision: replicaset.revision })
  set(node.querySelector(".frame"), { width, height })
  set(node.querySelector(".cap"), { width: width - 24, x: 12 })
  const label = (name, attributes, text) => write(set(node.querySelector(`.${name}`), attributes) && node.querySelector(`.${name}`), text)
  label("name", { x: 16, y: 30 }, fit(replicaset.name, width - 32, 8.2))
  const role = isNew ? t("new · revision %(revision)s", replicaset) : t("old · revision %(revision)s", replicaset)
  label("role", { x: 16, y: 50 }, role)
  label("image", { x: width - 16, y: 50 }, fit(replicaset.containers.map((each) => each.image).join(", "), width - 160, 7.4))
  const { replicas, ready_replicas: ready } = replicaset.status
  label("numbers", { x: 16, y: 70 }, t("%(desired)s desired · %(current)s current · %(ready)s ready", { desired: replicaset.replicas, current: replicas, ready }))
  label("empty", { x: width / 2, y: HEADER + 14 }, ghost ? t("no pods; kept for undo") : "")
  drawPods(node, replicaset, place, pods, now)
}

function drawPods(node, replicaset, { width, size }, pods, now) {
  const { pitch, columns, rowPitch } = grid(size, width)
  const living = alive(pods)
  const dying = pods.filter((each) => each.deleted_at !== null)
  const slots = Math.max(replicaset.replicas, living.length)
  const rows = Math.max(Math.ceil(slots / columns), replicaset.replicas ? 1 : 0)
  const spot = (index, top) => ({ x: 16 + (index % columns) * pitch, y: top + Math.floor(index / columns) * rowPitch })
  drawSlots(node.querySelector(".slots"), living.length, replicaset.replicas, size, (index) => spot(index, HEADER))
  const dyingTop = HEADER + rows * rowPitch + 30
  set(node.querySelector(".rule"), { x1: 16, x2: width - 16, y1: dyingTop - 26, y2: dyingTop - 26, visibility: dying.length ? "visible" : "hidden" })
  write(set(node.querySelector(".note"), { x: 16, y: dyingTop - 10 }), dying.length ? fit(t("%(count)s terminating, not counted against the ceiling", { count: dying.length }), width - 32, 6.2) : "")
  const group = node.querySelector(".pods")
  const known = new Map([...group.children].map((each) => [each.dataset.uid, each]))
  const place = (pod, at) => {
    const cell = known.get(pod.uid) ?? group.appendChild(podNode(pod))
    known.delete(pod.uid)
    drawPod(cell, pod, at, size, stateOf(pod, replicaset.min_ready_seconds, now))
  }
  living.forEach((pod, index) => place(pod, spot(index, HEADER)))
  dying.forEach((pod, index) => place(pod, spot(index, dyingTop)))
  for (const gone of known.values()) gone.remove()
}

function drawSlots(group, taken, desired, size, spot) {
  const missing = Math.max(0, desired - taken)
  while (group.children.length > missing) group.lastChild.remove()
  while (group.children.length < missing) group.append(svg("rect", { class: "slot" }))
  ;[...group.children].forEach((node, index) => set(node, { ...spot(taken + index), width: size, height: size, rx: size / 5 }))
}

function podNode(pod) {
  const node = svg("g", { class: "pod", role: "button", tabindex: "-1" })
  node.dataset.uid = pod.uid
  node.dataset.name = pod.name
  node.append(svg("title"), svg("rect", { class: "cell" }), svg("path", { class: "mark" }), svg("text", { class: "suffix" }))
  return node
}

function drawPod(node, pod, { x, y }, size, state) {
  const words = `${pod.name}: ${pod.status}, ${t(WORDS[state])}${pod.node ? `, ${pod.node}` : ""}`
  if (node.dataset.state !== state) node.dataset.state = state
  const key = `${x} ${y} ${size} ${words}`
  if (node.drawn === key) return
  node.drawn = key
  set(node, { "aria-label": words })
  const [title, cell, mark, suffix] = node.children
  write(title, words)
  set(cell, { x, y, width: size, height: size, rx: size / 5 })
  set(mark, { d: size >= 11 ? shift(MARKS[state](size), x, y) : "", "stroke-width": Math.max(1.4, size / 14) })
  write(set(suffix, { x: x + size / 2, y: y + size + 14 }), size > 30 ? pod.name.slice(-5) : "")
}

const WORDS = { born: "not scheduled yet", waiting: "starting", running: "running, not ready", ready: "ready, not available yet", available: "available", terminating: "terminating", failed: "failing" }

function shift(path, x, y) {
  return path.replace(/M([\d.-]+) ([\d.-]+)/g, (_, px, py) => `M${+px + x} ${+py + y}`)
}

function linkNode(uid) {
  const node = svg("g", { class: "link" })
  node.dataset.uid = uid
  node.append(svg("path", { class: "arrow" }), svg("path", { class: "head" }), svg("g", { class: "step" }, svg("rect", { rx: 13, height: 26 }), svg("text", {})))
  return node
}

function drawLink(node, replicaset, place, width, text) {
  const from = { x: width / 2 + Math.max(-110, Math.min(110, (place.x + place.width / 2 - width / 2) / 3)), y: BOX.top + BOX.height }
  const to = { x: place.x + place.width / 2, y: place.y - 8 }
  set(node, { class: `link rev-${((replicaset.number - 1) % 6) + 1}${text ? " active" : ""}${replicaset.replicas ? "" : " ghost"}` })
  const first = place.y === SETS_TOP
  set(node.querySelector(".arrow"), { d: first ? `M${from.x} ${from.y}C${from.x} ${from.y + 38} ${to.x} ${to.y - 44} ${to.x} ${to.y}` : "" })
  set(node.querySelector(".head"), { d: `M${to.x - 6} ${to.y - 6}h12l-6 9z` })
  const [rect, label] = node.querySelector(".step").children
  const wide = text.length * 7.2 + 26
  const x = Math.min(Math.max(to.x, wide / 2 + 4), width - wide / 2 - 4)
  set(rect, { x: x - wide / 2, y: to.y - 34, width: wide })
  write(set(label, { x, y: to.y - 16.5 }), text)
}

function find(group, uid) {
  return [...group.children].find((each) => each.dataset.uid === uid)
}

// Cuts a text that is wider than its room; the whole is in the page's details.
function fit(text, room, letter) {
  const most = Math.max(4, Math.floor(room / letter))
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

export function legend() {
  const list = element("ul", { className: "legend" })
  for (const [state, words] of Object.entries(WORDS)) {
    const picture = svg("svg", { width: 18, height: 18, viewBox: "0 0 18 18", class: "rev-2" })
    const cell = svg("g", { class: "pod" }, svg("rect", { class: "cell", x: 1, y: 1, width: 16, height: 16, rx: 4 }), svg("path", { class: "mark", d: shift(MARKS[state](16), 1, 1), "stroke-width": 1.6 }))
    cell.dataset.state = state
    picture.append(cell)
    list.append(element("li", {}, picture, t(words)))
  }
  return list
}
