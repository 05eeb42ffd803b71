// The bar of the story that is played on the cluster: which step, the command that does the same, and the buttons of who may.

import { offerKeys } from "../lib/keys.js"
import { mark, write } from "../lib/nodes.js"
import { canTurn, clusterAddress } from "../lib/place.js"
import { postAt } from "../lib/requests.js"
import { isLost } from "../lib/stage.js"
import { toast } from "../lib/toast.js"
import { noop, t } from "../lib/words.js"
import { inLanguage } from "../model/spoken.js"
import { lineOf } from "../model/storysteps.js"
import { confirmed } from "./acting.js"
import { kubectl } from "./command.js"

const STATES = {
  playing: { tone: "", text: noop("playing") },
  waiting: { tone: "", text: noop("waiting") },
  paused: { tone: "warn", text: noop("paused") },
  stopped: { tone: "bad", text: noop("stopped") },
  over: { tone: "ok", text: noop("over") },
}

export class StoryBar {
  #host
  #story = null
  #pressed = new Set()
  #turn = Promise.resolve()

  constructor(host) {
    this.#host = host
    host.addEventListener("click", ({ target }) => this.press(target.closest("[data-press]")?.dataset.press))
    offerKeys({ n: () => this.press("next"), p: () => this.press("back") }, () => this.isThere)
  }

  // Whether a story is played here, and the viewer is an admin.
  get isThere() {
    return this.#story !== null && canTurn
  }

  get isShown() {
    return this.#story !== null
  }

  draw(story) {
    this.#story = story
    this.#host.hidden = !story
    if (!story) return
    const { state, step, steps, waits, problem } = story
    write(this.#part("title"), inLanguage(story.titles, story.title))
    write(
      this.#part("place"),
      step ? t("Step %(step)s of %(steps)s", { step, steps }) : t("%(steps)s steps", { steps }),
    )
    this.#drawState(problem ? "stopped" : state === "playing" && waits ? "waiting" : state)
    this.#drawLine(story)
    this.#part("problem").hidden = !problem
    write(this.#part("problem"), problem)
    this.#part("left").hidden = state !== "over"
    this.#part("buttons").hidden = !canTurn
    this.#drawButtons(story)
  }

  // A press waits for the answer to the one before; the same button at the same step, until it is answered, is one press.
  async press(verb) {
    const button = verb && this.#host.querySelector(`[data-press=${verb}]`)
    if (!this.isThere || !button || button.getAttribute("aria-disabled") === "true") return
    if (verb === "end" && this.#story.state !== "over" && !(await this.#isMeant())) return
    const step = this.#story?.step
    const pressed = `${verb} ${step}`
    if (this.#pressed.has(pressed)) return
    this.#pressed.add(pressed)
    this.#turn = this.#turn.then(() => this.#send(verb, step)).finally(() => this.#pressed.delete(pressed))
  }

  async #send(verb, step) {
    try {
      await postAt(clusterAddress(`story/${verb}/`), { step })
      if (verb === "end") location.assign(this.#host.dataset.stories)
    } catch ({ message }) {
      toast(message, true)
    }
  }

  #isMeant() {
    return confirmed(t("End the story?"), t("Its cluster is deleted, with everything that happened there."), t("End"))
  }

  #part(name) {
    return this.#host.querySelector(`[data-part=${name}]`)
  }

  #drawState(name) {
    const { tone, text } = STATES[name]
    mark(this.#part("state"), { tone })
    write(this.#part("state"), t(text))
  }

  #drawLine({ now, deployment }) {
    const line = now ? lineOf(now, deployment, kubectl) : null
    this.#part("line").hidden = !line
    if (!line) return
    this.#part("line").className = line.isCommand ? "kubectl" : "kubectl words"
    write(this.#part("line").firstElementChild, line.text)
  }

  #drawButtons({ state, step, back }) {
    const isPlaying = state === "playing"
    const isAble = {
      play: state === "paused",
      pause: isPlaying,
      next: state !== "over",
      back,
      start: step > 0,
      end: true,
    }
    for (const [verb, able] of Object.entries(isAble)) {
      const button = this.#host.querySelector(`[data-press=${verb}]`)
      button.setAttribute("aria-disabled", String(!able || isLost()))
    }
    this.#host.querySelector("[data-press=play]").hidden = isPlaying
    this.#host.querySelector("[data-press=pause]").hidden = !isPlaying
  }
}
