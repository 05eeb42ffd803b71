"""Which pods a ReplicaSet gives up: recorded scale-downs, bare and under a Deployment, against the controllers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cluster.core import edits
from cluster.core.family import apply_changes
from cluster.core.objects import Family, Pod, ReplicaSet
from cluster.core.reconcile import reconcile
from cluster.core.victims import DELETION_COST, choose_victims
from tests.core import builders
from tests.core.recording_player import BY_HAND, START

RECORDED = sorted((Path(__file__).parent.parent / "golden" / "l_pod_deletion").glob("*.json"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_scaling_down_takes_the_recorded_pods(file: Path) -> None:
    recorded = json.loads(file.read_text())
    owned = recorded["manifest"]["kind"] == "Deployment"
    family = settled(recorded, owned=owned)
    now = last_moment(recorded)
    for deletion in recorded["deletions"]:
        before = alive(family)
        now += 0.5
        family = reconcile(scaled(family, deletion["to"]), now).family
        assert before - alive(family) == set(deletion["deleted"])


def settled(recorded: Mapping[str, Any], *, owned: bool) -> Family:
    """The recorded pods in one ReplicaSet. Times of one magnitude are equal today and then the uid decides; the recorded
    uids are unknown, so pods are numbered in the order in which they went."""
    rows = recorded["pods"]
    gone = [name for each in recorded["deletions"] for name in each["deleted"]]
    ordered = [*gone, *(name for name in rows if name not in gone)]
    if not owned:
        bare = builders.replicaset("web", len(rows), owner_uid=None, available=len(rows))
        return filled(builders.family(None, replicasets=[bare], behaviour=BY_HAND), bare, ordered, rows)
    started = reconcile(builders.family(builders.deployment(len(rows)), behaviour=BY_HAND), START).family
    (only,) = started.replicasets.values()
    return filled(replace(started, pods={}), only, ordered, rows)


def filled(family: Family, owner: ReplicaSet, ordered: list[str], rows: Mapping[str, Any]) -> Family:
    made = (recorded_pod(f"{place:02}", name, rows[name], owner) for place, name in enumerate(ordered))
    return replace(family, pods={pod.uid: pod for pod in made})


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


def alive(family: Family) -> set[str]:
    return {pod.name for pod in family.pods.values() if pod.deleted_at is None}


def scaled(family: Family, replicas: int) -> Family:
    if family.deployment:
        return replace(family, deployment=edits.scale(family.deployment, replicas))
    (only,) = family.replicasets.values()
    return replace(family, replicasets={only.uid: replace(only, replicas=replicas, generation=only.generation + 1)})


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
    crowd = [builders.pod(f"other-{n}", node="node-a") for n in range(3)]
    assert [pod.name for pod in choose_victims(pods, [*pods, *crowd], 1, START)] == [first]


def test_what_is_gone_is_not_chosen_again() -> None:
    """Terminating pods don't count: scaling down twice takes other pods."""
    started = reconcile(builders.family(builders.deployment(4), behaviour=BY_HAND), START).family
    once = reconcile(scaled(started, 3), START + 1)
    twice = reconcile(scaled(apply_changes(started, once.changes), 2), START + 2)
    assert len(alive(started)) - len(alive(twice.family)) == 2
