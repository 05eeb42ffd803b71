// The Deployment page: figure, strip and chart on the left; acting, events, revisions and conditions on the right.

import { Acting } from "./acting.js"
import { Announcer } from "./announcer.js"
import { Chart } from "./chart.js"
import { Clock } from "./clock.js"
import { newReplicaSet } from "./cluster.js"
import { showConditions, showEvents } from "./events.js"
import { Figure } from "./figure.js"
import { Film } from "./film.js"
import { FilmStrip } from "./filmstrip.js"
import { t, write } from "./format.js"
import { describe, follow } from "./live.js"
import { PodDetails } from "./poddetails.js"
import { legend } from "./pods.js"
import { get } from "./requests.js"
import { Revisions } from "./revisions.js"

const name = document.body.dataset.deployment
const LINGER_MS = 3000

const host = (id) => document.getElementById(id)
const details = new PodDetails(() => live.cluster)
const figure = new Figure(host("figure"), { onPod: (uid) => details.open(uid) })
const strip = new FilmStrip(host("strip"))
const chart = new Chart(host("chart"))
const acting = new Acting(name)
const revisions = new Revisions(name)
const announcer = new Announcer(host("announcer"))
let film = null
let filmRevision = null
let filmPending = false
let waitingItems = []

host("legend").append(legend())
const live = follow(draw)
const clock = new Clock(host("clock"), live.cluster)
live.cluster.addEventListener("change", ({ detail }) => {
  waitingItems.push(...detail.items)
  if (!detail.items.length) film = null
  for (const { kind, state } of detail.items) if (kind === "Say") showCaption(state.text)
  if (detail.items.some((each) => each.kind === "ReplicaSet" && each.verb !== "DELETED")) setTimeout(live.redraw, LINGER_MS)
})
addEventListener("resize", live.redraw)
host("event-filter").addEventListener("change", live.redraw)

function draw(cluster) {
  const deployment = cluster.deploymentByName(name)
  if (!deployment) {
    if (cluster.rv) showState({ tone: "bad", text: t("Deleted") })
    return
  }
  const replicasets = cluster.replicasetsOf(deployment)
  figure.draw(cluster, deployment)
  drawFilm(cluster, deployment)
  showEvents(cluster, deployment, host("event-filter").value)
  showConditions(cluster, deployment)
  showState(describe(deployment, cluster))
  acting.draw(deployment, replicasets)
  revisions.draw(deployment, replicasets)
  details.draw(cluster)
  clock.draw()
}

// The film is loaded when the page opens and when a new revision begins; live changes lengthen it.
function drawFilm(cluster, deployment) {
  const newest = newReplicaSet(deployment, cluster.replicasetsOf(deployment))
  const revision = `${newest?.uid} ${newest?.revision}`
  if (!film || revision !== filmRevision) return loadFilm(revision)
  film.add(waitingItems.filter((each) => belongs(cluster, deployment, each)))
  waitingItems = []
  if (film.isCut) film.adopt(cluster.familyOf(deployment), cluster.now(), cluster.rv)
  film.tick(cluster.now())
  strip.draw(film)
  chart.draw(film, cluster.now())
  announcer.follow(film, deployment)
}

async function loadFilm(revision) {
  if (filmPending) return
  filmPending = true
  try {
    film = new Film(await get(`deployments/${encodeURIComponent(name)}/film/`))
    filmRevision = revision
  } finally {
    filmPending = false
    live.redraw()
  }
}

function belongs(cluster, deployment, { kind, state }) {
  if (kind === "Deployment") return state.uid === deployment.uid
  if (kind === "ReplicaSet") return state.owner_uid === deployment.uid
  if (kind !== "Pod") return false
  const owner = cluster.replicasets.get(state.owner_uid)
  return owner ? owner.owner_uid === deployment.uid : state.name.startsWith(`${deployment.name}-`)
}

// What a story says to its audience stays until it says something else.
function showCaption(text) {
  host("caption").hidden = false
  write(host("caption"), text)
}

function showState({ tone, text }) {
  const chip = host("state")
  chip.hidden = false
  chip.dataset.tone = tone
  write(chip, text)
  announcer.state(text)
}
