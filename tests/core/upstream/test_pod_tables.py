"""Which pods go first, and which count as related (controller_utils.go, replica_set.go)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from cluster.core import informers
from cluster.core.controllers.replicaset import related_nodes
from cluster.core.controllers.victims import choose_victims, compare_ages
from cluster.core.objects import Pod
from cluster.core.podgroups import Group
from cluster.core.state import State
from tests.core import builders
from tests.core.upstream import reading
from tests.core.upstream.tables import cases, rows

Case = dict[str, Any]
NOW = reading.time("2026-11-23T06:58:19Z")
MONTH_SECONDS = 31 * 86400.0
IN_ORDER = rows("controller_utils.TestSortingActivePods", "order")
RANKS = "controller_utils.TestSortingActivePodsWithRanks"


def test_active_pods_are_given_up_in_upstreams_order() -> None:
    pods = [sorted_pod(place, row) for place, row in enumerate(IN_ORDER)]
    for count in range(1, len(pods)):
        for shuffled in (pods[::-1], pods[1::2] + pods[::2]):
            assert choose_victims(group_of(shuffled), {}, count, NOW) == pods[:count]


def group_of(pods: Iterable[Pod]) -> Group:
    group = Group()
    for pod in pods:
        group.put(pod)
    return group


def sorted_pod(place: int, row: Mapping[str, Any]) -> Pod:
    moments = {None: None, "now": NOW, "now - 1 month": NOW - MONTH_SECONDS}
    return Pod(
        uid=f"pod-{place}",
        name=f"pod-{place}",
        node=row.get("nodeName", ""),
        phase=row["phase"],
        ready=row.get("ready", False),
        ready_since=moments[row.get("readyTransition")],
        restarts=max(row.get("restarts", [0])),
        created_at=moments[row.get("created")] or 0.0,
    )


@pytest.mark.parametrize("case", cases(f"{RANKS}.inequalityTests"))
def test_the_lesser_pod_goes_first(case: Case) -> None:
    lesser, greater = ranked(case["lesser"], "one"), ranked(case["greater"], "two")
    crowds = {lesser.node: case["lesser"]["rank"], greater.node: case["greater"]["rank"]}
    for pods in permutations((lesser, greater)):
        assert choose_victims(group_of(pods), crowds, 1, NOW) == [lesser]


def ranked(row: Case, node: str) -> Pod:
    """A pod on a node of its own, on which as many related pods are as its rank says."""
    pod = reading.pod(row["pod"], uid=node)
    return replace(pod, node=node if pod.node else "")


@pytest.mark.parametrize("case", cases(f"{RANKS}.equalityTests"))
def test_equal_pods_go_in_any_order(case: Case) -> None:
    first, second = (reading.pod(case, uid=uid) for uid in "ab")
    assert compare_ages(first, second, NOW) == 0
    crowds = group_of([first, second]).nodes
    assert choose_victims(group_of([first, second]), crowds, 1, NOW) == [first]
    assert choose_victims(group_of([second, first]), crowds, 1, NOW) == [second]


@pytest.mark.parametrize("case", cases("replica_set.TestGetPodsToDelete.tests"))
def test_pods_to_delete(case: Case) -> None:
    pods, related = read_group(case["pods"] or ()), read_group(case.get("related") or case["pods"] or ())
    chosen = choose_victims(pods, related.nodes, case["diff"], NOW)
    expected = [each["metadata"]["name"] for each in case["expectedPodsToDelete"] or ()]
    assert sorted(each.name for each in chosen) == sorted(expected)


def read_group(found: Sequence[Case]) -> Group:
    return group_of(reading.pod(each, uid=str(place)) for place, each in enumerate(found))


@pytest.mark.parametrize("case", cases("replica_set.TestRelatedPodsLookup.testCases"))
def test_pods_of_the_same_owner_are_related(case: Case) -> None:
    """Each pod is on a node of its own name."""
    pods = [reading.pod(each) for each in case["pods"]]
    state = owned(case["rss"], [replace(each, node=each.name, phase="Running") for each in pods])
    found = related_nodes(state, state.replicasets[case["rs"]["metadata"]["uid"]])
    assert sorted(found) == case["expectedPodNames"]


@pytest.mark.parametrize("case", cases("replica_set.TestGetReplicaSetsWithSameController.testCases"))
def test_replicasets_of_the_same_owner(case: Case) -> None:
    """Each is given one pod, on a node of its name: a ReplicaSet is related where the pod is."""
    names = [(each["metadata"]["name"], each["metadata"]["uid"]) for each in case["rss"]]
    state = owned(case["rss"], [builders.pod(name, owner_uid=uid, node=name) for name, uid in names])
    found = related_nodes(state, state.replicasets[case["rs"]["metadata"]["uid"]])
    assert sorted(found) == sorted(each["metadata"]["name"] for each in case["expectedRSs"])


def owned(replicasets: list[Case], pods: list[Pod]) -> State:
    made = [reading.replicaset(each, owner_uid=reading.owner(each["metadata"], "uid")) for each in replicasets]
    return builders.cluster(replicasets=made, pods=pods)


@pytest.mark.parametrize("case", cases("replica_set.TestPodControllerLookup.testCases"))
def test_an_orphan_concerns_the_replicasets_of_its_namespace_that_select_it(case: Case) -> None:
    sets = [
        reading.replicaset(each, namespace=each["metadata"].get("namespace", ""), owner_uid=None)
        for each in case["inRSs"]
    ]
    pod = reading.pod(case["pod"], namespace=case["pod"]["metadata"].get("namespace", ""), owner_uid=None)
    found = [uid for _, uid in informers.of_pod(State(sets), None, pod)]
    assert found == ([case["outRSName"]] if case["outRSName"] else [])
