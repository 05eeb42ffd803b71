// Figure 3.8 alive: the Deployment above, its ReplicaSets beneath, pods as cells. SVG by keyed join: a node carries its uid.

import { newReplicaSet } from "./cluster.js"
import { drawCrowd, emptyCrowd } from "./crowd.js"
import { hue, mark, set, svg, t, write } from "./format.js"
import { BOX, chooseShown, HEADER, isGhost, layOut, MOST_CELLS, Rooms, SETS_TOP } from "./layout.js"
import { drawLink, linkNode, Steps } from "./links.js"
import { drawPods, emptyPods, fit } from "./pods.js"

const MOST_STILL_MOVING = 2000
const NARROWEST = 320
const NARROWEST_IMAGE = 60

export class Figure {
  #host
  #onPod
  #svg
  #links
  #sets
  #box
  #more
  #rooms = new Rooms()
  #steps = new Steps()
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
    const width = Math.max(this.#host.clientWidth, NARROWEST)
    const { shown, hidden } = chooseShown(this.#setsOf(cluster, deployment))
    const pods = shown.reduce((sum, each) => sum + each.pods.length, 0)
    const crowd = pods > MOST_CELLS
    const places = layOut(shown, width, crowd)
    drawBox(this.#box, deployment, width)
    this.#join(this.#sets, shown, setNode, (node, each) => drawSet(node, each, places.get(each.replicaset.uid), cluster.now(), crowd))
    this.#join(this.#links, shown, ({ replicaset }) => linkNode(replicaset.uid), (node, { replicaset }) => drawLink(node, replicaset, places.get(replicaset.uid), width, this.#steps.textOf(replicaset.uid)))
    this.#keepFocus()
    const height = Math.max(SETS_TOP, ...[...places.values()].map((each) => each.y + each.height)) + (hidden ? 34 : 14)
    write(set(this.#more, { x: width / 2, y: height - 8 }), hidden ? t("+%(count)s older revisions without pods", { count: hidden }) : "")
    set(this.#svg, { width, height, viewBox: `0 0 ${width} ${height}`, class: pods > MOST_STILL_MOVING ? "figure still" : "figure" })
  }

  // Each ReplicaSet with its pods: {replicaset, pods, living, dying, isNew, room}.
  #setsOf(cluster, deployment) {
    const replicasets = cluster.replicasetsOf(deployment)
    const newest = newReplicaSet(deployment, replicasets)
    this.#steps.note(replicasets)
    const sets = replicasets.map((replicaset) => {
      const pods = cluster.podsOf(replicaset)
      const living = pods.filter((each) => each.deleted_at === null)
      return { replicaset, pods, living, dying: pods.filter((each) => each.deleted_at !== null), isNew: replicaset === newest }
    })
    const settled = sets.every(({ replicaset, living, dying, isNew }) => !dying.length && living.length === replicaset.replicas && (isNew || !replicaset.replicas))
    for (const each of sets) each.room = this.#rooms.take(each, deployment.replicas, settled)
    return sets
  }

  #join(group, shown, make, draw) {
    const known = new Map([...group.children].map((each) => [each.dataset.uid, each]))
    for (const each of shown) {
      const { uid } = each.replicaset
      const node = known.get(uid) ?? group.appendChild(make(each))
      known.delete(uid)
      draw(node, each)
    }
    for (const gone of known.values()) gone.remove()
  }

  #keepFocus() {
    if (this.#focus?.isConnected) return
    this.#focus = this.#sets.querySelector(".pod[role]")
    this.#focus?.setAttribute("tabindex", "0")
  }

  #open(target) {
    const pod = target.closest?.(".pod[role]")
    if (pod) this.#onPod(pod.dataset.uid)
  }

  // Arrow keys go to the nearest cell in that direction, Enter opens it.
  #move(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      return this.#open(event.target)
    }
    const direction = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key]
    if (!direction || !event.target.matches(".pod[role]")) return undefined
    event.preventDefault()
    const next = nearest(event.target, [...this.#sets.querySelectorAll(".pod[role]")], direction)
    if (!next) return undefined
    this.#focus?.setAttribute("tabindex", "-1")
    this.#focus = next
    next.setAttribute("tabindex", "0")
    next.focus()
    return undefined
  }
}

function nearest(from, cells, [dx, dy]) {
  const centre = (node) => {
    const { x, y, width, height } = node.querySelector(".cell").getBoundingClientRect()
    return [x + width / 2, y + height / 2]
  }
  const [x, y] = centre(from)
  let best = null
  let shortest = Infinity
  for (const cell of cells) {
    if (cell === from) continue
    const [cx, cy] = centre(cell)
    const along = (cx - x) * dx + (cy - y) * dy
    const aside = Math.abs((cx - x) * dy) + Math.abs((cy - y) * dx)
    if (along > 1 && along + 3 * aside < shortest) {
      best = cell
      shortest = along + 3 * aside
    }
  }
  return best
}

function deploymentBox() {
  return svg("g", { class: "deployment" }, svg("rect", { rx: 12, width: BOX.width, height: BOX.height }), svg("text", { class: "title", y: 27 }), svg("text", { class: "counts", y: 47 }), svg("text", { class: "limits", y: 64 }))
}

function drawBox(box, deployment, width) {
  const { replicas, status, strategy, max_surge: surge, max_unavailable: unavailable } = deployment
  const texts = [
    deployment.name,
    t("%(desired)s desired · %(updated)s updated · %(total)s total · %(available)s available", { desired: replicas, updated: status.updated_replicas, total: status.replicas, available: status.available_replicas }),
    strategy === "Recreate" ? t("Recreate") : t("%(surge)s max surge, %(unavailable)s max unavailable", { surge, unavailable }),
  ]
  const wide = Math.min(Math.max(BOX.width, texts[1].length * BOX.letter + 24), width - 8)
  set(box, { transform: `translate(${(width - wide) / 2} ${BOX.top})` })
  set(box.querySelector("rect"), { width: wide })
  const letters = [8.4, BOX.letter, BOX.letter]
  box.querySelectorAll("text").forEach((node, place) => write(set(node, { x: wide / 2 }), fit(texts[place], wide - 12, letters[place])))
}

function setNode({ replicaset }) {
  const node = svg("g", { class: "replicaset" })
  node.dataset.uid = replicaset.uid
  node.append(svg("rect", { class: "frame", rx: 12 }), svg("rect", { class: "cap", rx: 2, height: 4 }))
  for (const name of ["name", "role", "image", "numbers", "note", "empty"]) node.append(svg("text", { class: name }))
  node.append(svg("line", { class: "rule" }), svg("g", { class: "slots" }), svg("g", { class: "pods" }), svg("g", { class: "crowd" }))
  return node
}

function drawSet(node, each, place, now, crowd) {
  const { replicaset, isNew } = each
  const ghost = isGhost(each)
  set(node, { class: `replicaset ${isNew ? "new" : "old"}${ghost ? " ghost" : ""} ${hue(replicaset.number)}`, transform: `translate(${place.x} ${place.y})` })
  mark(node, { name: replicaset.name, desired: replicaset.replicas, ready: replicaset.status.ready_replicas, revision: replicaset.revision })
  set(node.querySelector(".frame"), { width: place.width, height: place.height })
  set(node.querySelector(".cap"), { width: place.width - 24, x: 12 })
  drawWords(node, each, place.width, ghost)
  if (crowd) {
    emptyPods(node)
    drawCrowd(node, each, place, now)
  } else {
    emptyCrowd(node)
    drawPods(node, each, place, now)
  }
}

function drawWords(node, { replicaset, isNew }, width, ghost) {
  const label = (name, attributes, text) => write(set(node.querySelector(`.${name}`), attributes), text)
  const { replicas: current, ready_replicas: ready } = replicaset.status
  const role = isNew ? t("new · revision %(revision)s", replicaset) : t("old · revision %(revision)s", replicaset)
  label("name", { x: 16, y: 30 }, fit(replicaset.name, width - 32, 8.2))
  label("role", { x: 16, y: 50 }, role)
  const room = width - 40 - role.length * 7
  const images = replicaset.containers.map((each) => each.image).join(", ")
  label("image", { x: width - 16, y: 50 }, room > NARROWEST_IMAGE ? fit(images, room, 7.4) : "")
  const counts = { desired: replicaset.replicas, current, ready }
  const whole = t("%(desired)s desired · %(current)s current · %(ready)s ready", counts)
  label("numbers", { x: 16, y: 70 }, whole.length * 6.7 < width - 24 ? whole : t("%(ready)s/%(desired)s ready", counts))
  label("empty", { x: width / 2, y: HEADER + 12 }, ghost ? t("no pods; kept for undo") : "")
}
