// Figure 3.8 alive: the Deployment above, its ReplicaSets beneath, pods as cells. SVG by keyed join: a node carries its
// uid.

import { set, svg, write } from "../lib/nodes.js"
import { isPresented } from "../lib/stage.js"
import { zoom } from "../lib/type.js"
import { t, tn } from "../lib/words.js"
import { isOutdated, limitsOf, newReplicaSet } from "../model/cluster.js"
import { shortImages } from "../model/images.js"
import { noteOf } from "../model/narration.js"
import { Steps } from "../model/steps.js"
import { PodFocus } from "./focus.js"
import { chooseShown, crowdUnit, layOut, Rooms } from "./layout.js"
import { drawLink, drawNextLink, linkNode } from "./links.js"
import { deploymentBox, drawDeployment, drawNext, drawSet, nextSet, setNode } from "./sets.js"

const MOST_STILL_MOVING = 2000
const NARROWEST = 280

export class Figure {
  #host
  #svg
  #links
  #sets
  #box
  #more
  #next
  #nextLink
  #rooms = new Rooms()
  #steps = new Steps()
  #focus
  #width = 0

  // `onPod(uid)`: a pod was chosen; `onNext()`: the place of the next revision was.
  constructor(host, { onPod = () => {}, onNext = null } = {}) {
    this.#host = host
    this.#svg = svg("svg", {
      class: "figure",
      role: "group",
      "aria-label": t("The Deployment, its ReplicaSets and their pods"),
    })
    this.#nextLink = this.#svg.appendChild(linkNode(""))
    this.#links = this.#svg.appendChild(svg("g", { class: "links" }))
    this.#box = this.#svg.appendChild(deploymentBox())
    this.#next = this.#svg.appendChild(nextSet())
    if (onNext) this.#offerNext(onNext)
    this.#sets = this.#svg.appendChild(svg("g", { class: "sets" }))
    this.#more = this.#svg.appendChild(svg("text", { class: "more" }))
    host.append(this.#svg)
    this.#focus = new PodFocus(this.#svg, onPod)
  }

  draw(cluster, deployment, tone = "") {
    const scale = zoom()
    const width = Math.max(Math.round(this.#host.clientWidth / scale), NARROWEST)
    const { shown, hidden } = chooseShown(this.#setsOf(cluster, deployment))
    const pods = shown.reduce((sum, each) => sum + each.pods.length, 0)
    const crowd = crowdUnit(shown)
    const foot = hidden ? 30 : 6
    const room = isPresented() ? this.#host.clientHeight / scale : 0
    const { places, next, bottom } = layOut(shown, width, crowd, room && room - foot)
    const isStill = pods > MOST_STILL_MOVING || width !== this.#width
    const how = { now: cluster.now(), crowd, isFirst: !this.#width, isStill }
    this.#width = width
    drawDeployment(this.#box, deployment, width, tone)
    drawNext(this.#next, next)
    drawNextLink(this.#nextLink, next, width)
    this.#join(this.#sets, shown, setNode, (node, each) => drawSet(node, each, places.get(each.replicaset.uid), how))
    this.#join(
      this.#links,
      shown,
      ({ replicaset }) => linkNode(replicaset.uid),
      (node, { replicaset }) =>
        drawLink(node, replicaset, places.get(replicaset.uid), width, this.#steps.textOf(replicaset.uid)),
    )
    this.#focus.keep()
    const height = bottom + foot
    write(
      set(this.#more, { x: width / 2, y: height - 6 }),
      hidden ? tn("+%(count)s older revision without pods", "+%(count)s older revisions without pods", hidden) : "",
    )
    set(this.#svg, {
      width: width * scale,
      height: Math.min(height, room || height) * scale,
      viewBox: `0 0 ${width} ${height}`,
      class: pods > MOST_STILL_MOVING ? "figure still" : "figure",
    })
  }

  // Each ReplicaSet with its pods: {replicaset, pods, living, dying, isNew, room, note}.
  #setsOf(cluster, deployment) {
    const replicasets = cluster.replicasetsOf(deployment)
    const newest = newReplicaSet(deployment, replicasets)
    this.#steps.note(replicasets)
    const sets = replicasets.map((replicaset) => {
      const pods = cluster.podsOf(replicaset)
      const living = pods.filter((each) => each.deleted_at === null)
      return {
        replicaset,
        pods,
        living,
        dying: pods.filter((each) => each.deleted_at !== null),
        isNew: replicaset === newest && !isOutdated(deployment, replicaset),
        images: shortImages(replicaset.containers, counterpart(replicaset, newest, replicasets)?.containers),
        note: noteOf(replicaset, living, cluster.now()),
      }
    })
    const settled = sets.every(
      ({ replicaset, living, dying, isNew }) =>
        !dying.length && living.length === replicaset.replicas && (isNew || !replicaset.replicas),
    )
    const limits = { desired: deployment.replicas, ceiling: limitsOf(deployment).ceiling }
    for (const each of sets) each.room = this.#rooms.take(each, limits, settled)
    return sets.sort((one, two) => one.isNew - two.isNew || one.replicaset.revision - two.replicaset.revision)
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

  #offerNext(onNext) {
    set(this.#next, { role: "button", tabindex: "0", class: "next offered" })
    this.#next.addEventListener("click", onNext)
    this.#next.addEventListener("keydown", ({ key }) => ["Enter", " "].includes(key) && onNext())
  }
}

// Whose template a ReplicaSet's is compared with: the newest's, and for that the newest of the others.
function counterpart(replicaset, newest, replicasets) {
  if (replicaset !== newest) return newest
  const others = replicasets.filter((each) => each !== newest)
  return others.findLast((each) => each.status.replicas) ?? others.at(-1)
}
