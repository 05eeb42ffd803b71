// A ReplicaSet's box in the figure, and the Deployment's above them.

import { hue, mark, set, svg, write } from "../lib/nodes.js"
import { fit, textWidth } from "../lib/type.js"
import { t } from "../lib/words.js"
import { wholeImages } from "../model/images.js"
import { drawCrowd, emptyCrowd } from "./crowd.js"
import { BOX, HEADER, isGhost } from "./layout.js"
import { glide } from "./motion.js"
import { drawPods, emptyPods } from "./pods.js"

const FONTS = {
  name: "700 13px mono",
  role: "650 12.5px sans",
  image: "12.5px mono",
  numbers: "12.5px sans",
  title: "700 15px sans",
  counts: "12.5px sans",
  limits: "11.5px mono",
}
const PAD = 16

export function deploymentBox() {
  return svg(
    "svg",
    { class: "deployment", height: BOX.height, y: BOX.top },
    svg("rect", { rx: 13, height: BOX.height }),
    svg("text", { class: "title", y: 28 }),
    svg("text", { class: "counts", y: 49 }),
    svg("text", { class: "limits", y: 67 }),
  )
}

export function drawDeployment(box, deployment, width, tone) {
  const { replicas, status, strategy, max_surge: surge, max_unavailable: unavailable } = deployment
  const texts = [
    deployment.name,
    t("%(desired)s desired · %(updated)s updated · %(total)s total · %(available)s available", {
      desired: replicas,
      updated: status.updated_replicas,
      total: status.replicas,
      available: status.available_replicas,
    }),
    strategy === "Recreate"
      ? t("Recreate")
      : t("%(surge)s max surge, %(unavailable)s max unavailable", { surge, unavailable }),
  ]
  const fonts = [FONTS.title, FONTS.counts, FONTS.limits]
  const wide = Math.min(
    Math.max(BOX.width, ...texts.map((text, place) => textWidth(text, fonts[place]) + 36)),
    width - 4,
  )
  mark(set(box, { x: (width - wide) / 2, width: wide }), { tone })
  set(box.querySelector("rect"), { width: wide })
  box
    .querySelectorAll("text")
    .forEach((node, place) => write(set(node, { x: wide / 2 }), fit(texts[place], wide - 14, fonts[place])))
}

export function setNode({ replicaset }) {
  const node = svg("svg", { class: "replicaset" })
  node.dataset.uid = replicaset.uid
  node.append(
    svg("title"),
    svg("rect", { class: "frame", rx: 13 }),
    svg("rect", { class: "cap", rx: 2, height: 4, x: 13 }),
  )
  for (const name of ["name", "role", "image", "numbers", "note", "empty"]) node.append(svg("text", { class: name }))
  node.append(
    svg("line", { class: "rule" }),
    svg("g", { class: "slots" }),
    svg("g", { class: "pods" }),
    svg("g", { class: "crowd" }),
  )
  return node
}

// `how`: {now, crowd: pods in a cell or 0, isFirst, isStill}.
export function drawSet(node, each, place, how) {
  const { replicaset, isNew } = each
  const ghost = isGhost(each)
  set(node, {
    class: `replicaset ${isNew ? "new" : "old"}${ghost ? " ghost" : ""} ${hue(replicaset.number)}`,
    width: place.width,
    height: place.height,
  })
  glide(node, { x: place.x, y: place.y }, how.isStill ? place : node.stands)
  mark(node, {
    name: replicaset.name,
    desired: replicaset.replicas,
    ready: replicaset.status.ready_replicas,
    revision: replicaset.revision,
  })
  write(node.firstChild, `${replicaset.name}: ${wholeImages(replicaset.containers)}`)
  set(node.querySelector(".frame"), { width: place.width, height: place.height })
  set(node.querySelector(".cap"), { width: place.width - 26 })
  drawWords(node, each, place, ghost)
  if (how.crowd) {
    emptyPods(node)
    drawCrowd(node, each, place, how.crowd, how.now)
  } else {
    emptyCrowd(node)
    drawPods(node, each, place, how)
  }
}

// Two lines, a text at each end: the name and its role, the image and the counts. What finds no room is shortened.
function drawWords(node, { replicaset, isNew, images }, { width, height }, ghost) {
  const room = width - 2 * PAD
  const role = isNew ? t("new · revision %(revision)s", replicaset) : t("old · revision %(revision)s", replicaset)
  const { replicas: current, ready_replicas: ready } = replicaset.status
  const counts = { desired: replicaset.replicas, current, ready }
  const numbers = firstThatFits(
    [
      t("%(desired)s desired · %(current)s current · %(ready)s ready", counts),
      t("%(ready)s/%(desired)s ready", counts),
    ],
    room * 0.62,
    FONTS.numbers,
  )
  const ends = (left, right, y) => {
    const wide = textWidth(right[1], FONTS[right[0]])
    write(set(node.querySelector(`.${right[0]}`), { x: width - PAD, y }), right[1])
    write(set(node.querySelector(`.${left[0]}`), { x: PAD, y }), fit(left[1], room - wide - 12, FONTS[left[0]]))
  }
  ends(["name", replicaset.name], ["role", firstThatFits([role, role.split(" · ")[0]], room * 0.45, FONTS.role)], 31)
  ends(["image", images], ["numbers", ghost ? "" : numbers], 54)
  write(
    set(node.querySelector(".empty"), { x: width / 2, y: HEADER + (height - HEADER) / 2 + 2 }),
    ghost ? (isNew ? t("no pods: scaled to 0") : t("no pods; kept for undo")) : "",
  )
}

function firstThatFits(texts, room, font) {
  return texts.find((each) => textWidth(each, font) <= room) ?? texts.at(-1)
}

// Where the next revision's ReplicaSet will stand, while there is only one.
export function nextSet() {
  return svg(
    "g",
    { class: "next" },
    svg("rect", { rx: 13 }),
    svg("text", { class: "lead" }),
    svg("text", { class: "line" }),
  )
}

export function drawNext(node, place) {
  set(node, { visibility: place ? "visible" : "hidden" })
  if (!place) return
  const { x, y, width, height } = place
  set(node.firstChild, { x, y, width, height })
  const middle = y + height / 2
  write(set(node.querySelector(".lead"), { x: x + width / 2, y: middle - 6 }), t("The next revision"))
  write(
    set(node.querySelector(".line"), { x: x + width / 2, y: middle + 14 }),
    fit(t("Another image makes a second ReplicaSet here."), width - 24, FONTS.numbers),
  )
}
