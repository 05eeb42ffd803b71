// The page of a recorded rollout: loads its film, follows it while it still goes on, and keeps the moment in the
// address.

import { copy } from "../lib/clipboard.js"
import { Latest } from "../lib/latest.js"
import { canEdit, rolloutAddress } from "../lib/place.js"
import { getAt, postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { t } from "../lib/words.js"
import { modelOf, NUMBERS } from "../model/traffic.js"
import { Replay } from "./replay.js"

const AGAIN_MS = 2000
const PATIENCE_MS = 350

const { rollout: id } = document.querySelector("[data-rollout]").dataset
const lanes = new Latest()
let model = modelOf([...new URLSearchParams(location.search)].map(([name, text]) => ({ name, text })))
let patience = null
let isByNode = false
const replay = new Replay(document.getElementById("replay"), { onModel: assume, model, onView: look })
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

// Other numbers of the model: in the address, in the lane, and in what is taken away.
function assume(typed) {
  model = typed
  const address = new URL(location)
  for (const name of Object.keys(NUMBERS)) {
    if (name in model) address.searchParams.set(name, model[name])
    else address.searchParams.delete(name)
  }
  history.replaceState(null, "", address)
  clearTimeout(patience)
  patience = setTimeout(loadLane, PATIENCE_MS)
}

// Where the server has no answer, what was shown stays.
async function loadLane() {
  const query = new URLSearchParams(model)
  for (const link of document.querySelectorAll(".rollout a[download]")) link.search = query
  const found = await lanes.of(getAt(rolloutAddress(id, `traffic/?${query}`)).catch(() => undefined))
  if (found) replay.showLane(found)
}

// What was taken of the nodes, for who looks at them.
async function look(view) {
  isByNode = view === "nodes"
  if (!isByNode) return
  const { frames } = await getAt(rolloutAddress(id, "nodes/")).catch(() => ({ frames: [] }))
  replay.showNodes(frames)
}

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
  loadLane()
  document.getElementById("open").hidden = !film.is_open
  if (film.is_open && isByNode) look("nodes")
  if (film.is_open) setTimeout(() => load().catch(({ message }) => toast(message, true)), AGAIN_MS)
}
