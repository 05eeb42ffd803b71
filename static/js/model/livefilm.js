// The film of the rollout that goes on: loaded when the page opens and when a new revision begins, lengthened by each
// change, whether anybody looks or not. Knows no DOM.

import { newReplicaSet } from "./cluster.js"
import { Film } from "./film.js"

export class LiveFilm {
  #name
  #load
  #onChange
  #film = null
  #revision = null
  #isLoading = false
  #waiting = [] // changes that come while the film is loaded

  // `load()`: a promise of what Film is made of; `onChange(loaded)`: it came, or it did not.
  constructor(name, { load, onChange }) {
    this.#name = name
    this.#load = load
    this.#onChange = onChange
  }

  // `items` of the namespace, in order; none after a snapshot, before which something may have been missed.
  add(cluster, items) {
    const deployment = cluster.deploymentByName(this.#name)
    if (!items.length || !deployment || revisionOf(cluster, deployment) !== this.#revision) this.#film = null
    if (!deployment) return this.#waiting.splice(0)
    const own = items.filter((each) => belongs(cluster, deployment, each))
    if (this.#isLoading) this.#waiting.push(...own)
    else this.#film?.add(own)
    return undefined
  }

  // The film up to now; null while it is loaded.
  at(cluster, deployment) {
    if (!this.#film) return this.#begin(revisionOf(cluster, deployment))
    if (this.#film.isCut) this.#film.adopt(cluster.familyOf(deployment), cluster.now(), cluster.rv)
    this.#film.tick(cluster.now())
    return this.#film
  }

  #begin(revision) {
    if (!this.#isLoading) this.#fetch(revision)
    return null
  }

  async #fetch(revision) {
    this.#isLoading = true
    const data = await this.#load().catch(() => null)
    this.#isLoading = false
    const missed = this.#waiting.splice(0)
    if (data) {
      this.#film = new Film(data)
      this.#film.add(missed)
      this.#revision = revision
    }
    this.#onChange(data !== null)
  }
}

function revisionOf(cluster, deployment) {
  const newest = newReplicaSet(deployment, cluster.replicasetsOf(deployment))
  return `${newest?.uid} ${newest?.revision}`
}

function belongs(cluster, deployment, { kind, state }) {
  if (kind === "Deployment") return state.uid === deployment.uid
  if (kind === "ReplicaSet") return state.owner_uid === deployment.uid
  if (kind !== "Pod") return false
  const owner = cluster.replicasets.get(state.owner_uid)
  return owner ? owner.owner_uid === deployment.uid : state.name.startsWith(`${deployment.name}-`)
}
