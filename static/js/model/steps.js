// The step that each arrow carries for a while. Knows no DOM.

import { t } from "../lib/words.js"

const STEP_SHOWN_MS = 2600

// What each ReplicaSet was last scaled to, for as long as it is shown.
export class Steps {
  #sizes = null
  #steps = new Map()

  note(replicasets) {
    const sizes = new Map(replicasets.map(({ uid, replicas }) => [uid, replicas]))
    for (const [uid, replicas] of this.#sizes ? sizes : []) {
      const before = this.#sizes.get(uid) ?? 0
      if (before === replicas) continue
      const text =
        replicas > before
          ? t("scale up to %(count)s", { count: replicas })
          : t("scale down to %(count)s", { count: replicas })
      this.#steps.set(uid, { text, until: performance.now() + STEP_SHOWN_MS })
    }
    this.#sizes = sizes
  }

  textOf(uid) {
    const step = this.#steps.get(uid)
    return step && step.until > performance.now() ? step.text : ""
  }
}
