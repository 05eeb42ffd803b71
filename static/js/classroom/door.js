// The first page of a class: how to join, large, and who has joined. A click on a name renames or removes.

import { element, set, write } from "../lib/nodes.js"
import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { t, tn } from "../lib/words.js"
import { followClass } from "./classsocket.js"

const host = (id) => document.getElementById(id)
const { base, socket } = host("class").dataset
const dialog = host("seat-dialog")
let room = { seats: [], is_open: true }
let chosen = null // the number of the seat in the dialog

followClass(socket, (frame) => {
  if (frame.type !== "class") return
  room = frame
  draw()
})

function draw() {
  const { seats, most_seats: most, is_open: isOpen, code } = room
  write(host("code"), `${code.slice(0, 3)} ${code.slice(3)}`)
  host("closed").hidden = isOpen
  set(host("open"), { "aria-pressed": isOpen })
  write(host("open"), isOpen ? t("Close the class: nobody else can join") : t("Open the class"))
  write(host("count"), t("%(count)s of %(most)s seats taken", { count: seats.length, most }))
  host("nobody").hidden = seats.length > 0
  drawSeats(seats)
}

function drawSeats(seats) {
  const present = new Set(seats.map((each) => String(each.number)))
  const list = host("seats")
  for (const node of [...list.children]) if (!present.has(node.dataset.number)) node.remove()
  const known = new Map([...list.children].map((each) => [each.dataset.number, each]))
  for (const { number, name } of seats) {
    const node = known.get(String(number)) ?? list.appendChild(chip(number))
    write(node.firstChild, name)
  }
}

function chip(number) {
  const button = element("button", { type: "button", className: "seat-name" })
  button.addEventListener("click", () => openSeat(number))
  const node = element("li", {}, button)
  node.dataset.number = number
  return node
}

function openSeat(number) {
  const seat = room.seats.find((each) => each.number === number)
  chosen = number
  write(host("seat-title"), seat.name)
  host("rename-form").elements.name.value = seat.name
  host("look").hidden = !seat.cluster
  host("look").href = `/clusters/${seat.cluster}/`
  write(host("seat-note"), "")
  dialog.showModal()
}

async function act(path, body, done) {
  try {
    done(await postAt(base + path, body))
  } catch ({ message }) {
    toast(message, true)
  }
}

const ofSeat = (verb, body, done) => act(`seats/${chosen}/${verb}/`, body, done)

host("rename-form").addEventListener("submit", (event) => {
  event.preventDefault()
  const name = host("rename-form").elements.name.value
  ofSeat("rename", { name }, (answer) => {
    toast(t("Now called %(name)s", answer))
    dialog.close()
  })
})
host("new-link").addEventListener("click", () =>
  ofSeat("link", {}, ({ link }) =>
    write(host("seat-note"), t("The old link opens nothing any more. New: %(link)s", { link })),
  ),
)
host("remove").addEventListener("click", () => {
  if (!confirm(t("Remove this seat, with its cluster and everything in it?"))) return
  ofSeat("remove", {}, ({ message }) => {
    toast(message)
    dialog.close()
  })
})
host("close-dialog").addEventListener("click", () => dialog.close())
host("open").addEventListener("click", () => act("change/", { is_open: !room.is_open }, () => {}))
host("new-code").addEventListener(
  "click",
  () => act("change/", { new_code: true }, () => location.reload()), // with the picture of the new code
)
host("most-form").addEventListener("submit", (event) => {
  event.preventDefault()
  const most = host("most-form").elements.most_seats.valueAsNumber
  act("change/", { most_seats: most }, () => toast(tn("%(count)s seat at most", "%(count)s seats at most", most)))
})
