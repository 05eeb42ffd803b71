// What a forecast assumes of each container, in words. Knows no DOM.

import { share } from "../lib/numbers.js"
import { duration, t } from "../lib/words.js"
import { shortImage } from "./images.js"

export const TIMES = ["pull_seconds", "start_seconds", "ready_seconds", "stop_seconds"]

// Those of a container's times that count: of pods that are only replaced the stop, of an init container all but that.
export function timesOf({ is_old: isOld, role }) {
  if (isOld) return ["stop_seconds"]
  return role === "init" ? TIMES.slice(0, -1) : TIMES
}

// The image, with what its container is.
export function subject({ image, container, role, is_old: isOld }) {
  const values = { image: shortImage(image), container }
  if (role === "init") return t("%(image)s (init container %(container)s)", values)
  if (isOld) return t("%(image)s (replaced)", values)
  return role === "sidecar" ? t("%(image)s (sidecar %(container)s)", values) : values.image
}

// "nginx:1.9.1: pull 1.5 s, start 0.6 s, ready 2.4 s, stop 1.0 s (image rule *)"
export function assumption(assumed) {
  const [pull, start, ready, stop] = TIMES.map((key) => timeText(assumed.times[key]))
  const values = { image: subject(assumed), pull, start, ready, stop, source: sourceText(assumed) }
  if (assumed.is_old) return t("%(image)s: stop %(stop)s (%(source)s)", values)
  return assumed.role === "init"
    ? t("%(image)s: pull %(pull)s, start %(start)s, runs for %(ready)s (%(source)s)", values)
    : t("%(image)s: pull %(pull)s, start %(start)s, ready %(ready)s, stop %(stop)s (%(source)s)", values)
}

export function sourceText(assumed) {
  const given = timesOf(assumed).some((key) => assumed.sources[key] === "override")
  const rule = assumed.pattern ? t("image rule %(pattern)s", assumed) : t("no image rule: no time at all")
  return given ? t("your values, else %(rule)s", { rule }) : rule
}

// What else decides, in sentences.
export function remarks(assumed) {
  const { jitter, failure, is_old: isOld } = assumed
  return [
    jitter && t("Each time varies from pod to pod by up to %(percent)s.", { percent: share(jitter) }),
    !isOld && t("A node that has the image pulls nothing."),
    ...(isOld ? [] : probeTexts(assumed)),
    ...stopTexts(assumed),
    !isOld && failure && t("This image fails: %(failure)s.", { failure }),
  ].filter(Boolean)
}

function probeTexts({ startup, probe, liveness }) {
  return [
    startup &&
      t(
        "The startup probe holds the others back: first after %(delay)s, then every %(period)s; %(count)s failures end the container.",
        limits(startup),
      ),
    probe &&
      t(
        "The readiness probe sees it: first after %(delay)s, then every %(period)s; successes needed: %(count)s.",
        limits(probe),
      ),
    liveness &&
      t(
        "The liveness probe asks first after %(delay)s, then every %(period)s; %(count)s failures end the container.",
        limits(liveness),
      ),
  ]
}

function limits([delay, period, count]) {
  return { delay: timeText(delay), period: timeText(period), count }
}

function stopTexts({ role, times, pre_stop_seconds: hook, grace_seconds: grace }) {
  if (role === "init") return []
  return [
    hook > 0 && t("Before it stops, its preStop hook takes %(time)s.", { time: timeText(hook) }),
    hook + times.stop_seconds > grace &&
      t("A stop ends after the grace period of %(time)s.", { time: timeText(grace) }),
  ]
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
