// The JSON behind the buttons (docs/protocol.md, Acting). A refusal is thrown with its Kubernetes Status.

import { address } from "./place.js"
import { t } from "./words.js"

export class Refusal extends Error {
  constructor(status) {
    super(status.message ?? t("The server did not answer. Try again."))
    this.status = status
  }
}

export function post(path, body = {}) {
  return postAt(address(path), body)
}

export function get(path) {
  return getAt(address(path))
}

// The same at a whole address of this site.
export async function postAt(whole, body = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") }
  return answer(fetch(whole, { method: "POST", headers, body: JSON.stringify(body) }))
}

export async function getAt(whole) {
  return answer(fetch(whole))
}

async function answer(request) {
  const response = await request.catch(() => null)
  const body = await response?.json().catch(() => null)
  if (!response?.ok) throw new Refusal(body ?? {})
  return body
}

function cookie(name) {
  return (
    document.cookie
      .split("; ")
      .find((each) => each.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? ""
  )
}
