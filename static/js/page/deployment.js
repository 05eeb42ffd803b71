// The Deployment page: the stage on the left, acting and events on the right, revisions, recordings and conditions
// beneath.

import { Chart } from "../figure/chart.js"
import { FilmStrip } from "../figure/filmstrip.js"
import { legend, paintLegend } from "../figure/pods.js"
import { Views } from "../figure/views.js"
import { offerKeys } from "../lib/keys.js"
import { mark, write } from "../lib/nodes.js"
import { NodesSocket } from "../lib/nodessocket.js"
import { address, canEdit, deploymentPath } from "../lib/place.js"
import { get, post } from "../lib/requests.js"
import { isLost } from "../lib/stage.js"
import { t } from "../lib/words.js"
import { describe } from "../model/describe.js"
import { isComplete, newReplicaSet } from "../model/cluster.js"
import { commandOf } from "../model/edits.js"
import { LiveFilm } from "../model/livefilm.js"
import { LiveLane } from "../model/livelane.js"
import { stuckPod } from "../model/narration.js"
import { Nodes } from "../model/nodes.js"
import { Prospect } from "../model/prospect.js"
import { inLanguage } from "../model/spoken.js"
import { withAnswer } from "../model/verdict.js"
import { Acting } from "../panels/acting.js"
import { Announcer } from "../panels/announcer.js"
import { Clock } from "../panels/clock.js"
import { kubectl } from "../panels/command.js"
import { showConditions, showEvents } from "../panels/events.js"
import { Forecast } from "../panels/forecast.js"
import { Narration } from "../panels/narration.js"
import { offerPalette } from "../panels/palette.js"
import { PodDetails } from "../panels/poddetails.js"
import { Recordings } from "../panels/recordings.js"
import { Revisions } from "../panels/revisions.js"
import { StepList } from "../panels/steplist.js"
import { StoryBar } from "../panels/storybar.js"
import { offerTerms } from "../panels/terms.js"
import { Tour } from "../panels/tour.js"
import { Traffic } from "../panels/traffic.js"
import { follow } from "./live.js"
import { offerStage } from "./present.js"

const name = document.body.dataset.deployment
const LINGER_MS = 3000

const host = (id) => document.getElementById(id)
const details = new PodDetails(() => live.cluster)
const nodes = new Nodes()
const nodesSocket = new NodesSocket(name, (frame) => {
  nodes.take(frame)
  live.redraw()
})
const strip = new FilmStrip(host("strip"))
const chart = new Chart(host("chart"))
const steps = new StepList(host("steps"))
const narration = new Narration(host("narration"))
const traffic = new Traffic(host("traffic"), () => {
  forecast.again()
  live.redraw()
})
const forecast = new Forecast(name, {
  traffic,
  onChange: () => live.redraw(),
  now: () => live.cluster.now(),
  current: () => live.cluster.deploymentByName(name) ?? {},
})
const prospect = new Prospect({
  foresee,
  onChange: () => live.redraw(),
  isShown: isLookedAt,
})
const lane = new LiveLane({
  load: (model) => get(`${deploymentPath(name)}traffic/?${new URLSearchParams(model)}`),
  onChange: () => live.redraw(),
  isShown: isLookedAt,
})
const acting = new Acting(name, forecast)
const revisions = new Revisions(name)
const recordings = new Recordings(name)
const tour = new Tour()
const announcer = new Announcer(host("announcer"))
const filming = new LiveFilm(name, {
  load: () => get(`${deploymentPath(name)}film/`),
  onChange: (loaded) => (loaded ? live.redraw() : setTimeout(live.redraw, LINGER_MS)), // asked again
})

let isLinkOpened = false
let edited = null // the Deployment as it was before the next edit

host("legend").append(legend())
const story = new StoryBar(host("story"))
const live = follow(draw)
const figure = new Views(host("figure"), {
  nodes,
  onPod: (uid) => details.open(uid),
  onNext: canEdit ? typeImage : null,
  onView: (view) => {
    if (view === "nodes") nodesSocket.open()
    else nodesSocket.close()
    live.redraw()
  },
})
const clock = new Clock(host("clock"), live.cluster)
live.cluster.addEventListener("change", ({ detail }) => {
  filming.add(live.cluster, detail.items)
  for (const each of detail.items) if (each.kind === "Deployment" && each.state.name === name) showCommand(each.state)
  for (const { kind, state } of detail.items)
    if (kind === "Say") showCaption(inLanguage(state.translations, state.text))
  if (detail.items.some((each) => each.kind === "ReplicaSet" && each.verb !== "DELETED"))
    setTimeout(live.redraw, LINGER_MS)
})
const resizes = new ResizeObserver(live.redraw)
for (const id of ["figure", "chart"]) resizes.observe(host(id))
host("caption").querySelector("button").addEventListener("click", closeCaption)
host("undo-call").addEventListener("click", () => document.querySelector("button[data-action=undo]").click())
host("pod-call").addEventListener("click", ({ target }) => details.open(target.dataset.uid))
host("event-filter").addEventListener("change", live.redraw)
offerStage(live.redraw)
offerTerms()
const goOverview = () => location.assign(address())
const focusImage = () => host("images").querySelector("input")?.focus()
const focusReplicas = () => document.querySelector("form[data-action=scale] input").focus()
const openPalette = offerPalette(commands)
offerKeys({
  " ": () => clock.toggle(),
  ArrowRight: () => clock.step(),
  "g o": goOverview,
  i: focusImage,
  s: focusReplicas,
  u: () => press("undo"),
  e: () => press("edit"),
  ":": openPalette,
})

// What the palette offers: the buttons of the page as they are now.
function commands() {
  const buttons = [...document.querySelectorAll("#acting button[data-action]")]
  const ofStory = { name: t("Next step of the story"), keys: "n", run: () => story.press("next") }
  return [
    ...(story.isThere ? [ofStory] : []),
    { name: t("Set another image"), keys: "i", run: focusImage },
    { name: t("Scale"), keys: "s", run: focusReplicas },
    ...buttons
      .filter((each) => each.getAttribute("aria-disabled") !== "true")
      .map((each) => ({ name: each.textContent, run: () => each.click() })),
    { name: t("Pause or resume time"), keys: t("Space"), run: () => clock.toggle() },
    { name: t("Step to the next decision or event"), keys: "→", run: () => clock.step() },
    { name: t("Draw by node, or by ReplicaSet"), keys: "N", run: () => figure.toggle() },
    { name: t("Show the stage alone"), keys: "F", run: () => host("present").click() },
    { name: t("Go to the overview"), keys: "g o", run: goOverview },
    { name: t("Tour of the page"), run: () => tour.start() },
    { name: t("List of keys"), keys: "?", run: () => host("keys-dialog").showModal() },
  ]
}

function press(action) {
  document.querySelector(`#acting button[data-action=${action}]`).click()
}

// The next revision begins with another image.
function typeImage() {
  document.querySelector("#images input").focus()
  document.querySelector("#images input").select()
}

async function foresee() {
  return (await post(`${deploymentPath(name)}forecast/`, { action: "go-on", body: {} })).forecasts[0]
}

function draw(cluster) {
  drawStory(cluster)
  const deployment = cluster.deploymentByName(name)
  edited ??= deployment
  if (!deployment) {
    if (cluster.rv) showGone()
    return
  }
  delete host("stage").dataset.gone
  const replicasets = cluster.replicasetsOf(deployment)
  const film = filming.at(cluster, deployment)
  const ahead = film && prospect.look(film, deployment, cluster.now())
  const state = withAnswer(describe(deployment, cluster), ahead?.verdict)
  figure.draw(cluster, deployment, state.tone)
  if (film) drawFilm(film, ahead, deployment, cluster, state.tone)
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

// Who comes late is told too what the story said last. With the story its words go.
function drawStory({ story: told }) {
  if (told || story.isShown) showCaption(told ? inLanguage(told.captions, told.caption) : "")
  story.draw(told)
}

// A forecast's link: once, when there is something to fill in.
function openLink() {
  if (isLinkOpened) return
  isLinkOpened = true
  tour.offer()
  const asked = forecast.opened()
  if (asked) acting.offer(asked)
}

function drawFilm(film, ahead, deployment, cluster, tone) {
  const now = cluster.now()
  forecast.tellAhead(ahead.verdict)
  strip.draw(film, { coming: forecast.frames(film) ?? ahead.coming })
  chart.draw(film, now, { from: forecast.shownFrom(film, now), forecast: forecast.points(film) ?? ahead.points })
  traffic.draw({ past: lane.look(film, now, traffic.model), coming: forecast.traffic(film) }, chart.scale)
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

// What a story says to its audience stays until it says something else, or the viewer closes it.
function showCaption(text) {
  host("caption").hidden = !text
  write(host("caption").querySelector("p"), text)
}

function closeCaption() {
  host("caption").hidden = true
  host("strip").focus({ preventScroll: true })
}

// Nothing is asked for a page that nobody sees, nor without the connection: the cluster may be gone.
function isLookedAt() {
  return document.visibilityState === "visible" && !isLost()
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
