// What every live page does: a cluster, its connection, and one drawing per animation frame.

import { Connection } from "../lib/connection.js"
import { write } from "../lib/nodes.js"
import { isLost, setLost } from "../lib/stage.js"
import { named, noop, t, tn } from "../lib/words.js"
import { Cluster } from "../model/cluster.js"

const WORDS = {
  connecting: noop("connecting"),
  live: noop("live"),
  reconnecting: noop("reconnecting"),
  offline: noop("offline"),
  gone: noop("no access"),
}

export function follow(draw) {
  const cluster = new Cluster()
  const connection = new Connection(cluster)
  let asked = false
  const redraw = () => {
    if (asked) return
    asked = true
    requestAnimationFrame(() => {
      asked = false
      draw(cluster)
    })
  }
  const shown = document.getElementById("connection")
  connection.addEventListener("state", ({ detail }) => {
    lose(cluster, detail.state !== "live" && cluster.rv > 0)
    redraw()
    shown.dataset.state = detail.state
    write(shown, detail.reason ? named(t(WORDS[detail.state]), detail.reason) : t(WORDS[detail.state]))
  })
  const viewers = document.getElementById("viewers")
  connection.addEventListener("presence", ({ detail }) => {
    viewers.hidden = false
    write(viewers, tn("%(count)s watching", "%(count)s watching", detail))
  })
  document.getElementById("spaces")?.addEventListener("change", ({ target }) => location.assign(target.value))
  cluster.addEventListener("change", redraw)
  setInterval(redraw, 1000)
  connection.open()
  return { cluster, redraw }
}

// What is drawn may no longer be so: the clock stops, the stage is faint, and nothing can be done.
function lose(cluster, lost) {
  if (lost === isLost()) return
  setLost(lost)
  if (lost) cluster.freeze()
}
