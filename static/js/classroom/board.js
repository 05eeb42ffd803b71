// The teacher's board: a tile for each student, and what concerns all of them.

import { element, mark, set, write } from "../lib/nodes.js"
import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { age, clauses, named, t, tn } from "../lib/words.js"
import { chosen, stateOf, tally } from "../model/classboard.js"
import { lessonText } from "../model/lessonwords.js"
import { inLanguage } from "../model/spoken.js"
import { followClass } from "./classsocket.js"
import { drawMiniature } from "./miniature.js"
import { offerHelp } from "./seatactions.js"

const host = (id) => document.getElementById(id)
const { base, socket, own } = host("class").dataset
const nodes = new Map() // by the seat's number
const WORDS = {
  help: (count) => tn("%(count)s asks for help", "%(count)s ask for help", count),
  stuck: (count) => tn("%(count)s stuck", "%(count)s stuck", count),
  working: (count) => tn("%(count)s working", "%(count)s working", count),
  over: (count) => tn("%(count)s done", "%(count)s done", count),
}
const HELP = {
  "": () => t("Offer help"),
  asked: () => t("✋ Asks for help: offer it"),
  offered: () => t("Help is offered; take it back"),
  given: () => t("You may act there; end the help"),
}
let room = null
let shownState = ""
let tiles = new Map()

followClass(socket, (frame) => {
  if (frame.type === "class") {
    room = frame
    if (frame.tiles) tiles = new Map()
    const seats = new Map(frame.seats.map((each) => [each.number, each]))
    for (const number of tiles.keys()) if (!seats.has(number)) tiles.delete(number)
    drawDesk()
  }
  for (const each of frame.tiles ?? []) tiles.set(each.number, each)
  requestDraw(new Set((frame.tiles ?? []).map((each) => each.number)))
})

let waiting = null // the numbers of the tiles to draw in the next frame

function requestDraw(numbers) {
  if (waiting) {
    for (const each of numbers) waiting.add(each)
    return
  }
  waiting = numbers
  requestAnimationFrame(() => {
    const changed = waiting
    waiting = null
    draw(changed)
  })
}

function draw(changed) {
  const now = Date.now() / 1000
  const all = [...tiles.values()]
  const shown = chosen(all, { text: host("filter").value, state: shownState, order: host("sort").value, now })
  const list = host("tiles")
  const present = new Set(shown.map((each) => each.number))
  for (const [number, node] of nodes) if (!present.has(number)) node.remove()
  for (const number of nodes.keys()) if (!tiles.has(number)) nodes.delete(number)
  shown.forEach((each, place) => {
    const isNew = !nodes.has(each.number)
    const node = nodes.get(each.number) ?? make(each.number)
    const isElsewhere = list.children[place] !== node
    if (isElsewhere) list.insertBefore(node, list.children[place] ?? null)
    drawTile(node, each, now)
    if (isNew || changed.has(each.number) || !node.dataset.drawn) drawFigure(node, each)
  })
  host("nobody").hidden = tiles.size > 0
  drawTally(tally(all, now), all.length)
}

function make(number) {
  const node = element(
    "li",
    { className: "tile" },
    element("a", { className: "name" }),
    element("span", { className: "since number" }),
    element("canvas", { className: "miniature" }),
    element("span", { className: "counts number" }),
    element("span", { className: "task" }),
    element("span", { className: "ticks" }),
    element("span", { className: "last" }),
    element("button", { type: "button", className: "help plain" }),
  )
  node.querySelector("canvas").setAttribute("role", "img")
  node.querySelector(".help").addEventListener("click", () => offerHelp(base, tiles.get(number)))
  nodes.set(number, node)
  return node
}

function drawTile(node, tile, now) {
  const { name, cluster, lesson, last, figure, help } = tile
  mark(node, { state: stateOf(tile, now), help })
  const link = node.querySelector(".name")
  write(link, name)
  set(link, { href: stageOf(cluster, figure) })
  write(node.querySelector(".since"), lesson?.since ? age(now - lesson.since) : "")
  const counts = figure
    ? `${figure.available}/${figure.desired}${figure.paused ? " ⏸" : ""}${tile.pace ? "" : " ⏱"}`
    : "–"
  write(node.querySelector(".counts"), counts)
  write(node.querySelector(".task"), taskWords(lesson))
  set(node.querySelector(".task"), { title: taskWords(lesson) })
  write(node.querySelector(".ticks"), lesson ? "✓".repeat(lesson.task) + "·".repeat(lesson.tasks - lesson.task) : "")
  const done = last && `${clauses(last.told.map(lessonText))} · ${age(now - last.wall)}`
  write(node.querySelector(".last"), done ?? t("nothing done yet"))
  write(node.querySelector(".help"), HELP[help]())
}

function drawFigure(node, { figure, failing }) {
  const canvas = node.querySelector("canvas")
  drawMiniature(canvas, figure)
  mark(node, { drawn: canvas.clientWidth ? "yes" : "" })
  const words = Object.entries(failing).map(([word, count]) => `${count} ${word}`)
  const text = figure
    ? clauses([t("%(available)s of %(desired)s pods available", figure), ...words])
    : t("no Deployment")
  set(canvas, { "aria-label": text, title: text })
}

function taskWords(lesson) {
  if (!lesson) return ""
  if (lesson.is_over) return t("done")
  const task = t("Task %(number)s of %(tasks)s", { number: lesson.task + 1, tasks: lesson.tasks })
  return lesson.missing[0] ? named(task, lessonText(lesson.missing[0])) : task
}

const stageOf = (cluster, figure) =>
  figure ? `/clusters/${cluster}/namespaces/default/deployments/${figure.name}/` : `/clusters/${cluster}/`

function drawTally(counts, all) {
  const parts = [["", tn("%(count)s student", "%(count)s students", all)]]
  for (const [state, count] of Object.entries(counts))
    if (count || state === shownState) parts.push([state, WORDS[state](count)])
  const list = host("tally")
  while (list.children.length > parts.length) list.lastChild.remove()
  while (list.children.length < parts.length) list.append(element("button", { type: "button", className: "plain" }))
  parts.forEach(([state, text], place) => {
    mark(list.children[place], { show: state })
    set(list.children[place], { "aria-pressed": state === shownState })
    write(list.children[place], text)
  })
}

function drawDesk() {
  const { lesson_titles: titles, is_frozen: isFrozen, shows_progress: shows, place } = room
  const lesson = inLanguage(titles, room.lesson)
  write(host("now"), lesson ? t("Handed out: %(lesson)s", { lesson }) : t("No lesson is handed out."))
  set(host("freeze"), { "aria-pressed": isFrozen })
  write(host("freeze"), isFrozen ? t("Let everybody go on") : t("Freeze everybody"))
  set(host("present"), { "aria-pressed": Boolean(place) })
  write(host("present"), place ? t("End the presentation") : t("Present my cluster"))
  set(host("shows-progress"), { "aria-pressed": shows })
}

async function act(path, body) {
  try {
    return await postAt(base + path, body)
  } catch ({ message }) {
    toast(message, true)
    return null
  }
}

host("hand-out-form").addEventListener("submit", async (event) => {
  event.preventDefault()
  const { lesson } = host("hand-out-form").elements
  const question = lesson.value
    ? t("Hand out this lesson? Everything in the students' clusters is replaced.")
    : t("Take the lesson back? The clusters stay as they are.")
  if (tiles.size && !confirm(question)) return
  if (await act("hand-out/", { lesson: lesson.value })) toast(t("Done for %(count)s students.", { count: tiles.size }))
})
host("reset-all").addEventListener("click", async () => {
  if (
    !confirm(
      t("Reset all? Everything in the students' clusters is replaced, and the lesson begins with its first task."),
    )
  )
    return
  const told = await act("reset/", {})
  if (told) toast(told.message)
})
host("freeze").addEventListener("click", () => act("freeze/", { frozen: !room.is_frozen }))
host("shows-progress").addEventListener("click", () => act("change/", { shows_progress: !room.shows_progress }))
host("present").addEventListener("click", async () => {
  const isOver = Boolean(room.place)
  if (!(await act("present/", { place: isOver ? null : { path: own } }))) return
  if (isOver) return sessionStorage.removeItem("presents")
  sessionStorage.setItem("presents", base) // this tab's pages tell where they are (presenter.js)
  return location.assign(own)
})
host("filter").addEventListener("input", () => requestDraw(new Set()))
host("sort").addEventListener("change", () => requestDraw(new Set()))
host("tally").addEventListener("click", ({ target }) => {
  if (target.dataset.show === undefined) return
  shownState = target.dataset.show
  requestDraw(new Set())
})
setInterval(() => requestDraw(new Set()), 1000)
new ResizeObserver(() => requestDraw(new Set(tiles.keys()))).observe(host("tiles"))
document.getElementById("theme").addEventListener("click", () => requestDraw(new Set(tiles.keys())))
