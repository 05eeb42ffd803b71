// Every cluster that one may see, live; made, renamed, reset and deleted by who may.

import { BoardSocket } from "../lib/boardsocket.js"
import { element, mark, write } from "../lib/nodes.js"
import { clearProblems, showProblems } from "../lib/problems.js"
import { postAt } from "../lib/requests.js"
import { setLost } from "../lib/stage.js"
import { toast } from "../lib/toast.js"
import { number } from "../lib/numbers.js"
import { noop, t, tn } from "../lib/words.js"
import { Board, stateOf } from "../model/board.js"

const host = (id) => document.getElementById(id)
const list = host("clusters")
const filter = host("filter")
const root = host("page").dataset.clusters
const FILTER_MS = 200
const CONNECTION = {
  connecting: noop("connecting"),
  live: noop("live"),
  reconnecting: noop("reconnecting"),
  offline: noop("offline"),
}
const VERBS = { rename: noop("Rename"), reset: noop("Reset"), delete: noop("Delete") }
const board = new Board()
const socket = new BoardSocket()
let wanted = "" // a cluster that was just made or renamed: it gets the focus once it is there

function addressOf(name, path = "") {
  return `${root}${encodeURIComponent(name)}/${path}`
}

function namespaceAddress(cluster, namespace, deployment = "") {
  const rest = deployment && `deployments/${encodeURIComponent(deployment)}/`
  return addressOf(cluster, `namespaces/${encodeURIComponent(namespace)}/${rest}`)
}

function draw() {
  const known = new Map([...list.children].map((node) => [node.dataset.name, node]))
  for (const [name, node] of known) if (!board.rows.has(name)) node.remove()
  let place = 0
  for (const row of board.rows.values()) {
    const node = known.get(row.name) ?? tile(row)
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null)
    place += 1
    drawTile(node, row)
  }
  const searched = filter.value.trim() !== ""
  host("none").hidden = board.rows.size > 0 || !searched
  host("empty").hidden = board.rows.size > 0 || searched
  const count = tn("%(count)s cluster", "%(count)s clusters", board.total)
  const more = t("%(shown)s of them here; type to find the others", { shown: board.rows.size })
  write(host("tally"), board.hidden ? `${count} · ${more}` : count)
  const focused = wanted && [...list.children].find((node) => node.dataset.name === wanted)
  if (focused) {
    focused.querySelector("h2 a").focus()
    wanted = ""
  }
}

function tile(row) {
  const link = element("a", { href: addressOf(row.name) }, row.name)
  const node = element(
    "li",
    { className: "panel cluster" },
    element(
      "header",
      {},
      element("h2", {}, link),
      element("span", { className: "clock" }),
      element("span", { className: "owner quiet" }),
    ),
    element("ul", { className: "found" }),
    element("ul", { className: "miniatures" }),
    element("div", { className: "verbs" }),
  )
  node.dataset.name = row.name
  return node
}

function drawTile(node, row) {
  const clock = node.querySelector(".clock")
  clock.className = row.pace === 1 ? "clock" : "clock chip"
  mark(clock, { tone: row.pace === 0 ? "warn" : "" })
  clock.hidden = row.pace === 1
  write(clock, row.pace === 0 ? t("clock paused") : `${number(row.pace)}×`)
  write(node.querySelector(".owner"), row.owner || t("shared"))
  drawLines(node.querySelector(".found"), row.namespaces, (line, name) => {
    line.replaceChildren(element("a", { href: namespaceAddress(row.name, name) }, t("namespace %(name)s", { name })))
  })
  const miniatures = node.querySelector(".miniatures")
  drawLines(miniatures, [...row.deployments, ...(row.more ? [row.more] : [])], (line, each) =>
    typeof each === "number" ? drawMore(line, each) : drawMiniature(line, row.name, each),
  )
  if (!row.deployments.length) {
    miniatures.hidden = false
    miniatures.replaceChildren(element("li", { className: "quiet" }, t("No Deployments yet.")))
  }
  drawVerbs(node.querySelector(".verbs"), row)
}

function drawLines(host, items, drawLine) {
  while (host.children.length > items.length) host.lastChild.remove()
  while (host.children.length < items.length) host.append(element("li"))
  items.forEach((each, place) => drawLine(host.children[place], each))
  host.hidden = items.length === 0
}

function drawMiniature(line, cluster, each) {
  if (!line.querySelector(".number"))
    line.replaceChildren(
      element("a"),
      element("span", { className: "chip" }),
      element("span", { className: "number", title: t("available / desired") }),
    )
  line.className = ""
  const [link, chip, counts] = line.children
  const name = each.namespace === "default" ? each.name : `${each.namespace} / ${each.name}`
  const href = namespaceAddress(cluster, each.namespace, each.name)
  if (link.getAttribute("href") !== href) link.href = href
  write(link, name)
  link.title = name
  const [tone, text] = stateOf(each)
  mark(chip, { tone })
  write(chip, t(text))
  write(counts, `${number(each.available)}/${number(each.replicas)}`)
}

function drawMore(line, count) {
  line.className = "quiet"
  line.textContent = tn("and %(count)s more", "and %(count)s more", count)
}

function drawVerbs(node, row) {
  if (node.dataset.admin === String(row.admin)) return
  mark(node, { admin: row.admin })
  node.replaceChildren()
  node.hidden = !row.admin
  if (!row.admin) return
  node.append(element("a", { href: addressOf(row.name, "settings/") }, t("Settings")))
  for (const [verb, text] of Object.entries(VERBS)) {
    const button = element(
      "button",
      { type: "button", className: verb === "delete" ? "plain danger" : "plain" },
      t(text),
    )
    button.setAttribute("aria-label", `${t(text)} ${row.name}`)
    button.addEventListener("click", () => ask(verb, row.name))
    node.append(button)
  }
}

function ask(verb, name = "") {
  const dialog = host(`${verb}-dialog`)
  const form = dialog.querySelector("form")
  form.reset()
  clearProblems(form)
  form.querySelector(".errors").replaceChildren()
  form.dataset.name = name
  for (const each of dialog.querySelectorAll("[data-cluster]")) each.textContent = name
  if (verb === "rename") form.elements.name.value = name
  dialog.showModal()
  form.elements[0].focus()
}

for (const form of document.querySelectorAll("form.asking")) {
  form.querySelector("[data-close]").addEventListener("click", () => form.closest("dialog").close())
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    const { verb, name } = form.dataset
    const body = Object.fromEntries(new FormData(form))
    try {
      const { message } = await postAt(verb === "create" ? root : addressOf(name, `${verb}/`), body)
      form.closest("dialog").close()
      wanted = body.name ?? ""
      toast(message)
      socket.look()
    } catch (refusal) {
      const rest = showProblems(form, refusal)
      form.querySelector(".errors").replaceChildren(...rest.map((text) => element("li", {}, text)))
    }
  })
}

for (const id of ["new", "first"]) host(id)?.addEventListener("click", () => ask("create"))

let typing
filter.addEventListener("input", () => {
  clearTimeout(typing)
  typing = setTimeout(() => socket.filter(filter.value), FILTER_MS)
})
addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
  if (event.key === "/") filter.focus()
  else if (event.key === "n" && host("new")) ask("create")
  else if (step) {
    const links = [...list.querySelectorAll("h2 a")]
    links.at((links.indexOf(document.activeElement) + step) % links.length)?.focus()
  } else return
  event.preventDefault()
})

const shown = host("connection")
socket.addEventListener("state", ({ detail }) => {
  setLost(detail === "reconnecting" || detail === "offline")
  shown.dataset.state = detail
  write(shown, t(CONNECTION[detail]))
})
socket.addEventListener("frame", ({ detail }) => {
  board.apply(detail)
  draw()
})
board.apply(JSON.parse(host("board").textContent))
draw()
socket.open()
