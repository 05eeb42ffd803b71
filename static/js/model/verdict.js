// Whether a rollout will ever finish, why not, and what helps, in words (core/rehearsals). Knows no DOM.

import { clauses, duration, sentences, statements, t, tn } from "../lib/words.js"

const COMPLETE = "complete"

export function isGood(verdict) {
  return !verdict || verdict.answer === COMPLETE
}

// In a few words: complete, not before 2 min 5 s, never, unknown.
export function answerText({ answer, seconds }) {
  if (answer === COMPLETE) return t("complete")
  if (answer === "not before") return t("not before %(time)s", { time: duration(seconds) })
  return answer === "never" ? t("never") : t("unknown")
}

// As the end of a forecast's sentence.
export function endText(verdict) {
  const { answer, seconds, deadline_passes_seconds: passes } = verdict
  if (answer === COMPLETE) return t("complete after %(time)s", { time: duration(seconds) })
  if (answer === "never") return t("never complete")
  if (answer === "unknown") return t("unknown whether it completes")
  const time = duration(seconds)
  if (passes === null) return t("not complete before %(time)s", { time })
  return t("not complete before %(time)s, and the progress deadline passes after %(passes)s", {
    time,
    passes: duration(passes),
  })
}

// A state {tone, text} of a rollout that goes on, if that can never complete.
export function withAnswer(state, verdict) {
  return verdict?.answer === "never" && state.tone === "move" ? { tone: "bad", text: t("Never completes") } : state
}

// By rule: what each needs is in the inputs (core/rehearsals/causes.py).
const CAUSES = {
  paused: () => t("The Deployment is paused."),
  quota: (inputs) =>
    t("The quota %(quota)s has no room: requested %(requested)s, used %(used)s, limited %(limited)s.", inputs),
  forbidden: (inputs) => inputs.message,
  "no-node": noNode,
  "other-scheduler": (inputs) =>
    t("The scheduler %(scheduler)s gives its pods their nodes, and it is not simulated.", inputs),
  "readiness-gates": (inputs) =>
    t("Clients decide when the conditions of the pods’ readiness gates are True: %(gates)s.", inputs),
  gated: (inputs) => t("Its scheduling gates are not removed: %(gates)s.", inputs),
  "external-kubelet": (inputs) => t("The kubelet of %(node)s is external: a client decides what its pods do.", inputs),
  "node-gone": (inputs) => t("It is bound to %(node)s, and there is no such node.", inputs),
  image: (inputs) => t("The image %(image)s can’t be pulled.", inputs),
  config: (inputs) => inputs.message,
  crash: (inputs) => t("The container %(container)s (%(image)s) ends after each start.", inputs),
  "slow-start": slowStart,
  probe: (inputs) => t("The readiness probe of the container %(container)s (%(image)s) never succeeds.", inputs),
  "never-ready": (inputs) => t("The container %(container)s (%(image)s) never gets ready.", inputs),
  flapping: (inputs) => t("The container %(container)s (%(image)s) does not stay ready.", inputs),
  "by-hand": (inputs) => t("The container %(container)s is made ready by hand only.", inputs),
  finalizers: (inputs) => t("Old pods stay because of their finalizers: %(finalizers)s.", inputs),
}

// {rule, inputs, text, revision, pods} as a sentence.
export function causeText({ rule, inputs, text, revision, pods }) {
  const told = CAUSES[rule]?.(inputs) ?? text
  if (!pods) return told
  return `${told} ${tn("(revision %(revision)s, %(count)s pod)", "(revision %(revision)s, %(count)s pods)", pods, { revision })}`
}

// Upstream's message, and the numbers that it leaves out.
function noNode({ message, refused }) {
  const [told] = message.split(/ no new claims to deallocate,| preemption:/)
  const numbers = refused.flatMap(({ closest, shortfalls }) =>
    shortfalls.map((each) =>
      t("A pod asks for %(asked)s of %(resource)s; %(node)s has %(free)s free of %(allocatable)s.", {
        ...each,
        node: closest,
      }),
    ),
  )
  return sentences([told, ...numbers])
}

function slowStart({ container, answers, probe, limit }) {
  const values = { container, answers: duration(answers), limit: duration(limit) }
  return probe === "startup"
    ? t(
        "The container %(container)s answers %(answers)s after its start, its startup probe gives up after %(limit)s.",
        values,
      )
    : t(
        "The container %(container)s answers %(answers)s after its start, its liveness probe gives up after %(limit)s.",
        values,
      )
}

// By key (core/rehearsals/candidates.py).
const REMEDIES = {
  resume: () => t("Resume the Deployment"),
  deadline: (inputs) => t("Set the progress deadline to %(seconds)s s", inputs),
  "max-unavailable": () => t("Set max unavailable to 1"),
  "no-surge": (inputs) => t("Set max surge to 0 and max unavailable to %(unavailable)s", inputs),
  "soft-spread": () => t("Make the topology spread constraints soft (ScheduleAnyway)"),
  "soft-anti-affinity": () => t("Make the pod anti-affinity soft (preferred)"),
  "lower-request": ({ requests }) => statements(requests.map(loweredText)),
  "create-absent": ({ objects }) => statements(objects.map(createdText)),
  optional: ({ optional, objects }) =>
    statements([
      t("Make the references optional: %(names)s", {
        names: clauses(optional.map(({ kind, name }) => `${kind} ${name}`)),
      }),
      ...objects.map(createdText),
    ]),
  "slow-start": (inputs) => t("Set %(field)s of the container %(container)s to %(value)s", inputs),
  uncordon: (inputs) => t("Uncordon %(node)s", inputs),
  "more-nodes": (inputs) =>
    tn("Add %(count)s node like %(node)s", "Add %(count)s nodes like %(node)s", inputs.count, inputs),
  quota: ({ quota, hard }) =>
    t("Raise the quota %(quota)s to %(hard)s", { quota, hard: clauses(Object.entries(hard).map(pair)) }),
  undo: () => t("Undo the rollout"),
}

export function remedyText({ key, inputs, text }) {
  return REMEDIES[key]?.(inputs) ?? text
}

// What the rollout then takes and costs.
export function costText({ duration_seconds: seconds, min_available: least, floor_held: held }) {
  const time = duration(seconds)
  return held
    ? t("complete after %(time)s, at least %(least)s available", { time, least })
    : t("complete after %(time)s, at least %(least)s available, below the floor", { time, least })
}

// Which progress deadline would do; "" where there is nothing to say.
export function adviceText({ longest_gap_seconds: gap, deadline_seconds: now, advised_deadline_seconds: advised }) {
  if (!gap || !advised) return ""
  const values = { gap: duration(gap), now, advised }
  return now >= advised
    ? t("Longest time without progress: %(gap)s. The progress deadline of %(now)s s is enough.", values)
    : t(
        "Longest time without progress: %(gap)s. The progress deadline is %(now)s s; set %(advised)s s, half as much again.",
        values,
      )
}

function loweredText([container, resource, to]) {
  return t("Lower the request for %(resource)s of the container %(container)s to %(to)s", { container, resource, to })
}

function createdText({ kind, name, keys, size, is_there: isThere }) {
  if (isThere) return t("Add %(keys)s with empty values to the %(kind)s %(name)s", { kind, name, keys: clauses(keys) })
  if (size) return t("Create the %(kind)s %(name)s of %(size)s", { kind, name, size })
  if (!keys.length) return t("Create the empty %(kind)s %(name)s", { kind, name })
  return t("Create the %(kind)s %(name)s with empty values for %(keys)s", { kind, name, keys: clauses(keys) })
}

function pair([name, value]) {
  return `${name} ${value}`
}
