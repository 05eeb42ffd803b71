"""What a real kube-scheduler 1.36.2 did in rolling updates (tests/golden-1.36/scheduling): its messages byte for byte, and
every node that it chose is one of the best here.

A recording has quiet states. `unscheduled` pods are scheduled again in the state in which they wait; a pod that was bound in
a step is scheduled in the states that it may have seen, as pods that are replaced go at about the same time.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.labels import label_selector
from cluster.core.scheduling.nodes import NodeSpec
from cluster.core.scheduling.pods import PodInfo
from tests.core.scheduling.builders import best, node, refused, repelling

Json = dict[str, Any]
FOLDER = Path(__file__).parents[2] / "golden-1.36" / "scheduling"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
MERGED = ("containers", "affinity", "topologySpreadConstraints", "tolerations", "nodeSelector")


@cache
def recording(name: str) -> Json:
    found: Json = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def nodes_of(found: Json) -> list[NodeSpec]:
    """As the recording's purpose says."""
    purpose = found["purpose"]
    if "n1 and n2 have 1 CPU each" in purpose:
        return [node("n1", cpu=1000), node("n2", cpu=1500 if "room_for_one" in found["name"] else 1000)]
    taints = (repelling(),) if "n1 tainted" in purpose else ()
    zones = {} if found["name"].endswith("cordon_then_update") else {"n1": "a", "n2": "a", "n3": "b"}
    return [
        node(name, labels={"zone": zones[name]} if zones else {}, taints=taints if name == "n1" else ())
        for name in ("n1", "n2", "n3")
    ]


def templates(found: Json) -> dict[str, Json]:
    """The pod specs by ReplicaSet: only the image changes in these updates."""
    first = found["steps"][0]["requests"][0][2]["spec"]["template"]["spec"]
    changed = json.loads(json.dumps(first).replace("nginx:v1", "nginx:v2"))
    return {"RS1": first, "RS2": changed}


class Scene:
    """A recorded state, to schedule one more pod in."""

    def __init__(self, found: Json, cordoned: frozenset[str] = frozenset()) -> None:
        self.cache = Cache()
        self.templates = templates(found)
        for each in nodes_of(found):
            self.cache.put_node(replace(each, unschedulable=each.name in cordoned))

    def pod(self, uid: str, owner: str, where: str = "") -> PodInfo:
        labels = {"app": "web", "pod-template-hash": owner}
        spread_with = label_selector({"matchLabels": labels})
        spec = self.cache.specs.read(self.templates[owner], "NS", labels, spread_with)
        return PodInfo(uid=uid, name=f"{owner}-POD", spec=spec, node=where)

    def add(self, pods: list[Json]) -> None:
        for place, each in enumerate(pods):
            if each["node"]:
                self.cache.add_pod(self.pod(f"{len(self.cache.pods)}-{place}", each["owner"], each["node"]))


def cordoned_after(found: Json, last: int) -> frozenset[str]:
    names: set[str] = set()
    for step in found["steps"][: last + 1]:
        if named := re.fullmatch(r"(un)?cordon (n\d)", step["step"]):
            (names.discard if named[1] else names.add)(named[2])
    return frozenset(names)


def waiting() -> Iterator[tuple[str, int, Json]]:
    for name in NAMES:
        for place, step in enumerate(recording(name)["steps"]):
            yield from ((name, place, each) for each in step["after"]["pods"] if each.get("unscheduled"))


WAITING = list(waiting())


@pytest.mark.parametrize(("name", "place", "pod"), WAITING, ids=[f"{name}-{place}" for name, place, _ in WAITING])
def test_a_pod_waits_for_the_recorded_reason(name: str, place: int, pod: Json) -> None:
    found = recording(name)
    scene = Scene(found, cordoned_after(found, place))
    scene.add(found["steps"][place]["after"]["pods"])
    assert pod["unscheduled"] == ["Unschedulable", refused(scene.cache, scene.pod("p", pod["owner"])).message]


def told() -> Iterator[tuple[str, int, str]]:
    for name in NAMES:
        for place, step in enumerate(recording(name)["steps"]):
            yield from ((name, place, each[4]) for each in step["events"] if each[3] == "FailedScheduling")


TOLD = list(told())


@pytest.mark.parametrize(("name", "place", "message"), TOLD, ids=[f"{name}-{place}" for name, place, _ in TOLD])
def test_the_event_says_what_was_recorded(name: str, place: int, message: str) -> None:
    """Told before the pods that are replaced were gone: in the state of the step before, or with what came since."""
    found = recording(name)
    before = found["steps"][place - 1]["after"]["pods"] if place else []
    after = found["steps"][place]["after"]["pods"]
    owner = after[-1]["owner"]
    messages = set()
    for news in (*range(len(new_ones(before, after)) + 1),):
        scene = Scene(found, cordoned_after(found, place))
        scene.add(before + new_ones(before, after)[:news])
        given = scene.pod("p", owner)
        if not best_or_none(scene.cache, given):
            messages.add(refused(scene.cache, given).message)
    assert message in messages


def best_or_none(cache: Cache, given: PodInfo) -> set[str]:
    return best(cache, given) if cache.evaluation(given.spec).feasible() else set()


def new_ones(before: list[Json], after: list[Json]) -> list[Json]:
    """The pods that were bound in the step: those in excess, by owner and node, of the ones before."""
    left = [(each["owner"], each["node"]) for each in before]
    found = []
    for each in after:
        key = (each["owner"], each["node"])
        if key in left:
            left.remove(key)
        elif each["node"]:
            found.append(each)
    return found


def gone(before: list[Json], after: list[Json]) -> list[Json]:
    return [each for each in new_ones(after, before) if each["node"]]


BOUND = [
    (name, place)
    for name in NAMES
    for place, step in enumerate(recording(name)["steps"])
    if any(each[3] == "Scheduled" for each in step["events"])
]


@pytest.mark.parametrize(("name", "place"), BOUND, ids=[f"{name}-{place}" for name, place in BOUND])
def test_a_recorded_choice_is_one_of_the_best(name: str, place: int) -> None:
    """The pods of a step were created, and mostly scheduled, in this order; of those that went in the step, any number may
    still have been there. In the first step, every choice is compared in the state that it was made in."""
    found = recording(name)
    before = found["steps"][place - 1]["after"]["pods"] if place else []
    after = found["steps"][place]["after"]["pods"]
    came, went = new_ones(before, after), gone(before, after)
    kept = [each for each in before if not any(each is one for one in went)]
    for number, each in enumerate(came):
        others = came[:number] + came[number + 1 :]
        states = [
            kept + went[left:] + others[:some] for left in range(len(went) + 1) for some in range(len(others) + 1)
        ]
        if place == 0:
            states = [came[:number]]
        assert any(each["node"] in choices(found, place, state, each["owner"]) for state in states), each


def choices(found: Json, place: int, state: list[Json], owner: str) -> set[str]:
    scene = Scene(found, cordoned_after(found, place))
    scene.add(state)
    return best_or_none(scene.cache, scene.pod("p", owner))


def test_all_recordings_have_something_to_compare() -> None:
    assert len(NAMES) == 15 and len(WAITING) >= 25 and len(TOLD) >= 15 and len(BOUND) >= 30
