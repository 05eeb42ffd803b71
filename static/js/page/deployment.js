// The Deployment page: the stage on the left, acting and events on the right, revisions, recordings and conditions
// beneath.

import { Chart } from "../figure/chart.js"
import { Figure } from "../figure/figure.js"
import { FilmStrip } from "../figure/filmstrip.js"
import { legend, paintLegend } from "../figure/pods.js"
import { offerKeys } from "../lib/keys.js"
import { mark, write } from "../lib/nodes.js"
import { canEdit, deploymentPath } from "../lib/place.js"
import { get, post } from "../lib/requests.js"
import { t } from "../lib/words.js"
import { describe } from "../model/describe.js"
import { isComplete, newReplicaSet } from "../model/cluster.js"
import { commandOf } from "../model/edits.js"
import { LiveFilm } from "../model/livefilm.js"
import { stuckPod } from "../model/narration.js"
import { Prospect } from "../model/prospect.js"
import { Acting } from "../panels/acting.js"
import { Announcer } from "../panels/announcer.js"
import { Clock } from "../panels/clock.js"
import { kubectl } from "../panels/command.js"
import { showConditions, showEvents } from "../panels/events.js"
import { Forecast } from "../panels/forecast.js"
import { Narration } from "../panels/narration.js"
import { PodDetails } from "../panels/poddetails.js"
import { Recordings } from "../panels/recordings.js"
import { Revisions } from "../panels/revisions.js"
import { StepList } from "../panels/steplist.js"
import { follow } from "./live.js"
import { offerStage } from "./present.js"

const name = document.body.dataset.deployment
const LINGER_MS = 3000

const host = (id) => document.getElementById(id)
const details = new PodDetails(() => live.cluster)
const figure = new Figure(host("figure"), { onPod: (uid) => details.open(uid), onNext: canEdit ? typeImage : null })
const strip = new FilmStrip(host("strip"))
const chart = new Chart(host("chart"))
const steps = new StepList(host("steps"))
const narration = new Narration(host("narration"))
const forecast = new Forecast(name, {
  onChange: () => live.redraw(),
  now: () => live.cluster.now(),
  current: () => live.cluster.deploymentByName(name) ?? {},
})
const prospect = new Prospect({
  foresee,
  onChange: () => live.redraw(),
  isShown: () => document.visibilityState === "visible",
})
const acting = new Acting(name, forecast)
const revisions = new Revisions(name)
const recordings = new Recordings(name)
const announcer = new Announcer(host("announcer"))
const filming = new LiveFilm(name, {
  load: () => get(`${deploymentPath(name)}film/`),
  onChange: (loaded) => (loaded ? live.redraw() : setTimeout(live.redraw, LINGER_MS)), // asked again
})

let isLinkOpened = false
let edited = null // the Deployment as it was before the next edit

host("legend").append(legend())
const live = follow(draw)
const clock = new Clock(host("clock"), live.cluster)
live.cluster.addEventListener("change", ({ detail }) => {
  filming.add(live.cluster, detail.items)
  for (const each of detail.items) if (each.kind === "Deployment" && each.state.name === name) showCommand(each.state)
  for (const { kind, state } of detail.items) if (kind === "Say") showCaption(state.text)
  if (detail.items.some((each) => each.kind === "ReplicaSet" && each.verb !== "DELETED"))
    setTimeout(live.redraw, LINGER_MS)
})
new ResizeObserver(live.redraw).observe(host("figure"))
host("undo-call").addEventListener("click", () => document.querySelector("button[data-action=undo]").click())
host("pod-call").addEventListener("click", ({ target }) => details.open(target.dataset.uid))
host("event-filter").addEventListener("change", live.redraw)
offerStage(live.redraw)
offerKeys({ " ": () => clock.toggle(), ArrowRight: () => clock.step() })

// The next revision begins with another image.
function typeImage() {
  document.querySelector("#images input").focus()
  document.querySelector("#images input").select()
}

async function foresee() {
  return (await post(`${deploymentPath(name)}forecast/`, { action: "go-on", body: {} })).forecasts[0]
}

function draw(cluster) {
  const deployment = cluster.deploymentByName(name)
  edited ??= deployment
  if (!deployment) {
    if (cluster.rv) showGone()
    return
  }
  delete host("stage").dataset.gone
  const replicasets = cluster.replicasetsOf(deployment)
  const state = describe(deployment, cluster)
  figure.draw(cluster, deployment, state.tone)
  drawFilm(cluster, deployment, state.tone)
  drawHappened(cluster, deployment)
  showConditions(cluster, deployment)
  showState(state)
  offerUndo(deployment, replicasets, state.tone)
  offerPod(stuckPod(deployment, cluster))
  paintLegend(host("legend"), newReplicaSet(deployment, replicasets)?.number ?? 1)
  acting.draw(deployment, replicasets)
  openLink()
  revisions.draw(deployment, replicasets, cluster.now())
  recordings.draw(deployment.revision, cluster.now())
  details.draw(cluster)
  clock.draw()
}

// A forecast's link: once, when there is something to fill in.
function openLink() {
  if (isLinkOpened) return
  isLinkOpened = true
  const asked = forecast.opened()
  if (asked) acting.offer(asked)
}

function drawFilm(cluster, deployment, tone) {
  const film = filming.at(cluster, deployment)
  if (!film) return
  const now = cluster.now()
  const ahead = prospect.look(film, deployment, now)
  strip.draw(film, { coming: forecast.frames(film) ?? ahead.coming })
  chart.draw(film, now, { from: forecast.shownFrom(film, now), forecast: forecast.points(film) ?? ahead.points })
  narration.draw(film, deployment, cluster, tone)
  steps.draw(film, film.frames.length - 1)
  announcer.follow(film, deployment)
}

// The steps of the rollout with their why, or events as kubectl shows them: those are combined and limited.
function drawHappened(cluster, deployment) {
  const which = host("event-filter").value
  host("steps").hidden = which !== "steps"
  host("events").hidden = which === "steps"
  if (which !== "steps") showEvents(cluster, deployment, which)
}

// Where a rollout fails, the way back is offered on the stage.
function offerUndo(deployment, replicasets, tone) {
  const isPossible = canEdit && !deployment.paused && replicasets.length > 1 && !isComplete(deployment)
  host("undo-call").hidden = tone !== "bad" || !isPossible
}

function offerPod(pod) {
  host("pod-call").hidden = !pod
  mark(host("pod-call"), { uid: pod?.uid ?? "" })
}

// The last picture stays, faint.
function showGone() {
  host("stage").dataset.gone = ""
  showState({ tone: "bad", text: t("Deleted") })
  narration.write({
    lead: t("The Deployment was deleted."),
    why: t(
      "Its ReplicaSets and pods are deleted too; its recorded rollouts stay for as long as the journal keeps them.",
    ),
    now: "",
  })
  acting.gone()
}

// What a story says to its audience stays until it says something else.
function showCaption(text) {
  host("caption").hidden = false
  write(host("caption"), text)
}

// On the stage: what the last edit is in kubectl's words.
function showCommand(state) {
  const text = commandOf(edited, state, kubectl)
  edited = state
  if (!text) return
  host("stage-command").hidden = false
  write(host("stage-command").firstChild, text)
}

// The title of the page tells it too.
function showState({ tone, text }) {
  const chip = host("state")
  chip.hidden = false
  chip.dataset.tone = tone
  write(chip, text)
  const title = `${text} · ${name} · Rollstage`
  if (document.title !== title) document.title = title
  announcer.state({ tone, text })
}
