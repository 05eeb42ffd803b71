// A recorded rollout on the same figure: a film, a cluster as it was at any moment, and the hands that move it.

import { Chart } from "../figure/chart.js"
import { Figure } from "../figure/figure.js"
import { FilmStrip } from "../figure/filmstrip.js"
import { write } from "../lib/nodes.js"
import { duration, t } from "../lib/words.js"
import { Cluster } from "../model/cluster.js"
import { Film } from "../model/film.js"
import { step } from "../model/narration.js"
import { StepList } from "../panels/steplist.js"

const TAIL_SECONDS = 1
const NUDGE_SECONDS = 0.001

export class Replay extends EventTarget {
  #host
  #figure
  #strip
  #chart
  #steps
  #range
  #data = null
  #film = null
  #cluster = new Cluster()
  #next = 0
  #time = 0
  #playing = null

  constructor(host) {
    super()
    this.#host = host
    this.#range = host.querySelector("input[type=range]")
    this.#figure = new Figure(this.#part("figure"))
    this.#strip = new FilmStrip(this.#part("strip"), { onPick: (index) => this.#toFrame(index) })
    this.#steps = new StepList(this.#part("steps"), { onPick: (index) => this.#toFrame(index) })
    this.#chart = new Chart(this.#part("chart"), { onPick: (seconds) => this.#pick(seconds) })
    this.#range.addEventListener("input", () => this.seek(Number(this.#range.value)))
    host.addEventListener("click", ({ target }) => this.#act(target.closest("[data-do]")?.dataset.do))
    addEventListener("keydown", (event) => this.#key(event))
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

  // The same rollout may be loaded again when it has grown.
  load(data) {
    this.#data = data
    this.#film = new Film(data)
    this.#range.max = this.end.toFixed(1)
    this.#rewind()
    this.seek(Math.min(this.#time, this.end))
  }

  seek(seconds) {
    const wanted = Math.max(0, Math.min(seconds, this.end))
    if (wanted < this.#time) this.#rewind()
    this.#time = wanted
    const now = this.#film.startedAt + wanted
    const { frames } = this.#data
    const items = []
    while (this.#next < frames.length && frames[this.#next].at <= now) items.push(frames[this.#next++])
    const to = items.at(-1)?.rv ?? this.#cluster.rv
    this.#cluster.applyChanges({ from: this.#cluster.rv, to, now, pace: 0, items })
    this.#draw()
    this.dispatchEvent(new CustomEvent("seek", { detail: wanted }))
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
    if (deployment) this.#figure.draw(this.#cluster, deployment)
    const now = this.#film.startedAt + this.#time
    const current = this.#currentFrame()
    this.#strip.draw(this.#film, { current })
    this.#steps.draw(this.#film, current)
    this.#chart.draw(this.#film, now, { until: now })
    const frame = this.#film.frames[current]
    write(this.#part("lead"), step(this.#film, frame))
    write(this.#part("why"), frame?.why ?? "")
    this.#range.value = this.#time.toFixed(1)
    write(this.#host.querySelector("output"), duration(this.#time))
    write(this.#host.querySelector("[data-do=play]"), this.#playing ? t("Stop") : t("Play"))
  }

  #currentFrame() {
    const now = this.#film.startedAt + this.#time + NUDGE_SECONDS
    return Math.max(
      0,
      this.#film.frames.findLastIndex((each) => each.at <= now),
    )
  }

  #pick(seconds) {
    this.#stopUnless(false)
    this.seek(seconds)
  }

  #toFrame(index) {
    const frame = this.#film.frames[Math.max(0, Math.min(index, this.#film.frames.length - 1))]
    if (frame) this.seek(frame.at - this.#film.startedAt + NUDGE_SECONDS)
  }

  // Frames of one moment are one step: to where the next, or the last, other moment begins.
  #step(direction) {
    const now = this.#film.startedAt + this.#time
    const moments = [...new Set(this.#film.frames.map((each) => each.at))]
    const next =
      direction > 0
        ? moments.find((at) => at > now + NUDGE_SECONDS)
        : moments.findLast((at) => at < now - 2 * NUDGE_SECONDS)
    if (next !== undefined) this.seek(next - this.#film.startedAt + NUDGE_SECONDS)
    else this.seek(direction > 0 ? this.end : 0)
  }

  #act(action) {
    if (action) this.#stopUnless(action === "play")
    if (action === "first") this.seek(0)
    if (action === "last") this.seek(this.end)
    if (action === "back") this.#step(-1)
    if (action === "forward") this.#step(1)
    if (action === "play") this.#toggle()
  }

  #key(event) {
    if (event.target.matches("textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return
    const action = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" }[event.key]
    if (!action || this.#isOfPod(event) || (action === "play" && event.target.matches("button, a"))) return
    event.preventDefault()
    this.#act(action)
  }

  // Among the pods the arrows go from one to the next.
  #isOfPod({ target }) {
    return target.matches(".pod")
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
