// A recorded rollout on the same figure: a film, a cluster as it was at any moment, and the hands that move it.

import { Chart } from "../figure/chart.js"
import { FilmStrip } from "../figure/filmstrip.js"
import { Views } from "../figure/views.js"
import { offerKeys } from "../lib/keys.js"
import { write } from "../lib/nodes.js"
import { duration, t } from "../lib/words.js"
import { Cluster } from "../model/cluster.js"
import { commandsOf } from "../model/edits.js"
import { Film } from "../model/film.js"
import { Kubectl } from "../model/kubectl.js"
import { step } from "../model/narration.js"
import { Playhead } from "../model/playhead.js"
import { ReplayNodes } from "../model/replaynodes.js"
import { StepList } from "../panels/steplist.js"
import { Traffic } from "../panels/traffic.js"
import { offerStage } from "./present.js"

const TAIL_SECONDS = 1
const KEYS = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  "Shift+ArrowLeft": "leap-back",
  "Shift+ArrowRight": "leap-forward",
  Home: "first",
  End: "last",
  " ": "play",
}

export class Replay extends EventTarget {
  #host
  #figure
  #strip
  #chart
  #traffic
  #lane = null
  #nodes = new ReplayNodes()
  #steps
  #range
  #data = null
  #film = null
  #cluster = new Cluster()
  #playhead = null
  #commands = []
  #next = 0
  #time = 0
  #frame = null // the one that was gone to, if no time was since
  #playing = null

  // `onModel(model)`: other numbers of the model of traffic than `model` were typed; without it they can't be.
  // `onView(view)`: sets or nodes is drawn now.
  constructor(host, { onModel = null, model = {}, onView = () => {} } = {}) {
    super()
    this.#host = host
    this.#range = host.querySelector("input[type=range]")
    this.#figure = new Views(this.#part("figure"), {
      nodes: this.#nodes,
      onView: (view) => {
        onView(view)
        this.#draw()
      },
    })
    this.#strip = new FilmStrip(this.#part("strip"), { onPick: (index) => this.seekFrame(index) })
    this.#steps = new StepList(this.#part("steps"), { onPick: (index) => this.seekFrame(index) })
    this.#chart = new Chart(this.#part("chart"), { onPick: (seconds) => this.#pick(seconds) })
    this.#traffic = new Traffic(this.#part("traffic"), onModel && (() => onModel(this.#traffic.model)))
    this.#traffic.give(model)
    this.#range.addEventListener("input", () => this.seek(Number(this.#range.value)))
    host.addEventListener("click", ({ target }) => this.#act(target.closest("[data-do]")?.dataset.do))
    offerKeys(Object.fromEntries(Object.entries(KEYS).map(([key, action]) => [key, () => this.#act(action)])))
    offerStage(() => this.#draw())
    new ResizeObserver(() => this.#draw()).observe(this.#part("figure"))
  }

  // Seconds since the rollout began.
  get time() {
    return this.#time
  }

  get end() {
    const last = this.#data.frames.at(-1)?.at ?? this.#film.startedAt
    return last - this.#film.startedAt + TAIL_SECONDS
  }

  // Of requests, as the server tells it (docs/protocol.md).
  showLane(lane) {
    this.#lane = lane?.traffic ? lane : null
    this.#draw()
  }

  // Of the nodes, as the server tells them (docs/protocol.md); none: they are not told any more.
  showNodes(frames) {
    this.#nodes.load(frames)
    this.#draw()
  }

  // The same rollout may be loaded again when it has grown.
  load(data) {
    this.#data = data
    this.#film = new Film(data)
    this.#commands = commandsOf(data, new Kubectl(data.rollout.namespace))
    this.#playhead = new Playhead(this.#film, data.frames)
    this.#range.max = this.end.toFixed(1)
    this.#rewind()
    if (this.#frame === null) this.seek(this.#time)
    else this.seekFrame(this.#frame)
  }

  seek(seconds) {
    const wanted = Math.max(0, Math.min(seconds, this.end))
    this.#moveTo(this.#playhead.ofTime(this.#film.startedAt + wanted), wanted)
  }

  // To where the frame was taken, and the next one of the same instant was not.
  seekFrame(index) {
    const place = Math.max(0, Math.min(index, this.#film.frames.length - 1))
    const frame = this.#film.frames[place]
    if (frame) this.#moveTo(this.#playhead.ofFrame(place), frame.at - this.#film.startedAt, place)
  }

  #moveTo(count, seconds, frame = null) {
    if (count < this.#next || seconds < this.#time) this.#rewind()
    const items = this.#data.frames.slice(this.#next, count)
    this.#next = count
    this.#time = seconds
    this.#frame = frame
    const from = this.#cluster.rv
    const now = this.#film.startedAt + seconds
    this.#cluster.applyChanges({ from, to: items.at(-1)?.rv ?? from, now, pace: 0, items })
    this.#draw()
    this.dispatchEvent(new CustomEvent("seek", { detail: { seconds, frame } }))
  }

  #part(name) {
    return this.#host.querySelector(`[data-part=${name}]`)
  }

  #rewind() {
    const { start, since } = this.#data
    this.#next = 0
    this.#cluster.applySnapshot({
      rv: since,
      now: this.#film.startedAt,
      pace: 0,
      deployments: start.deployment ? [start.deployment] : [],
      replicasets: start.replicasets,
      pods: start.pods,
    })
  }

  #draw() {
    if (!this.#film) return
    const deployment = [...this.#cluster.deployments.values()][0]
    this.#nodes.seek(this.#cluster.rv, this.#film.startedAt + this.#time)
    if (deployment) this.#figure.draw(this.#cluster, deployment)
    const now = this.#film.startedAt + this.#time
    const current = this.#playhead.frameOf(this.#next)
    this.#strip.draw(this.#film, { current })
    this.#steps.draw(this.#film, current)
    this.#chart.draw(this.#film, now, { until: now })
    this.#traffic.draw({ past: this.#lane, until: now }, this.#chart.scale)
    const frame = this.#film.frames[current]
    write(this.#part("lead"), step(this.#film, frame))
    write(this.#part("why"), frame?.why ?? "")
    const command = this.#commands.findLast((each) => each.rv <= this.#cluster.rv)
    this.#part("command").hidden = !command
    write(this.#part("command").firstChild, command?.text ?? "")
    this.#range.value = this.#time.toFixed(1)
    write(this.#host.querySelector("output"), duration(this.#time))
    write(this.#host.querySelector("[data-do=play]"), this.#playing ? t("Stop") : t("Play"))
  }

  #pick(seconds) {
    this.#stopUnless(false)
    this.seek(seconds)
  }

  #step(direction) {
    const frame = this.#playhead.step(this.#next, this.#film.startedAt + this.#time, direction)
    if (frame !== undefined) this.seekFrame(frame)
    else if (direction > 0) this.seek(this.end)
  }

  // Frames of one instant are one step.
  #leap(direction) {
    const at = this.#playhead.instant(this.#film.startedAt + this.#time, direction)
    if (at !== undefined) this.seek(at - this.#film.startedAt)
    else if (direction > 0) this.seek(this.end)
  }

  #act(action) {
    if (action) this.#stopUnless(action === "play")
    if (action === "first") this.seekFrame(0)
    if (action === "last") this.seek(this.end)
    if (action === "back") this.#step(-1)
    if (action === "forward") this.#step(1)
    if (action === "leap-back") this.#leap(-1)
    if (action === "leap-forward") this.#leap(1)
    if (action === "play") this.#toggle()
  }

  #toggle() {
    if (this.#playing) return this.#stopUnless(false)
    if (this.#time >= this.end) this.seek(0)
    let before = performance.now()
    const tick = (at) => {
      if (!this.#playing) return
      const speed = Number(this.#host.querySelector("select").value)
      this.#playing = requestAnimationFrame(tick)
      this.seek(this.#time + ((at - before) / 1000) * speed)
      before = at
      if (this.#time >= this.end) this.#stopUnless(false)
    }
    this.#playing = requestAnimationFrame(tick)
    return undefined
  }

  #stopUnless(goes) {
    if (goes || !this.#playing) return
    cancelAnimationFrame(this.#playing)
    this.#playing = null
    this.#draw()
  }
}
