// The socket: resumes where it was, says how it stands, acknowledges what was drawn.

import { socketAddress } from "./place.js"

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
const ACKNOWLEDGE_MS = 100
const REFUSED = new Set([4401, 4403, 4404])

export class Connection extends EventTarget {
  #cluster
  #socket
  #attempts = 0
  #timer
  #acknowledgement = null
  #queue = Promise.resolve()
  #isWhole = false // the cluster is as the server told it: the changes after it are enough

  constructor(cluster) {
    super()
    this.#cluster = cluster
    document.addEventListener("visibilitychange", () => this.#wake())
    addEventListener("online", () => this.#wake())
  }

  open() {
    clearTimeout(this.#timer)
    const since = this.#isWhole ? `&since=${this.#cluster.rv}&of=${this.#cluster.key}` : ""
    this.#say(this.#attempts ? "reconnecting" : "connecting")
    const socket = new WebSocket(socketAddress(`packed=1${since}`))
    socket.binaryType = "arraybuffer"
    this.#socket = socket
    socket.addEventListener("message", ({ data }) => this.#enqueue(socket, data))
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#lost(code))
  }

  // One after another: unpacking takes its time, and a small frame must not overtake a large one.
  #enqueue(socket, data) {
    this.#queue = this.#queue.then(() => this.#take(socket, data))
  }

  async #take(socket, data) {
    try {
      this.#receive(socket, JSON.parse(await unpack(data)))
    } catch (error) {
      this.#drop(socket, error)
    }
  }

  // A frame that can't be read is dropped, and the next socket begins with a snapshot.
  #drop(socket, error) {
    console.error("A frame was dropped:", error)
    if (socket !== this.#socket) return
    this.#isWhole = false
    socket.close()
  }

  #receive(socket, frame) {
    if (socket !== this.#socket) return
    if (frame.type === "presence") return this.dispatchEvent(new CustomEvent("presence", { detail: frame.viewers }))
    if (frame.type === "gone") return this.#say("gone", frame.reason)
    if (frame.type === "snapshot") this.#cluster.applySnapshot(frame)
    else if (!this.#cluster.applyChanges(frame)) return socket.close()
    this.#isWhole = true
    this.#attempts = 0
    this.#say("live")
    this.#acknowledgement ??= setTimeout(() => this.#acknowledge(), ACKNOWLEDGE_MS)
  }

  #acknowledge() {
    this.#acknowledgement = null
    if (this.#socket.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify({ type: "ack", rv: this.#cluster.rv }))
  }

  #lost(code) {
    if (REFUSED.has(code)) return
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#attempts, LONGEST_WAIT_MS) * (0.5 + Math.random())
    this.#attempts += 1
    this.#say(navigator.onLine ? "reconnecting" : "offline")
    this.#timer = setTimeout(() => this.open(), wait)
  }

  #wake() {
    if (document.visibilityState === "visible" && this.#socket?.readyState === WebSocket.CLOSED) this.open()
  }

  #say(state, reason = "") {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, reason } }))
  }
}

export async function unpack(data) {
  if (typeof data === "string") return data
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
}
