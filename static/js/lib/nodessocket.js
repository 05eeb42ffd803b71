// The socket of a Deployment's nodes, open while they are looked at.

import { unpack } from "./connection.js"
import { nodesSocketAddress } from "./place.js"

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
const REFUSED = new Set([4401, 4403, 4404])

export class NodesSocket {
  #name
  #take
  #socket = null
  #attempts = 0
  #timer = null
  #queue = Promise.resolve()

  // `take(frame)` gets each frame in order.
  constructor(name, take) {
    this.#name = name
    this.#take = take
  }

  open() {
    if (this.#socket) return
    const socket = new WebSocket(nodesSocketAddress(this.#name))
    socket.binaryType = "arraybuffer"
    this.#socket = socket
    socket.addEventListener("message", ({ data }) => {
      this.#queue = this.#queue.then(() => this.#receive(socket, data))
    })
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#lost(code))
  }

  close() {
    clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = null
    // To close a socket that is not open yet is an error in the console.
    if (socket?.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close())
    else socket?.close()
  }

  async #receive(socket, data) {
    const frame = JSON.parse(await unpack(data))
    if (socket !== this.#socket || frame.type !== "nodes") return
    this.#attempts = 0
    this.#take(frame)
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ack", rv: frame.rv }))
  }

  #lost(code) {
    this.#socket = null
    if (REFUSED.has(code)) return
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#attempts, LONGEST_WAIT_MS) * (0.5 + Math.random())
    this.#attempts += 1
    this.#timer = setTimeout(() => this.open(), wait)
  }
}
