// The lesson beside the stage: the task that is under way, what is missing, hints and answers. Other tasks are read with n and p.

import { offerKeys } from "../lib/keys.js"
import { element, mark, write } from "../lib/nodes.js"
import { clusterAddress } from "../lib/place.js"
import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { noop, sentences, t, tn } from "../lib/words.js"
import { Reading } from "../model/lessonreading.js"
import { lessonText } from "../model/lessonwords.js"
import { inLanguage } from "../model/spoken.js"
import { followClass } from "./classsocket.js"

const host = (id) => document.getElementById(id)
const { base, socket } = host("lesson").dataset
const STEP_MS = 250
const MOST_STEPS = 100
const STATES = {
  done: { tone: "ok", text: noop("task that is done") },
  ahead: { tone: "", text: noop("task ahead") },
}
const reading = new Reading()
let lesson = null // of the newest frame, in the page's language
let wanted = null // the size that the next step leads to: {name, replicas}

// `onFrame` gets every frame, also the last one ("gone").
export function followLesson(onFrame) {
  followClass(
    socket,
    (frame) => {
      if (frame.type !== "gone") take(frame.lesson)
      onFrame(frame)
    },
    false,
  )
}

export async function act(path, body = {}) {
  try {
    return await postAt(`${base}${path}/`, body)
  } catch ({ message }) {
    toast(message, true)
    return null
  }
}

export const isOver = () => Boolean(lesson?.is_over)

export function fill(list, items, draw) {
  while (list.children.length > items.length) list.lastChild.remove()
  while (list.children.length < items.length) list.append(element("li"))
  items.forEach((each, place) => draw(list.children[place], each))
}

function take(told) {
  const before = lesson
  lesson = told && { ...told, ...inLanguage(told.translations, {}) }
  if (before && lesson && (before.number !== lesson.number || before.title !== lesson.title)) turn(before)
  if (!lesson) reading.back()
  draw()
}

// Another task: what was said of the last one is over.
function turn(before) {
  host("feedback").hidden = true
  wanted = null
  host("take-step").hidden = true
  host("ask-form").reset()
  reading.back()
  if (before.number < lesson.number) toast(lesson.is_over ? t("The lesson is done.") : t("Task done."))
}

function draw() {
  host("lesson-body").hidden = !lesson
  host("no-lesson").hidden = Boolean(lesson)
  if (lesson) drawLesson(lesson)
}

function drawLesson({ title, purpose, tasks, number, texts, now, hints }) {
  const task = reading.of(lesson)
  write(host("lesson-title"), title)
  host("lesson-title").title = purpose
  write(host("lesson-place"), task ? t("Task %(number)s of %(tasks)s", { number: task.place + 1, tasks }) : t("Lesson"))
  drawTicks(tasks, number, task?.place)
  host("task").hidden = !task
  host("over").hidden = Boolean(task) || !lesson.is_over
  drawDone(texts.slice(0, Math.max(number, 0)))
  drawElsewhere(task)
  if (task) drawText(task)
  if (now) drawWork({ ...now, hints })
}

function drawTicks(tasks, number, read) {
  const ticks = host("ticks")
  while (ticks.children.length > tasks) ticks.lastChild.remove()
  while (ticks.children.length < tasks) ticks.append(element("li"))
  ;[...ticks.children].forEach((each, place) => {
    const name = place < number ? "done" : place === number ? "now" : ""
    if (each.className !== name) each.className = name
    mark(each, { read: reading.isElsewhere && place === read ? "yes" : "" })
  })
}

// A task that is read and is not under way: its text without conditions, forms and hints.
function drawElsewhere(task) {
  const { isElsewhere } = reading
  host("lesson-state").hidden = !isElsewhere
  host("work").hidden = isElsewhere || !lesson.now
  host("to-work").hidden = !isElsewhere
  if (!isElsewhere) return
  mark(host("lesson-state"), { tone: STATES[task.state].tone })
  write(host("lesson-state"), t(STATES[task.state].text))
  const back = lesson.is_over
    ? t("Back to the end of the lesson")
    : t("Back to task %(number)s, which is under way", { number: lesson.number + 1 })
  write(host("to-work"), back)
}

function drawText({ text, page, kubectl }) {
  write(host("task-text"), inOneLine(text))
  host("try").hidden = !page && !kubectl
  write(host("try-page"), page)
  host("try-kubectl").parentElement.hidden = !kubectl
  write(host("try-kubectl"), kubectl)
}

function drawWork(now) {
  fill(host("verdicts"), now.verdicts, (node, verdict) => {
    node.className = verdict.met ? "met" : ""
    write(node, lessonText(verdict))
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

// Lines of one paragraph; between Chinese signs no space stands.
function inOneLine(text) {
  return text.replace(/([^\n])\n(?=[^\n])/g, (_, last) =>
    /[\u3000-\u9fff\uff00-\uffef]/.test(last) ? last : `${last} `,
  )
}

function drawDone(done) {
  const list = host("done-list")
  list.hidden = !done.length
  write(list.querySelector("summary"), tn("%(count)s task done", "%(count)s tasks done", done.length))
  fill(list.querySelector("ol"), done, (node, text) => {
    node.className = "done-before"
    write(node, ` ${text.split(/[.?:]\s|[。？：]/)[0]}`)
  })
}

function say(told) {
  const node = host("feedback")
  node.hidden = false
  mark(node, { right: told.right ? "yes" : "no" })
  write(node, sentences([told.right ? t("Right.") : t("Not right."), lessonText(told)]))
}

function read(step) {
  reading.turn(step, lesson)
  draw()
}

function goBack() {
  reading.back()
  draw()
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
    if (lesson?.now?.sizes[name] === replicas || !lesson?.now) return
    await postAt(clusterAddress("step/"))
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}

host("start-over").addEventListener("click", async () => {
  if (!confirm(t("Start over? Everything in your cluster is replaced, and the lesson restarts at its first task.")))
    return
  const told = await act("reset")
  if (!told) return
  if (told.address && told.address !== location.pathname) location.assign(told.address)
  else toast(told.message)
})

host("previous-task").addEventListener("click", () => read(-1))
host("next-task").addEventListener("click", () => read(1))
host("to-work").addEventListener("click", goBack)
offerKeys({ n: () => read(1), p: () => read(-1) }, () => Boolean(lesson))
