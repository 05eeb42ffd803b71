// The kubectl command that does the same, as a shell takes it.

const PLAIN = /^[\w@%+=:,./-]+$/

export class Kubectl {
  #namespace

  constructor(namespace) {
    this.#namespace = namespace
  }

  command(words, ...rest) {
    const where = this.#namespace === "default" ? [] : ["-n", this.#namespace]
    return ["kubectl", words, ...rest.map(quoted), ...where].join(" ")
  }

  setImage(name, images) {
    return this.command(
      "set image",
      `deployment/${name}`,
      ...Object.entries(images).map(([container, image]) => `${container}=${image}`),
    )
  }

  scale(name, replicas) {
    return this.command("scale", `deployment/${name}`, `--replicas=${replicas}`)
  }

  // `values` as of the tune action: those that are to change.
  patch(name, { max_surge: surge, max_unavailable: unavailable, ...values }) {
    const spec = {}
    if ("min_ready_seconds" in values) spec.minReadySeconds = values.min_ready_seconds
    if ("progress_deadline_seconds" in values) spec.progressDeadlineSeconds = values.progress_deadline_seconds
    const rollingUpdate = {
      ...(surge === undefined ? {} : { maxSurge: surge }),
      ...(unavailable === undefined ? {} : { maxUnavailable: unavailable }),
    }
    const strategy = { ...(values.strategy ? { type: values.strategy } : {}) }
    if (values.strategy === "Recreate") strategy.rollingUpdate = null
    else if (Object.keys(rollingUpdate).length) strategy.rollingUpdate = rollingUpdate
    if (Object.keys(strategy).length) spec.strategy = strategy
    return this.command("patch", `deployment/${name}`, "-p", JSON.stringify({ spec }))
  }

  rollout(verb, name, ...flags) {
    return this.command(`rollout ${verb}`, `deployment/${name}`, ...flags)
  }

  remove(kind, name) {
    return this.command("delete", `${kind}/${name}`)
  }
}

function quoted(word) {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
