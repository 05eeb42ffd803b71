// The page of a recorded rollout: loads its film, follows it while it still goes on, and keeps the moment in the
// address.

import { copy } from "../lib/clipboard.js"
import { canEdit, rolloutAddress } from "../lib/place.js"
import { getAt, postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { t } from "../lib/words.js"
import { Replay } from "./replay.js"

const AGAIN_MS = 2000

const { rollout: id } = document.querySelector("[data-rollout]").dataset
const replay = new Replay(document.getElementById("replay"))
const pin = document.getElementById("pin")

replay.addEventListener("seek", ({ detail }) => {
  const address = new URL(location)
  address.searchParams.set("t", (Math.ceil(detail.seconds * 1000) / 1000).toFixed(3))
  if (detail.frame === null) address.searchParams.delete("frame")
  else address.searchParams.set("frame", detail.frame)
  history.replaceState(null, "", address)
})

document.getElementById("link").addEventListener("click", () => copy(location.href))

pin.setAttribute("aria-disabled", String(!canEdit))
pin.title = canEdit ? t("A pinned rollout is kept after the journal is compacted.") : t("You have view-only access.")
pin.addEventListener("click", async () => {
  if (!canEdit) return
  const isPinned = pin.dataset.pinned === "yes"
  try {
    await postAt(rolloutAddress(id, isPinned ? "unpin/" : "pin/"))
    pin.dataset.pinned = isPinned ? "no" : "yes"
    pin.textContent = isPinned ? t("Pin") : t("Unpin")
  } catch ({ message }) {
    toast(message, true)
  }
})

const asked = new URLSearchParams(location.search) // loading moves the replay, and with it the address
load().then(() => {
  show(asked)
  document.addEventListener("presenter", ({ detail }) => show(detail)) // a class follows its teacher's moment
})

function show(wanted) {
  if (wanted.has("t") && !wanted.has("frame")) replay.seek(Number(wanted.get("t")) || 0)
  else replay.seekFrame(Number(wanted.get("frame")) || 0)
}

async function load() {
  const film = await getAt(rolloutAddress(id, "film/"))
  replay.load(film)
  document.getElementById("open").hidden = !film.is_open
  if (film.is_open) setTimeout(() => load().catch(({ message }) => toast(message, true)), AGAIN_MS)
}
