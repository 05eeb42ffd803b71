// The socket of the page of clusters: says how it stands, acknowledges, comes again.

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

export class BoardSocket extends EventTarget {
  #socket
  #attempts = 0
  #text = ""

  open() {
    this.#say(this.#attempts ? "reconnecting" : "connecting")
    const scheme = location.protocol === "https:" ? "wss" : "ws"
    const socket = new WebSocket(`${scheme}://${location.host}/ws/clusters/`)
    this.#socket = socket
    socket.addEventListener("open", () => this.#text && this.filter(this.#text))
    socket.addEventListener("message", ({ data }) => {
      this.#attempts = 0
      this.#say("live")
      this.dispatchEvent(new CustomEvent("frame", { detail: JSON.parse(data) }))
      this.#send({ type: "ack" })
    })
    socket.addEventListener("close", () => {
      const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#attempts, LONGEST_WAIT_MS) * (0.5 + Math.random())
      this.#attempts += 1
      this.#say(navigator.onLine ? "reconnecting" : "offline")
      setTimeout(() => this.open(), wait)
    })
  }

  // What is typed; the server answers with the clusters that it finds.
  filter(text) {
    this.#text = text
    this.#send({ type: "filter", text })
  }

  // After one's own doing: the list may be another now.
  look() {
    this.#send({ type: "look" })
  }

  #send(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #say(state) {
    this.dispatchEvent(new CustomEvent("state", { detail: state }))
  }
}
