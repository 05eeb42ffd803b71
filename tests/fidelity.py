"""What the core was compared with, and where it differs on purpose: `python -m tests.fidelity` writes docs/fidelity.md for
people and docs/fidelity.json for pages. Counts are those of the tests' own parameters; a test checks that the files are current."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cluster.core.traffic.model import ASSUMPTIONS
from tests.api import recorded_refusals
from tests.core import (
    test_any_sequence,
    test_golden,
    test_recordings,
    test_refusals,
    test_sequences,
    test_trace,
)
from tests.core.controllers import test_recorded_endpoints, test_victims
from tests.core.fuzzing import recorded
from tests.core.fuzzing.chances import IN_WORDS
from tests.core.fuzzing.older import OLDER
from tests.core.manifests import test_quantities, test_template_hash
from tests.core.policies import test_recordings as test_policies
from tests.core.policies.player import names_in
from tests.core.policies.player import recording as recording_of_policies
from tests.core.recording_player import recording
from tests.core.scheduling import test_live_recordings
from tests.core.upstream import tables
from tests.core.validation import test_validation
from tests.outside import test_kubectl_today, test_plugged_in
from tests.outside.kubectl_excused import EXCUSED
from tests.outside.kubectl_recordings import mistakes as mistakes_at_terminal
from tests.outside.kubectl_recordings import session
from tests.outside.kubectl_recordings import watches as watches_of_session

DOCS = Path(__file__).parent.parent / "docs"
OLD, TRACED, TODAY = "1.20.2", "1.36.1", "1.36.2"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """`exceptions`: what was not compared as it stands, with the reason."""

    what: str
    kubernetes: str
    cases: int
    details: str
    test: str
    exceptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`group`: newer (1.36 is followed, not 1.20), race (upstream leaves it to chance), time, trap, absent, or model."""

    group: str
    what: str
    reason: str


def compared() -> list[Compared]:
    return [
        random_sequences(),
        plugged_in(),
        policies(),
        scheduling(),
        terminal_today(),
        trace(),
        fuzzed_sequences(),
        stories(),
        batches(),
        recordings(),
        endpoints(),
        scale_downs(),
        unit_tests(),
        hashes(),
        refusals(),
        requests(),
        terminal(),
        amounts(),
        sequences(),
    ]


def random_sequences() -> Compared:
    played = [case.values[0] for case in test_sequences.cases()]
    states = [state for each in played for state in each["states"]]
    by_story = len(test_sequences.recorded("fuzz-stories.json"))
    reason = (
        "which ReplicaSet the message of Progressing names is not compared: one edit sets the size 0 and a new image, and the answer "
        "is upstream's chance (7 of 8: the former one)"
    )
    return Compared(
        what="Random sequences of edits, scales, pauses, undos, readiness and hands on ReplicaSets, step by step",
        kubernetes=TODAY,
        cases=len(played),
        details=f"{len(states)} states (generation, size, strategy, status, conditions and annotations of the Deployment; size, status, "
        "conditions, annotations, labels, image and owner of each ReplicaSet; pods counted), "
        f"{sum(len(each['scalings']) for each in states)} scalings and {sum(len(each['evstream']) for each in states)} events "
        f"in order; {by_story} of them a second time as rehearsed stories",
        test="tests/core/test_sequences.py",
        exceptions={f"sequence {name}": reason for name in sorted(test_sequences.NAMES_BY_CHANCE)},
    )


def plugged_in() -> Compared:
    whole = test_sequences.recorded("fuzz-whole.json")
    states = sum(len(each["states"]) for each in whole)
    played = [each for each in whole if each["name"] in test_plugged_in.PLAYED]
    alone = test_plugged_in.DRIVEN_ALIKE
    return Compared(
        what="The same sequences through the API, driven by a scheduler and a kubelet that are clients, on a node that is not simulated",
        kubernetes=TODAY,
        cases=len(played),
        details=f"{sum(len(each['states']) for each in played)} states as above and "
        f"{sum(len(each['scalings']) for state in played for each in state['states'])} scalings in order at every build; once all "
        f"{len(whole)} ({states} states, scalings and events too) by the driver that had recorded them: {alone} went alike",
        test="tests/outside/test_plugged_in.py",
        exceptions={f"sequence {name}": why for name, why in test_plugged_in.DRIVEN_OTHERWISE.items()},
    )


def fuzzed_sequences() -> Compared:
    run, kept = recorded.run(), recorded.sequences()
    drawn = " and ".join(f"{first} to {end - 1}" for first, end in run["seeds"])
    states = [state for each in kept for state in each["states"]]
    return Compared(
        what="Random sequences on a real control plane in lock-step, with hands on ReplicaSets and pods, minReadySeconds, progress "
        "deadlines and pods that stop slowly",
        kubernetes=OLD,
        cases=len(kept),
        details=f"{run['sequences']} sequences, seeds {drawn}, {run['steps']:,} steps: {run['equal']} went alike, the others "
        f"but for what is named below; {len(kept)} are kept and played at every build: {len(states):,} states as above, "
        f"{sum(len(each['scalings']) for each in states)} scalings and {sum(len(each['evstream']) for each in states)} events in order",
        test="tests/core/fuzzing/test_fuzzing.py",
        exceptions=differing(run),
    )


def differing(run: Mapping[str, Any]) -> dict[str, str]:
    """The seeds of a run that did not go alike as they stand, and why."""
    by_version = {seeds(run["older"][each.name]): f"{each.what}: {each.why}" for each in OLDER}
    by_chance: dict[str, list[int]] = {}
    for name, found in run["chance"].items():
        by_chance.setdefault(IN_WORDS[name], []).extend(found)
    alike, played = set(run["alike_again"]), set(run["played_again"])
    return (
        by_version
        | {
            seeds(found): f"upstream's chance: {why}; of {len(played.intersection(found))} that were played again "
            f"{len(alike.intersection(found))} went alike"
            for why, found in by_chance.items()
        }
        | {seeds(found): f"played again, and alike: {why}" for why, found in run["again"].items()}
    )


def seeds(found: list[int]) -> str:
    return f"seed{'s' if len(found) > 1 else ''} {', '.join(map(str, sorted(set(found))))}"


def scheduling() -> Compared:
    played = [test_live_recordings.recording(name) for name in test_live_recordings.NAMES]
    steps = sum(len(each["steps"]) for each in played)
    late = "the real controller looked at the deadline a step later"
    return Compared(
        what="Rolling updates where nodes lack CPU, with taints, node selector, anti-affinity, topology spread, host ports, cordoned nodes",
        kubernetes=TODAY,
        cases=len(played),
        details=f"{steps} steps: pods by ReplicaSet and what those without a node say, the Deployment's status and conditions, and every "
        "event but kubelets'; which of equal nodes a pod goes to is chance there, and so is how often a pod is tried",
        test="tests/core/scheduling/test_live_recordings.py",
        exceptions={f"{name}, {step}: conditions": late for name, step in sorted(test_live_recordings.NOTICED_LATE)},
    )


def stories() -> Compared:
    told = [case.values[0] for case in test_golden.cases(*test_golden.IN_LOCKSTEP)]
    return Compared(
        what="Recorded rollouts, step by step",
        kubernetes=OLD,
        cases=len(told),
        details=f"{total(told, 'scalings')} scalings in order, {total(told, 'after_step')} quiet states whole, "
        f"{total(told, 'events')} events",
        test="tests/core/test_golden.py",
        exceptions={name: f"played in test_golden_told.py: {why}" for name, why in test_golden.UNTOLD.items()},
    )


def batches() -> Compared:
    told = [case.values[0] for case in test_golden.cases("grid-batch.json")]
    return Compared(
        what="Recorded rollouts in which pods become ready together",
        kubernetes=OLD,
        cases=len(told),
        details=f"{total(told, 'after_step')} quiet states whole; what happens between them is a race upstream",
        test="tests/core/test_golden.py",
    )


def total(told: list[Any], key: str) -> int:
    return sum(len(story["expect"][key]) for story in told)


def recordings() -> Compared:
    traces = [recording(name)["trace"] for name in test_recordings.RECORDED]
    entries = [entry for trace in traces for entry in trace]
    states = [each for each in entries if each["kind"] == "snapshot" and each["label"] not in test_recordings.BETWEEN]
    scalings = [each for each in entries if each["kind"] in test_recordings.SCALINGS]
    reason = "taken in the second in which upstream has not yet noticed that a pod is available"
    return Compared(
        what="Raw recordings: ReplicaSets and pods scaled, deleted, orphaned and relabelled by hand; edits without a new "
        "template; the book's session",
        kubernetes=OLD,
        cases=len(traces),
        details=f"{len(scalings)} scalings in order, {len(states)} states with every pod",
        test="tests/core/test_recordings.py",
        exceptions={f"m_edits, state {label!r}": reason for label in sorted(test_recordings.BETWEEN)},
    )


def scale_downs() -> Compared:
    deletions = [each for file in test_victims.RECORDED for each in json.loads(file.read_text())["deletions"]]
    return Compared(
        what="Which pods a scale-down takes",
        kubernetes=OLD,
        cases=len(test_victims.RECORDED),
        details=f"{len(deletions)} scale-downs, {sum(len(each['deleted']) for each in deletions)} pods",
        test="tests/core/controllers/test_victims.py",
    )


def trace() -> Compared:
    writes = test_trace.recorded()
    counts = ", ".join(f"{sum(each.kind == kind for each in writes)} of {of}" for kind, of in test_trace.KINDS.items())
    return Compared(
        what="An update of three replicas with terminating pods, write by write",
        kubernetes=TRACED,
        cases=len(writes),
        details=f"writes: {counts}; terminatingReplicas, the order of the Deployment controller's writes",
        test="tests/core/test_trace.py",
    )


def unit_tests() -> Compared:
    counts = tables.index()
    tested = tables.covered()
    return Compared(
        what="Case tables of upstream's own unit tests",
        kubernetes=OLD,
        cases=sum(counts[table] for table in tested) - len(tables.CASES_NOT_HERE),
        details=f"{len(tested)} of {len(counts)} tables",
        test="tests/core/upstream, tests/core/validation/test_validation_tables.py",
        exceptions=tables.NOT_HERE | tables.CASES_NOT_HERE,
    )


def policies() -> Compared:
    names = [*names_in("quota"), *names_in("pdb")]
    steps = [each for name in names for each in recording_of_policies(name)["steps"] if "after" in each]
    return Compared(
        what="Quotas that refuse pods, and disruption budgets under eviction and drain",
        kubernetes=TODAY,
        cases=len(names),
        details=f"{len(steps)} states whole: statuses, conditions with their messages, pods, events, the moments of the tries",
        test="tests/core/policies/test_recordings.py",
        exceptions={
            f"{name} at {at} s": f"by chance: {', '.join(keys)}" for (name, at), keys in test_policies.CHANCE.items()
        },
    )


def hashes() -> Compared:
    found = test_template_hash
    return Compared(
        what="pod-template-hash, with the bytes that are hashed",
        kubernetes=f"{OLD}; the book's days",
        cases=len(found.CASES) + len(found.FIELDS) + len(found.BOOK),
        details=f"{len(found.CASES)} templates, {len(found.FIELDS)} with every field in turn, {len(found.BOOK)} of the book's days",
        test="tests/core/manifests/test_template_hash.py",
    )


def endpoints() -> Compared:
    cases = test_recorded_endpoints.RECORDED
    pods, slices = (sum(len(each[key]) for each in cases) for key in ("pods", "slices"))
    return Compared(
        what="Endpoints and EndpointSlices of Services",
        kubernetes=OLD,
        cases=len(cases),
        details=f"{pods} pods ready, unready, terminating, ended, without an address: every address and port in its order, labels, "
        f"{slices} slices with their endpoints, ports, zones and host names",
        test="tests/core/controllers/test_recorded_endpoints.py",
    )


def refusals() -> Compared:
    bodies, objects = len(test_validation.cases()), len(test_refusals.CASES)
    return Compared(
        what="Refused and accepted objects",
        kubernetes=OLD,
        cases=bodies + objects,
        details=f"{bodies} answers of the API server whole, {objects} objects with each field, reason and text",
        test="tests/core/validation/test_validation.py, tests/core/test_refusals.py",
        exceptions=test_validation.ELSEWHERE
        | {
            name: f"refused too; the text of 1.36 is followed: {why}"
            for name, why in test_refusals.CHANGED_SINCE.items()
        },
    )


def requests() -> Compared:
    cases = recorded_refusals.RECORDED
    return Compared(
        what="Requests over HTTP, refused and accepted",
        kubernetes=OLD,
        cases=len(cases),
        details="code, reason, causes and message whole",
        test="tests/api/test_recorded_refusals.py",
        exceptions=dict.fromkeys(recorded_refusals.TODAY, "the words of 1.36 are followed"),
    )


def terminal() -> Compared:
    commands, watches, mistakes = (len(each()) for each in (session, watches_of_session, mistakes_at_terminal))
    return Compared(
        what="kubectl 1.37 at a terminal",
        kubernetes=OLD,
        cases=commands + watches + mistakes,
        details=f"a session of {commands} commands with {watches} watches beside it, and {mistakes} mistakes: exit code and every line, "
        "but for names, ages, addresses and what tests/outside/kubectl_rules.py names with a reason",
        test="tests/outside/test_recorded_kubectl.py",
        exceptions={name: excuse.why for name, excuse in EXCUSED.items()},
    )


def terminal_today() -> Compared:
    return Compared(
        what="kubectl 1.37 at a terminal, against today's server",
        kubernetes=TODAY,
        cases=len(test_kubectl_today.TYPED),
        details="24 invalid manifests with and without client-side validation, explanations of fields, rights: every line",
        test="tests/outside/test_kubectl_today.py",
    )


def amounts() -> Compared:
    return Compared(
        what="Quantities in their canonical form",
        kubernetes=OLD,
        cases=len(test_quantities.CASES),
        details="parsed, compared, stored and hashed",
        test="tests/core/manifests/test_quantities.py",
    )


def sequences() -> Compared:
    limits = test_any_sequence.TestAnySequence.settings
    examples, steps = limits.max_examples, limits.stateful_step_count
    return Compared(
        what="Any sequence of edits, scales, pauses, undos, failures, kills, tampering and waiting",
        kubernetes="its rules",
        cases=examples,
        details=f"up to {steps} steps each, made up anew by hypothesis: never over the ceiling, never pushed under the floor, status "
        "true to the pods, the same each time, nothing done twice, complete once all is healed",
        test="tests/core/test_any_sequence.py, tests/core/test_invariants.py",
    )


def differences() -> list[Difference]:
    return [Difference(group=group, what=what, reason=reason) for group, what, reason in DIFFERENCES]


GROUPS = {
    "newer": "Where 1.36 is followed and a recording of 1.20 differs",
    "race": "Where upstream leaves it to chance or to a race, and we don't",
    "time": "Where our clock is exact",
    "trap": "Where upstream has a trap, and so have we",
    "absent": "What is simplified or absent",
    "model": "What is a model, and said to be one where it is shown",
}
DIFFERENCES: tuple[tuple[str, str, str], ...] = (
    ("newer", 'Events say "Scaled up replica set X from 0 to 1"', 'the text of 1.36; 1.20 left out "from 0"'),
    (
        "newer",
        "Terminating pods are counted in terminatingReplicas",
        "new in status since 1.33; the trace of 1.36.1 and the sequences of 1.36.2 have them",
    ),
    *(("newer", each.what, each.why) for each in OLDER),
    (
        "newer",
        "A ReplicaSet looks again at the moment at which its next pod is available",
        "1.20 looked once after minReadySeconds, and not at all where another look was due before",
    ),
    (
        "newer",
        "Times of the same order of magnitude (a power of two) are equal when pods are chosen to go, and then the uid decides; a "
        "pod-deletion-cost comes before crowded nodes",
        "since 1.22; the recordings of 1.20 are compared with their order as the order of uids",
    ),
    (
        "newer",
        "Pods that have ended are in no Endpoints, terminating ones are in EndpointSlices, and Endpoints have the label "
        "endpoints.kubernetes.io/managed-by",
        "since 1.22, 1.20 behind a gate, and 1.33; the recordings of 1.20 are compared without these",
    ),
    (
        "race",
        "Pods and ReplicaSets move first, then the Deployment's controller, one of its passes after another",
        "upstream's controllers run side by side; each recorded quiet state and each controller's own order are the same",
    ),
    (
        "race",
        "The scheduler and the kubelets move when no controller has anything left to do",
        "upstream's move meanwhile: of pods that are made and told to stop in one moment some may have started; the real plane was "
        "played in lock-step",
    ),
    (
        "race",
        "What an owner leaves behind goes in the order of its creation",
        "upstream's garbage collector has twenty workers",
    ),
    (
        "race",
        "Right after an update Progressing may say NewReplicaSetCreated or ReplicaSetUpdated",
        "upstream writes either by a race of its own; both are accepted where recordings are compared",
    ),
    (
        "race",
        "Pods of equal rank go in the order of their creation",
        "upstream's sort is not stable: any of them may go",
    ),
    (
        "race",
        "Which of several similar events are combined into one is left out where events are compared",
        "the longer texts of 1.36 are told apart where those of 1.20 were similar; the recorder's rule is the same",
    ),
    (
        "time",
        "A pod is available minReadySeconds after it became ready, to the moment",
        "upstream's times are whole seconds and it looks again up to a second late",
    ),
    ("time", "A progress deadline ends to the moment", "upstream adds a second before it looks again"),
    (
        "time",
        "Writes take no time",
        "the real controllers are held to 20 requests a second by default, so thousands of pods take minutes there",
    ),
    (
        "trap",
        "A Deployment that is scaled while Recreate finds several ReplicaSets with pods stands still until its strategy is "
        "RollingUpdate; so does one whose only ReplicaSet with pods is an old one that a hand has "
        "given the wanted size, until it is scaled",
        "each pass takes that for a scaling event, and scaling has nothing to do (kubernetes/kubernetes#125568)",
    ),
    (
        "trap",
        "With revisionHistoryLimit 0 an empty old ReplicaSet that a paused Deployment scales up is deleted in the same moment",
        "old ReplicaSets are cleaned up by what was read before the scaling",
    ),
    (
        "trap",
        "A ReplicaSet's max-replicas annotation tells of the limits at its last change of size, not of today's",
        "annotations are written with sizes; only the sharing out of a scaled rollout refreshes them all",
    ),
    (
        "time",
        "A quota knows at once of a pod that has gone, and the next try of a refused pod comes when it is due",
        "upstream a controller counts a moment later, and a client that sends much is held up, so that there may be a try more or less",
    ),
    (
        "absent",
        "A Deployment that asks for more pods than Rollstage's own limit of its namespace is refused before any pod is made",
        "this limit protects the server; a ResourceQuota refuses pods, as upstream's does",
    ),
    (
        "absent",
        "The annotation deprecated.deployment.rollback.to is kept and not acted on",
        "kubectl has undone by patches of its own since 1.12",
    ),
    (
        "absent",
        "What probes find, how long containers take and how they end comes from the behaviour of their images; a container without a "
        "readiness probe is ready when its image says so",
        "no containers run",
    ),
    (
        "absent",
        "Of failed probes only the one that decides is an event; lifecycle hooks but a preStop that sleeps, and restart "
        "rules of single containers are kept and not acted on",
        "events for each failed probe would be most of the journal",
    ),
    (
        "absent",
        "A pod with spec.nodeName is bound without a look at the node's room; a kubelet refuses what does not fit (OutOfcpu, "
        "OutOfmemory, NodeAffinity)",
        "its ReplicaSet would make pods without end",
    ),
    (
        "absent",
        "No node lifecycle controller: a node whose own kubelet says NotReady, or says nothing, gets no taint and loses no pods",
        "nothing renews a simulated node's heartbeat",
    ),
    (
        "absent",
        "The scheduler sees all nodes, and of equal ones the pod's uid chooses; upstream samples large clusters and chooses by chance",
        "runs can be replayed",
    ),
    (
        "absent",
        "Of more than 100 images on a node the ones pulled first that no pod there uses go, down to 80, and its status reports the 50 "
        "newest; upstream counts bytes on the disk, lets the least recently used go, and reports the largest",
        "images have no size",
    ),
    (
        "absent",
        "The scheduler knows no sizes of images, no volumes beyond whether a pod's claims exist, no resource claims and no pod groups",
        "there are no images, volumes or devices",
    ),
    (
        "absent",
        "EndpointSlices carry no hints for zones, and pods have addresses of IPv4 only",
        "nothing is sent to them",
    ),
    *(("model", each.rstrip("."), "assumed of requests to a Service") for each in ASSUMPTIONS),
)


def as_data() -> dict[str, Any]:
    return {
        "compared": [asdict(each) for each in compared()],
        "differences": [asdict(each) for each in differences()],
        "groups": GROUPS,
    }


def as_markdown(data: dict[str, Any]) -> str:
    lines = [
        "# Fidelity",
        "",
        "The controllers follow Kubernetes 1.36. This page lists what they were compared with, and where they differ on purpose.",
        "",
        f"Kubernetes {TODAY} (its API server and controller manager) and {OLD} were run with a scripted kubelet and recorded; the trace of",
        f"{TRACED} is that of a cluster. Where the controllers of {OLD} and 1.36 differ, 1.36 is followed, and the section after the",
        "table names the difference.",
        "",
        "This page is written by `python -m tests.fidelity`. The counts are those of the tests' own parameters, and a test checks that",
        "the page is current.",
        "",
        "| what | Kubernetes | cases | | test |",
        "|---|---|---|---|---|",
        *(
            f"| {each['what']} | {each['kubernetes']} | {each['cases']:,} | {each['details']} | {in_code(each['test'])} |"
            for each in data["compared"]
        ),
    ]
    for group, title in data["groups"].items():
        lines += ["", f"## {title}", ""]
        lines += [f"- {each['what']}: {each['reason']}." for each in data["differences"] if each["group"] == group]
    lines += ["", "## Not compared as it stands, and why"]
    for each in data["compared"]:
        if each["exceptions"]:
            lines += ["", f"**{each['what']}**", ""]
            lines += [f"- {in_code(name)}: {why}" for name, why in each["exceptions"].items()]
    return "\n".join(lines) + "\n"


def in_code(names: str) -> str:
    return ", ".join(f"`{each}`" for each in names.split(", ") if each) if names.startswith("tests/") else f"`{names}`"


def files() -> dict[Path, str]:
    data = as_data()
    return {
        DOCS / "fidelity.md": as_markdown(data),
        DOCS / "fidelity.json": json.dumps(data, indent=1, ensure_ascii=False) + "\n",
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
        print(path.relative_to(DOCS.parent))
