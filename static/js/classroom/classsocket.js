// A class's pages, and a lesson, live: frames from the server, and another socket whenever one is lost.

import { write } from "../lib/nodes.js"
import { noop, t } from "../lib/words.js"

const WAIT_MS = 1000
const REFUSED = [4401, 4403, 4404]
const WORDS = {
  live: noop("live"),
  reconnecting: noop("reconnecting"),
  gone: noop("no access"),
}

// `take` gets each frame; the last one is {type: "gone"}. The socket lives as long as the page. `isShown`: the
// socket's state is shown at the top of the page, which has no other socket.
export function followClass(path, take, isShown = true) {
  const tell = isShown ? show : () => {}
  const scheme = location.protocol === "https:" ? "wss" : "ws"
  const socket = new WebSocket(`${scheme}://${location.host}${path}`)
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(data)
    tell(frame.type === "gone" ? "gone" : "live")
    take(frame)
  })
  socket.addEventListener("close", ({ code }) => {
    const isOver = REFUSED.includes(code)
    tell(isOver ? "gone" : "reconnecting")
    if (isOver) take({ type: "gone" })
    else setTimeout(() => followClass(path, take, isShown), WAIT_MS * (0.5 + Math.random()))
  })
}

function show(state) {
  const shown = document.getElementById("connection")
  if (!shown) return
  shown.dataset.state = state
  write(shown, t(WORDS[state]))
}
