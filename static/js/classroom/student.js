// A student's lesson panel: the lesson and what belongs to a class: help, who is presenting, the others.

import { t } from "../lib/words.js"
import { write } from "../lib/nodes.js"
import { followPresenter } from "./following.js"
import { act, fill, followLesson } from "./lesson.js"

const host = (id) => document.getElementById(id)

followLesson((frame) => {
  if (frame.type !== "seat") return
  const { help, is_frozen: isFrozen, place, others } = frame
  host("frozen").hidden = !isFrozen
  host("help-offer").hidden = help !== "offered"
  host("help-given").hidden = help !== "given"
  host("ask-help").hidden = help !== ""
  host("asked").hidden = help !== "asked"
  drawOthers(others)
  followPresenter(place)
})

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

for (const button of document.querySelectorAll("[data-help]"))
  button.addEventListener("click", () => act("help", { verb: button.dataset.help }))
