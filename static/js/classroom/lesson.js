// The lesson beside the stage: the task that is under way, what is missing, hints and answers; help, and who is presenting.

import { element, mark, write } from "../lib/nodes.js"
import { clusterAddress } from "../lib/place.js"
import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { t, tn } from "../lib/words.js"
import { followClass } from "./classsocket.js"
import { followPresenter } from "./following.js"

const host = (id) => document.getElementById(id)
const STEP_MS = 250
const MOST_STEPS = 100
let seat = null // the newest frame
let wanted = null // the size that the next step leads to: {name, replicas}

followClass("/ws/seat/", (frame) => {
  if (frame.type !== "seat") return
  const before = seat?.lesson
  seat = frame
  draw(frame)
  if (before && frame.lesson && (before.number !== frame.lesson.number || before.title !== frame.lesson.title))
    turn(before)
})

// Another task: what was said of the last one is over.
function turn(before) {
  host("feedback").hidden = true
  wanted = null
  host("take-step").hidden = true
  host("ask-form").reset()
  if (before.number < seat.lesson.number) toast(seat.lesson.is_over ? t("The lesson is done.") : t("Task done."))
}

function draw({ help, is_frozen: isFrozen, place, lesson, others }) {
  host("frozen").hidden = !isFrozen
  host("help-offer").hidden = help !== "offered"
  host("help-given").hidden = help !== "given"
  host("ask-help").hidden = help !== ""
  host("asked").hidden = help !== "asked"
  host("lesson-body").hidden = !lesson
  host("no-lesson").hidden = Boolean(lesson)
  if (lesson) drawLesson(lesson)
  drawOthers(others)
  followPresenter(place)
}

function drawLesson({ title, purpose, tasks, number, is_over: isOver, done, now }) {
  write(host("lesson-title"), title)
  host("lesson-title").title = purpose
  write(host("lesson-place"), isOver ? t("Lesson") : t("Task %(number)s of %(tasks)s", { number: number + 1, tasks }))
  drawTicks(tasks, number)
  host("task").hidden = !now
  host("over").hidden = !isOver
  drawDone(done)
  if (now) drawTask(now)
}

function drawTicks(tasks, number) {
  const ticks = host("ticks")
  while (ticks.children.length > tasks) ticks.lastChild.remove()
  while (ticks.children.length < tasks) ticks.append(element("li"))
  ;[...ticks.children].forEach((each, place) => {
    const name = place < number ? "done" : place === number ? "now" : ""
    if (each.className !== name) each.className = name
  })
}

function drawTask(now) {
  write(host("task-text"), now.text.replace(/([^\n])\n(?=[^\n])/g, "$1 "))
  host("try").hidden = !now.page && !now.kubectl
  write(host("try-page"), now.page)
  host("try-kubectl").parentElement.hidden = !now.kubectl
  write(host("try-kubectl"), now.kubectl)
  fill(host("verdicts"), now.verdicts, (node, { met, text }) => {
    node.className = met ? "met" : ""
    write(node, text)
  })
  fill(host("hints"), now.hints, (node, text) => write(node, text))
  host("hint").hidden = !now.hints_left
  write(host("hint"), tn("Show a hint (%(count)s left)", "Show a hint (%(count)s left)", now.hints_left))
  host("ask-form").hidden = now.kind !== "ask"
  host("predict-form").hidden = now.kind !== "predict"
  write(host("predicted"), t("%(right)s of %(wanted)s right", { right: now.right, wanted: now.predict }))
  host("predict-form").querySelector("button").disabled = now.is_answered
  host("take-step").hidden = !wanted || !now.is_answered
}

function drawDone(done) {
  const list = host("done-list")
  list.hidden = !done.length
  write(list.querySelector("summary"), tn("%(count)s task done", "%(count)s tasks done", done.length))
  fill(list.querySelector("ol"), done, (node, { text }) => {
    node.className = "done-before"
    write(node, ` ${text.split(/[.?:]\s/)[0]}`)
  })
}

function drawOthers(others) {
  host("others").hidden = !others
  if (!others) return
  fill(host("others").querySelector("ol"), others, (node, { name, task, tasks, is_over: isOver }) =>
    write(
      node,
      isOver
        ? t("%(name)s: done", { name })
        : t("%(name)s: task %(task)s of %(tasks)s", { name, task: task + 1, tasks }),
    ),
  )
}

function fill(list, items, draw) {
  while (list.children.length > items.length) list.lastChild.remove()
  while (list.children.length < items.length) list.append(element("li"))
  items.forEach((each, place) => draw(list.children[place], each))
}

async function act(path, body = {}) {
  try {
    return await postAt(`/seat/${path}/`, body)
  } catch ({ message }) {
    toast(message, true)
    return null
  }
}

function say({ right, text }) {
  const node = host("feedback")
  node.hidden = false
  mark(node, { right: right ? "yes" : "no" })
  write(node, `${right ? t("Right.") : t("Not right.")} ${text}`)
}

host("hint").addEventListener("click", () => act("hint"))
host("ask-form").addEventListener("submit", async (event) => {
  event.preventDefault()
  const told = await act("answer", { value: host("ask-form").elements.value.value })
  if (told) say(told)
})
host("predict-form").addEventListener("submit", async (event) => {
  event.preventDefault()
  const { side, replicas } = host("predict-form").elements
  const told = await act("answer", { side: side.value, replicas: replicas.valueAsNumber || 0 })
  if (!told) return
  say(told)
  wanted = told.next
  host("take-step").hidden = !wanted
})
host("take-step").addEventListener("click", async () => {
  const button = host("take-step")
  button.disabled = true
  await takeStep(wanted).catch(({ message }) => toast(message, true))
  button.disabled = false
  button.hidden = true
})

// From moment to moment, until the ReplicaSet has the size that was foretold.
async function takeStep({ name, replicas }) {
  for (let count = 0; count < MOST_STEPS; count += 1) {
    if (seat.lesson?.now?.sizes[name] === replicas || !seat.lesson?.now) return
    await postAt(clusterAddress("step/"))
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}

for (const button of document.querySelectorAll("[data-help]"))
  button.addEventListener("click", () => act("help", { verb: button.dataset.help }))
host("start-over").addEventListener("click", async () => {
  if (!confirm(t("Begin anew? Everything in your cluster is replaced, and the lesson begins with its first task.")))
    return
  const told = await act("reset")
  if (told) toast(told.message)
})
