// The cluster's clock: pause, single step, speed; the same for all viewers. Stepping holds the controllers: each step lets
// them make one decision.

import { element, mark, write } from "../lib/nodes.js"
import { canTurn, clusterAddress } from "../lib/place.js"
import { number, timeOfDay } from "../lib/numbers.js"
import { postAt } from "../lib/requests.js"
import { isLost } from "../lib/stage.js"
import { toast } from "../lib/toast.js"
import { t } from "../lib/words.js"

const PACES = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60]

export class Clock {
  #cluster
  #now
  #toggle
  #step
  #pace
  #held
  #before = 1

  constructor(host, cluster) {
    this.#cluster = cluster
    this.#toggle = element("button", { type: "button", id: "clock-toggle" })
    this.#step = element("button", { type: "button", id: "clock-step" }, t("Step"))
    this.#pace = element(
      "select",
      { id: "clock-pace" },
      ...PACES.map((each) => element("option", { value: each }, `${number(each)}×`)),
    )
    this.#pace.setAttribute("aria-label", t("Speed of the clock"))
    this.#now = element("time", { id: "clock-now", title: t("Simulated time") })
    this.#held = element("span", { className: "held chip", id: "clock-held", hidden: true }, t("controllers held"))
    this.#held.title = t("Each step lets the controllers make one decision. Resume time to let them run.")
    host.append(this.#now, this.#toggle, this.#step, this.#pace, this.#held)
    this.#toggle.addEventListener("click", () => this.toggle())
    this.#pace.addEventListener("change", () => this.#send("pace/", { pace: Number(this.#pace.value) }))
    this.#step.addEventListener("click", () => this.step())
  }

  toggle() {
    this.#send("pace/", { pace: this.#cluster.pace ? 0 : this.#before })
  }

  step() {
    if (this.#cluster.pace) toast(this.#step.title, true)
    else this.#send("step/")
  }

  draw() {
    const { pace } = this.#cluster
    if (pace) this.#before = pace
    write(this.#now, timeOfDay(this.#cluster.now()))
    write(this.#toggle, pace ? t("Pause time") : t("Resume time"))
    mark(this.#toggle, { paused: pace === 0 })
    this.#held.hidden = !this.#cluster.isHeld
    const forbidden = !canTurn
      ? t("Only admins of the cluster turn its clock.")
      : isLost()
        ? t("Not connected to the server.")
        : ""
    const why =
      forbidden ||
      (pace
        ? t("Pause time first, then step from one decision or event to the next.")
        : t("Go to the controllers' next decision, or to the next event"))
    this.#step.setAttribute("aria-disabled", String(Boolean(forbidden) || pace > 0))
    this.#step.title = why
    this.#toggle.setAttribute("aria-disabled", String(Boolean(forbidden)))
    this.#toggle.title = forbidden
    this.#pace.disabled = Boolean(forbidden)
    this.#pace.title =
      forbidden || t("Speed: simulated seconds per real second, the same for all viewers of the cluster")
    if (document.activeElement !== this.#pace) this.#pace.value = String(nearest(this.#before))
  }

  #send(path, body) {
    if (!canTurn) return
    postAt(clusterAddress(path), body).catch(({ message }) => toast(message, true))
  }
}

function nearest(pace) {
  return PACES.reduce((best, each) => (Math.abs(each - pace) < Math.abs(best - pace) ? each : best))
}
