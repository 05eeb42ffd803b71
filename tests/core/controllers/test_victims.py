"""Which pods a ReplicaSet gives up: recorded scale-downs, bare and under a Deployment, against the controllers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cluster.core.controllers.victims import DELETION_COST, choose_victims
from cluster.core.manifests import edits
from cluster.core.objects import Change, Pod, ReplicaSet, Update
from cluster.core.podgroups import Group
from cluster.core.reconcile import reconcile
from cluster.core.state import State
from tests.core import builders
from tests.core.builders import only
from tests.core.recording_player import BY_HAND, START

RECORDED = sorted((Path(__file__).parents[2] / "golden" / "l_pod_deletion").glob("*.json"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_scaling_down_takes_the_recorded_pods(file: Path) -> None:
    recorded = json.loads(file.read_text())
    owned = recorded["manifest"]["kind"] == "Deployment"
    state = settled(recorded, owned=owned)
    now = last_moment(recorded)
    for deletion in recorded["deletions"]:
        before = alive(state)
        now += 0.5
        state.apply([scaled(state, deletion["to"])])
        reconcile(state, now)
        assert before - alive(state) == set(deletion["deleted"])


def settled(recorded: Mapping[str, Any], *, owned: bool) -> State:
    """The recorded pods in one ReplicaSet. Times of one magnitude are equal today and then the uid decides; the recorded
    uids are unknown, so pods are numbered in the order in which they went."""
    rows = recorded["pods"]
    gone = [name for each in recorded["deletions"] for name in each["deleted"]]
    ordered = [*gone, *(name for name in rows if name not in gone)]
    if not owned:
        bare = builders.replicaset("web", len(rows), owner_uid=None, available=len(rows))
        return builders.cluster(replicasets=[bare], behaviour=BY_HAND, pods=recorded_pods(bare, ordered, rows))
    started = builders.cluster(builders.deployment(len(rows)), behaviour=BY_HAND)
    reconcile(started, START)
    owner = only(started.replicasets)
    pods = recorded_pods(owner, ordered, rows)
    return builders.cluster(only(started.deployments), replicasets=[owner], behaviour=BY_HAND, pods=pods)


def recorded_pods(owner: ReplicaSet, ordered: list[str], rows: Mapping[str, Any]) -> list[Pod]:
    return [recorded_pod(f"{place:02}", name, rows[name], owner) for place, name in enumerate(ordered)]


def recorded_pod(uid: str, name: str, row: Mapping[str, Any], owner: ReplicaSet) -> Pod:
    return Pod(
        uid=uid,
        name=name,
        owner_uid=owner.uid,
        labels=owner.template["metadata"]["labels"],
        node=row["node"] or "",
        phase=row.get("phase", "Running"),
        ready=row.get("ready", True),
        ready_since=moment(row["readyTransition"]) if row["readyTransition"] else None,
        restarts=max(row.get("restarts") or [0]),
        created_at=moment(row["created"]) if "created" in row else START,
        stage="ready",
        next_at=None,
    )


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def last_moment(recorded: Mapping[str, Any]) -> float:
    rows = recorded["pods"].values()
    return max(moment(row[key]) for row in rows for key in ("created", "readyTransition") if row.get(key))


def alive(state: State) -> set[str]:
    return {pod.name for pod in state.pods.values() if pod.deleted_at is None}


def scaled(state: State, replicas: int) -> Change:
    if state.deployments:
        return Update(object=edits.scale(only(state.deployments), replicas))
    bare = only(state.replicasets)
    return Update(object=replace(bare, replicas=replicas, generation=bare.generation + 1))


@pytest.mark.parametrize(
    ("costs", "first"),
    [
        pytest.param({"a": "5", "b": "-3"}, "b", id="cheap before dear"),
        pytest.param({"a": "1"}, "b", id="none counts as zero"),
        pytest.param({"b": "-1"}, "b", id="below zero before none"),
        pytest.param({"a": "nonsense", "b": "-1"}, "b", id="what is no number counts as zero"),
    ],
)
def test_the_deletion_cost_decides_before_the_crowd(costs: dict[str, str], first: str) -> None:
    pods = [
        builders.pod(name, ready=True, ready_since=START, node=f"node-{name}",
                     annotations={DELETION_COST: costs[name]} if name in costs else {})
        for name in "ab"
    ]  # fmt: skip
    group = Group()
    for pod in pods:
        group.put(pod)
    assert [pod.name for pod in choose_victims(group, {"node-a": 4, "node-b": 1}, 1, START)] == [first]


def test_what_is_gone_is_not_chosen_again() -> None:
    """Terminating pods don't count: scaling down twice takes other pods."""
    state = builders.cluster(builders.deployment(4), behaviour=BY_HAND)
    reconcile(state, START)
    for replicas in (3, 2):
        state.apply([scaled(state, replicas)])
        reconcile(state, START + 4 - replicas)
    assert len(alive(state)) == 2
