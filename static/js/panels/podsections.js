// What a pod's drawer shows of its events, conditions and logs, as the server tells them.

import { element, mark, write } from "../lib/nodes.js"
import { number } from "../lib/numbers.js"
import { age, t } from "../lib/words.js"

const MOST_LOGS_OPEN = 1

export function sections(details) {
  if (!details)
    return element("div", {}, element("p", { className: "quiet" }, t("Loading events, conditions and log.")))
  return element("div", {}, events(details.events), conditions(details.conditions), logs(details.logs))
}

// Ages go on while nothing else changes.
export function tick(node, now) {
  for (const each of node.querySelectorAll("time")) write(each, age(now - Number(each.dataset.at)))
}

function events(found) {
  const rows = found.map((each) =>
    element(
      "li",
      { className: each.type === "Warning" ? "warning" : "" },
      mark(element("time"), { at: each.at }),
      element(
        "span",
        {},
        element("b", {}, each.reason),
        ` ${each.message}${each.count > 1 ? ` (×${number(each.count)})` : ""}`,
      ),
    ),
  )
  const none = element("li", { className: "quiet" }, t("No events for this pod."))
  return section(t("Events"), element("ol", { className: "events" }, ...(rows.length ? rows : [none])))
}

function conditions(found) {
  const rows = found.map(({ type, status, reason, message }) => {
    const node = element(
      "li",
      {},
      element("span", { className: "head" }, element("b", {}, `${type}: ${status}`), ` ${reason ?? ""}`),
      element("span", { className: "quiet" }, message ?? ""),
    )
    node.dataset.tone = status === "True" ? "ok" : "warn"
    return node
  })
  const none = element("li", { className: "quiet" }, t("No conditions yet."))
  return section(t("Conditions"), element("ul", { className: "conditions" }, ...(rows.length ? rows : [none])))
}

function logs(found) {
  return section(
    t("Log"),
    ...found.map(({ container, text, problem }) =>
      element(
        "details",
        { open: found.length <= MOST_LOGS_OPEN },
        element("summary", {}, element("code", {}, container)),
        problem || !text
          ? element("p", { className: "quiet" }, problem || t("Nothing was written yet."))
          : element("pre", { className: "log", tabIndex: 0 }, text),
      ),
    ),
  )
}

function section(title, ...children) {
  return element("section", {}, element("h3", {}, title), ...children)
}
