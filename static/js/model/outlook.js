// A forecast in a sentence. Knows no DOM.

import { duration, noop, t, tn } from "../lib/words.js"

const AT_ONCE_SECONDS = 0.05
export const OUTCOMES = {
  settled: noop("complete"),
  stuck: noop("stuck"),
  "deadline exceeded": noop("deadline exceeded"),
}

// `action`: what is foretold, as it would be sent.
export function sentence(forecast, action) {
  const { outcome, duration_seconds: seconds, min_available: least, floor_held: held } = forecast
  if (isNoRollout(forecast))
    return action === "tune" ? t("No rollout: only the limits change.") : t("No rollout: the pods stay as they are.")
  const time = duration(Math.max(0, seconds))
  const end =
    outcome === "settled"
      ? t("complete after %(time)s", { time })
      : outcome === "deadline exceeded"
        ? t("the progress deadline passes after %(time)s", { time })
        : t("%(outcome)s after %(time)s", { outcome: t(OUTCOMES[outcome] ?? outcome), time })
  const parts = [end, most(forecast), t("at least %(least)s available", { least })]
  return `${t("Forecast")}: ${parts.join(", ")}${held ? "" : `, ${t("below the floor")}`}.`
}

// No ReplicaSet is scaled, and nothing is waited for.
function isNoRollout({ outcome, duration_seconds: seconds, frames }) {
  const isSame = frames.every(({ counts }) => JSON.stringify(counts) === JSON.stringify(frames[0].counts))
  return isSame && outcome === "settled" && seconds < AT_ONCE_SECONDS
}

function most({ peak_pods: peak, peak_pods_with_terminating: whole }) {
  if (whole === peak) return tn("at most %(count)s pod", "at most %(count)s pods", peak)
  return tn(
    "at most %(count)s pod (%(whole)s including terminating pods)",
    "at most %(count)s pods (%(whole)s including terminating pods)",
    peak,
    { whole },
  )
}
