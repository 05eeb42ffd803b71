// The kubectl command that does the same, as a shell takes it.

import { LIMITS, VERBS } from "./verbs.js"

const PLAIN = /^[\w@%+=:,./-]+$/
const FIELD = /\{(\w+)\}/

export class Kubectl {
  #namespace

  constructor(namespace) {
    this.#namespace = namespace
  }

  // Of a verb of a Deployment; `body` as it is sent.
  of(verb, name, body = {}) {
    const [command, ...rest] = VERBS[verb].kubectl
    const fields = { ...body, name, patch: JSON.stringify({ spec: specOf(body) }) }
    return this.#line(command, ...rest.flatMap((word) => filled(word, fields)))
  }

  deletePod(name) {
    return this.#line("delete", `pod/${name}`)
  }

  // Of a manifest's file.
  apply(name) {
    return this.#line("apply", "-f", `${name}.yaml`)
  }

  // Waits for a rollout, and fails where its deadline runs out.
  status(name) {
    return this.#line("rollout status", `deployment/${name}`)
  }

  // Of a node, which is in no namespace.
  ofNode(command, node) {
    return `kubectl ${command} ${quoted(node)}`
  }

  // A strategic merge patch of any object.
  patch(kind, name, value) {
    return this.#line("patch", `${kind.toLowerCase()}/${name}`, "-p", JSON.stringify(value))
  }

  // A ConfigMap or Secret of literal values, or a ServiceAccount; "" for a kind that needs more than one line.
  create(kind, name, { data = {} }) {
    const words = { ConfigMap: ["configmap"], Secret: ["secret", "generic"], ServiceAccount: ["serviceaccount"] }[kind]
    return words
      ? this.#line("create", ...words, name, ...Object.keys(data).map((key) => `--from-literal=${key}=`))
      : ""
  }

  #line(command, ...rest) {
    const where = this.#namespace === "default" ? [] : ["-n", this.#namespace]
    return ["kubectl", command, ...rest.map(quoted), ...where].join(" ")
  }
}

// A word with its field's value; a word key=value for each of a mapping; none of what is not given.
function filled(word, fields) {
  const [field, key] = FIELD.exec(word) ?? []
  if (!field) return [word]
  const value = fields[key]
  if (value === undefined) return []
  if (typeof value === "object") return Object.entries(value).map(([each, text]) => `${each}=${text}`)
  return [word.replace(field, () => value)]
}

// What a patch of limits says; Recreate takes no limits of a rolling update.
function specOf(limits) {
  const spec = {}
  for (const [key, [...path]] of Object.entries(LIMITS)) {
    if (!(key in limits)) continue
    const last = path.pop()
    path.reduce((at, each) => (at[each] ??= {}), spec)[last] = limits[key]
  }
  if (limits.strategy === "Recreate") spec.strategy.rollingUpdate = null
  return spec
}

function quoted(word) {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
