// The panel of a lesson that is taken without a class, on a cluster of one's own.

import { t } from "../lib/words.js"
import { act, followLesson, isOver } from "./lesson.js"

const host = (id) => document.getElementById(id)

followLesson((frame) => frame.type === "gone" && showEnd())

// The cluster was reset or deleted elsewhere, or is not one's own any more.
function showEnd() {
  host("ended").hidden = false
  for (const id of ["lesson-body", "no-lesson", "foot"]) host(id).hidden = true
}

host("end").addEventListener("click", async () => {
  if (!isOver() && !confirm(t("End the lesson? Its cluster is deleted, with everything that happened there."))) return
  if (await act("end")) location.assign(host("lesson").dataset.stories)
})
