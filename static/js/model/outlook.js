// A forecast in a sentence. Knows no DOM.

import { clauses, t, tn } from "../lib/words.js"
import { endText } from "./verdict.js"

const AT_ONCE_SECONDS = 0.05

// `action`: what is foretold, as it would be sent.
export function sentence(forecast, action) {
  const { verdict, min_available: least, floor_held: held } = forecast
  if (isNoRollout(forecast))
    return action === "tune" ? t("No rollout: only the limits change.") : t("No rollout: the pods stay as they are.")
  const parts = [
    endText(verdict),
    most(forecast),
    t("at least %(least)s available", { least }),
    held ? "" : t("below the floor"),
  ]
  return t("Forecast: %(parts)s.", { parts: clauses(parts) })
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
