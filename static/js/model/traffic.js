// What a model of traffic says of an edit, in words. Knows no DOM.

import { number } from "../lib/numbers.js"
import { clauses, named, noop, sentences, t, tn } from "../lib/words.js"

// As the server has them (cluster/core/traffic/model.py).
export const ASSUMPTIONS = [
  noop("Requests come evenly in time, from when the Service first leads to a ready pod."),
  noop("All proxies know of a change of the EndpointSlices after the same delay, and none before."),
  noop(
    "A proxy spreads requests evenly over the ready endpoints it knows; without any, over those that are serving and terminating (kube-proxy, ProxyTerminatingEndpoints); without these it refuses.",
  ),
  noop("Every request is a connection of its own and takes the same time; nothing is tried again."),
  noop(
    "A container accepts requests while it is ready, in its preStop hook too, until it is told to stop (SIGTERM); from then on it refuses new ones and goes on with those that it has.",
  ),
  noop("A request that is not answered when its container ends is broken off."),
]
// The model's numbers: what they are called, and what they are unless somebody says otherwise.
export const NUMBERS = {
  requests_per_second: { label: noop("Requests a second"), usual: 100 },
  belief_delay_seconds: { label: noop("Proxies hear after (s)"), usual: 1 },
  request_seconds: { label: noop("A request takes (s)"), usual: 0.1 },
}

// "Service web: 100 of 1,551 requests lost: 90 refused, 10 broken off"
export function words({ service, requests, lost, refused, broken }) {
  const of = tn("%(count)s request", "%(count)s requests", requests, { count: requests })
  if (!lost) return t("Service %(service)s: none of %(requests)s is lost.", { service, requests: of })
  const numbers = { service, requests: of, lost }
  const parts = { refused, broken }
  return t("Service %(service)s: %(lost)s of %(requests)s lost: %(refused)s refused, %(broken)s broken off.", {
    ...numbers,
    ...parts,
  })
}

// Of a lane of what has happened, {traffic, is_open, is_cut}.
export function pastWords({ traffic, is_open: isOpen, is_cut: isCut }) {
  const told = isOpen ? named(t("So far"), words(traffic)) : words(traffic)
  return sentences([told, isCut && t("More has happened since than is looked at: the lane ends here.")])
}

// The model's numbers, where they can't be edited.
export function numbersText(model) {
  return clauses(Object.entries(NUMBERS).map(([name, { label }]) => named(t(label), number(model[name]))))
}

// {requests_per_second: 50} of what was typed, [{name, text}]: only whole or decimal numbers from 0.
export function modelOf(typed) {
  const given = typed.filter(({ name, text }) => name in NUMBERS && /^\d+(\.\d+)?$/.test(text.trim()))
  return Object.fromEntries(given.map(({ name, text }) => [name, Number(text)]))
}

// The same lane, later.
export function later(traffic, seconds) {
  if (!traffic) return null
  const rates = traffic.rates.map((each) => ({ ...each, at: each.at + seconds }))
  return { ...traffic, rates, end: traffic.end + seconds }
}

// [{at, until, served, lost}]: what becomes of requests, with the end of each rate, as far as it is between two times.
export function spansOf(traffic, from = -Infinity, upto = Infinity) {
  if (!traffic) return []
  const { rates, end } = traffic
  const spans = rates.map(({ at, served, refused, broken }, place) => ({
    at: Math.max(at, from),
    until: Math.min(rates[place + 1]?.at ?? end, upto),
    served,
    lost: refused + broken,
  }))
  return spans.filter(({ at, until }) => at < until)
}
