"""Rolling updates where nodes lack room, as a real 1.36.2 made them (tests/golden-1.36/scheduling), played against a whole State:
controllers, scheduler and kubelets together, and compared after every step."""

import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cluster.core.manifests import edits
from cluster.core.objects import Change, Event, ImageBehaviour, Node, Pod, Update
from cluster.core.rehearsals.player import START, Player
from cluster.core.scheduling.resources import amounts, pod_amounts, resources
from cluster.core.state import State

Json = dict[str, Any]
FOLDER = Path(__file__).parents[2] / "golden-1.36" / "scheduling"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
BY_HAND = ImageBehaviour(pattern="*", ready_seconds=None)
TAINT = {"key": "dedicated", "value": "x", "effect": "NoSchedule"}
# Events of kubelets, which the recordings have none of.
KUBELETS = ("Pulling", "Pulled", "Created", "Started", "Killing", "BackOff")
# Steps in which the real controller had not looked yet whether the deadline had run out; in the next step it had.
NOTICED_LATE = {
    ("cpu_surge1_unavail0_scale_down", "wait past the progress deadline"),
    ("cpu_surge1_unavail0_scale_down", "describe"),
}
STATUS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")


@cache
def recording(name: str) -> Json:
    found: Json = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def nodes_of(found: Json) -> list[Node]:
    """As the recording's purpose says."""
    purpose = found["purpose"]
    if "n1 and n2 have 1 CPU each" in purpose:
        more = "1500m" if "room_for_one" in found["name"] else "1"
        return [Node(name="n1", allocatable=size("1")), Node(name="n2", allocatable=size(more))]
    taints = (TAINT,) if "n1 tainted" in purpose else ()
    zones = {} if found["name"].endswith("cordon_then_update") else {"n1": "a", "n2": "a", "n3": "b"}
    return [
        Node(
            name=name,
            allocatable=size("4"),
            labels={"zone": zones[name]} if zones else {},
            taints=taints if name == "n1" else (),
        )
        for name in ("n1", "n2", "n3")
    ]


def size(cpu: str) -> dict[str, str]:
    return {"cpu": cpu, "memory": "8Gi"}


class LivePlayer(Player):
    """`heard` are the events since the last step, as a recording has them."""

    def __init__(self, found: Json) -> None:
        self.heard: list[list[str]] = []
        super().__init__(
            "recorded", State(nodes_of(found), {"": (BY_HAND,)}), START, ("default", "web"), is_recorded=True
        )

    def act(self, step: Json) -> None:
        words = step["step"].split()
        for method, _, body, *_ in step.get("requests", ()):
            if method == "POST":
                self.apply(body)
            else:
                self.edit(edits.patch(self.deployment, body))
        if words[0] in ("cordon", "uncordon"):
            self.change([self.cordoned(words[1], cordoned=words[0] == "cordon")])
        if words[0] == "ready":
            self.make_ready(step["pods"])
        self.advance(START + step["after"]["t"])

    def make_ready(self, count: int) -> None:
        """The oldest that run."""
        waiting = [pod for pod in self.state.pods.values() if pod.phase == "Running" and not pod.ready]
        self.change([Update(object=replace(pod, ready=True, ready_since=self.now)) for pod in waiting[:count]])

    def note(self, change: Change) -> None:
        super().note(change)
        if isinstance(change, Event) and change.reason not in KUBELETS:
            self.heard.append([change.kind, change.type, change.reason, self.renamed(change.message)])
        self.check_room()

    def check_room(self) -> None:
        for node in self.state.nodes.values():
            here = self.state.pods_on(node.name).values()
            asked = sum(resources(pod_amounts(self.spec_of(pod))).cpu for pod in here)
            assert asked <= resources(amounts(node.allocatable)).cpu

    def spec_of(self, pod: Pod) -> Json:
        owner = self.state.replicasets[pod.owner_uid or ""]
        return dict(owner.template["spec"])

    def renamed(self, text: str) -> str:
        """With the recordings' names: RS1, RS1-POD, NS."""
        for each in self.notes.sizes.values():
            role = f"RS{each.number}"
            for pod in (word for word in text.replace("/", " ").split() if word.startswith(f"{each.name}-")):
                text = text.replace(pod, f"{role}-POD")
            text = text.replace(each.name, role)
        return text.replace("default/", "NS/")

    def pods(self) -> Counter[tuple[Any, ...]]:
        numbers = {each.uid: f"RS{each.number}" for each in self.notes.replicasets()}
        return Counter(
            (
                numbers[pod.owner_uid or ""],
                bool(pod.node),
                pod.ready,
                None if pod.node else ("Unschedulable", pod.message),
            )
            for pod in self.state.pods.values()
            if pod.deleted_at is None
        )


def recorded_pods(after: Json) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            each["owner"],
            bool(each["node"]),
            each["ready"],
            tuple(each["unscheduled"]) if each.get("unscheduled") else None,
        )
        for each in after["pods"]
        if not each.get("terminating")
    )


@pytest.mark.parametrize("name", NAMES)
def test_an_update_goes_as_it_went_there(name: str) -> None:
    found = recording(name)
    player, said = LivePlayer(found), set()
    for step in found["steps"]:
        player.heard.clear()
        player.act(step)
        where = (name, step["step"], step["after"]["t"])
        assert (where, player.pods()) == (where, recorded_pods(step["after"]))
        assert (where, status_of(player)) == (where, recorded_status(step["after"]))
        if (name, step["step"]) not in NOTICED_LATE:
            assert (where, conditions_of(player)) == (where, recorded_conditions(step["after"]))
        assert (where, told(player.heard)) == (where, told(recorded_events(step)))
        said |= refusals(player.heard)
    recorded = {each for step in found["steps"] for each in refusals(recorded_events(step))}
    assert said <= recorded and bool(said) is bool(recorded)


def status_of(player: LivePlayer) -> Json:
    status = player.deployment.status
    counts = (
        status.replicas, status.updated_replicas, status.ready_replicas, status.available_replicas,
        status.unavailable_replicas,
    )  # fmt: skip
    return dict(zip(STATUS, counts, strict=True))


def recorded_status(after: Json) -> Json:
    return {name: after["deployment"]["status"].get(name, 0) for name in STATUS}


def conditions_of(player: LivePlayer) -> list[list[str]]:
    return [
        [each.type, each.status, each.reason, player.renamed(each.message)]
        for each in player.deployment.status.conditions
    ]


def recorded_conditions(after: Json) -> list[list[str]]:
    return [list(each) for each in after["deployment"]["conditions"]]


def told(events: list[list[str]]) -> Counter[tuple[str, ...]]:
    """Which of equal nodes a pod goes to is chance there. Whether a pod is tried once before the pod that makes room for it is
    gone is a race there."""
    return Counter(
        (kind, type_, reason, re.sub(r"to n\d$", "to a node", message))
        for kind, type_, reason, message in events
        if reason != "FailedScheduling"
    )


def recorded_events(step: Json) -> list[list[str]]:
    events = step["events"]
    return [[kind, type_, reason, message] for kind, _, type_, reason, message, count in events for _ in range(count)]


def refusals(events: list[list[str]]) -> set[str]:
    return {message for _, _, reason, message in events if reason == "FailedScheduling"}
