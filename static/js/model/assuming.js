// What a forecast assumes of each image, in words. Knows no DOM.

import { duration, t } from "../lib/words.js"
import { shortImage } from "./images.js"

export const TIMES = ["pull_seconds", "start_seconds", "ready_seconds", "stop_seconds"]

// Those of a container's times that count: of pods that are only replaced, the stop.
export function timesOf({ is_old: isOld }) {
  return isOld ? ["stop_seconds"] : TIMES
}

// "nginx:1.9.1: pull 1.5 s, start 0.6 s, ready 2.4 s, stop 1.0 s (image rule *)"
export function assumption(assumed) {
  const [pull, start, ready, stop] = TIMES.map((key) => timeText(assumed.times[key]))
  const values = { image: shortImage(assumed.image), pull, start, ready, stop, source: sourceText(assumed) }
  return assumed.is_old
    ? t("%(image)s: stop %(stop)s (%(source)s)", values)
    : t("%(image)s: pull %(pull)s, start %(start)s, ready %(ready)s, stop %(stop)s (%(source)s)", values)
}

export function sourceText(assumed) {
  const given = timesOf(assumed).some((key) => assumed.sources[key] === "override")
  const rule = assumed.pattern ? t("image rule %(pattern)s", assumed) : t("no image rule: no time at all")
  return given ? t("your values, else %(rule)s", { rule }) : rule
}

// What else decides, in sentences.
export function remarks(assumed) {
  const { jitter, probe, grace_seconds: grace, failure, is_old: isOld } = assumed
  const percent = Math.round(jitter * 100)
  return [
    jitter && t("Each time varies from pod to pod by up to %(percent)s %.", { percent }),
    !isOld && t("A node that has the image pulls nothing."),
    !isOld && probe && probeText(probe),
    assumed.times.stop_seconds > grace &&
      t("A stop ends after the grace period of %(time)s.", { time: timeText(grace) }),
    !isOld && failure && t("This image fails: %(failure)s.", { failure }),
  ].filter(Boolean)
}

function probeText([delay, period, successes]) {
  return t(
    "The readiness probe sees it: first after %(delay)s, then every %(period)s; successes needed: %(successes)s.",
    { delay: timeText(delay), period: timeText(period), successes },
  )
}

function timeText(seconds) {
  return seconds === null ? t("by hand") : duration(seconds)
}

// {image: {pull_seconds: 2}} of what was typed, [{image, key, text}]: only whole or decimal numbers from 0.
export function overridesOf(typed) {
  const found = {}
  for (const { image, key, text } of typed)
    if (/^\d+(\.\d+)?$/.test(text.trim())) found[image] = { ...found[image], [key]: Number(text) }
  return found
}
