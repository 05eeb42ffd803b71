// A teacher who presents: tells the class's pages where this one is, until the presentation is ended.

import { element } from "../lib/nodes.js"
import { postAt } from "../lib/requests.js"
import { toast } from "../lib/toast.js"
import { t } from "../lib/words.js"

const KEY = "presents" // the class's address
const LOOK_MS = 400
let told = ""
const base = sessionStorage.getItem(KEY)

if (base) {
  const end = element("button", { type: "button", className: "plain" }, t("End the presentation"))
  end.addEventListener("click", finish)
  const notice = element("p", { className: "presenting", role: "status" }, t("You present to the class."), " ", end)
  document.getElementById("main").before(notice)
  setInterval(tell, LOOK_MS)
  tell()
}

async function tell() {
  const place = {
    path: location.pathname,
    query: location.search.slice(1),
    projector: "present" in document.documentElement.dataset,
  }
  const now = JSON.stringify(place)
  if (now === told || document.visibilityState === "hidden") return
  told = now
  await postAt(`${base}present/`, { place }).catch(() => {}) // a page that is not for the class: it stays where it was
}

async function finish() {
  try {
    await postAt(`${base}present/`, { place: null })
    sessionStorage.removeItem(KEY)
    location.assign(`${base}board/`)
  } catch ({ message }) {
    toast(message, true)
  }
}
