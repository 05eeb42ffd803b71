// Where the presenter is: pages that follow go there; who looks elsewhere can return.

import { write } from "../lib/nodes.js"
import { t } from "../lib/words.js"

const host = (id) => document.getElementById(id)
const KEY = "follows"
let place = null

export function followPresenter(now) {
  place = now
  const box = host("following")
  box.hidden = !now
  if (!now) {
    sessionStorage.removeItem(KEY) // the next presentation is followed again
    return
  }
  if (isFollowing() && !isThere()) {
    location.assign(now.path + (now.query ? `?${now.query}` : ""))
    return
  }
  if (isFollowing()) lookAlike(now)
  write(host("following-text"), isThere() ? t("You follow the presenter.") : t("The presenter shows something else."))
  write(host("follow"), isThere() ? t("Go to your own cluster") : t("Return to the presenter"))
}

// The same moment of the same replay, the stage alone or not.
function lookAlike({ query, projector }) {
  document.dispatchEvent(new CustomEvent("presenter", { detail: new URLSearchParams(query) }))
  document.dispatchEvent(new CustomEvent("follow-stage", { detail: projector }))
}

const isFollowing = () => sessionStorage.getItem(KEY) !== "no"
const isThere = () => place && location.pathname === place.path

host("follow").addEventListener("click", () => {
  const away = isThere()
  sessionStorage.setItem(KEY, away ? "no" : "yes")
  location.assign(away ? "/seat/stage/" : place.path)
})
// Who goes elsewhere by a link of the page looks elsewhere.
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("a[href]")
  if (place && link && !link.hash && link.pathname !== place.path) sessionStorage.setItem(KEY, "no")
})
