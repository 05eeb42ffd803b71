// A class's pages, live: frames from the server, and another socket whenever one is lost.

import { write } from "../lib/nodes.js"
import { noop, t } from "../lib/words.js"

const WAIT_MS = 1000
const NOT_FOUND = 4404
const WORDS = {
  live: noop("live"),
  reconnecting: noop("reconnecting"),
  gone: noop("no access"),
}

// `take` gets each frame. Returns nothing: the socket lives as long as the page.
export function followClass(path, take) {
  const scheme = location.protocol === "https:" ? "wss" : "ws"
  const socket = new WebSocket(`${scheme}://${location.host}${path}`)
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(data)
    show(frame.type === "gone" ? "gone" : "live")
    take(frame)
  })
  socket.addEventListener("close", ({ code }) => {
    show(code === NOT_FOUND ? "gone" : "reconnecting")
    if (code !== NOT_FOUND) setTimeout(() => followClass(path, take), WAIT_MS * (0.5 + Math.random()))
  })
}

function show(state) {
  const shown = document.getElementById("connection")
  if (!shown) return
  shown.dataset.state = state
  write(shown, t(WORDS[state]))
}
