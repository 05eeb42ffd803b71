// The JSON behind the buttons (docs/protocol.md, Acting). A refusal is thrown with its Kubernetes Status.

import { element, t } from "./format.js"

export const namespace = document.body.dataset.namespace
export const canEdit = document.body.dataset.canEdit === "yes"
// Where the pages of this cluster and of this namespace begin, as the server says.
export const { clusterBase, namespaceBase } = document.body.dataset

export class Refusal extends Error {
  constructor(status) {
    super(status.message ?? t("The server did not answer. Try again."))
    this.status = status
  }
}

export function post(path, body = {}) {
  return postAt(namespaceBase + path, body)
}

export function get(path) {
  return getAt(namespaceBase + path)
}

// The same at a whole address of this site.
export async function postAt(address, body = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") }
  return answer(fetch(address, { method: "POST", headers, body: JSON.stringify(body) }))
}

export async function getAt(address) {
  return answer(fetch(address))
}

export function toast(text, failed = false) {
  const node = element("div", { className: failed ? "toast failed" : "toast" }, text)
  document.getElementById("toasts").append(node)
  setTimeout(() => node.remove(), failed ? 9000 : 4000)
}

async function answer(request) {
  const response = await request.catch(() => null)
  const body = await response?.json().catch(() => null)
  if (!response?.ok) throw new Refusal(body ?? {})
  return body
}

function cookie(name) {
  return document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? ""
}
