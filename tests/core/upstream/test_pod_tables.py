"""Which pods go first, and which count as related (controller_utils.go, replica_set.go)."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from cluster.core.objects import Family, Pod
from cluster.core.podgroups import PodGroups
from cluster.core.replicaset import related_pods
from cluster.core.victims import choose_victims, compare_ages
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
            assert choose_victims(shuffled, [], count, NOW) == pods[:count]


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
    lesser, crowd = ranked(case["lesser"], "one")
    greater, other_crowd = ranked(case["greater"], "two")
    for pods in permutations((lesser, greater)):
        assert choose_victims(pods, [*crowd, *other_crowd], 1, NOW) == [lesser]


def ranked(row: Case, node: str) -> tuple[Pod, list[Pod]]:
    """A pod on a node of its own, and as many related pods there as its rank says."""
    pod = reading.pod(row["pod"], uid=node)
    pod = replace(pod, node=node if pod.node else "")
    return pod, [pod] * row["rank"]


@pytest.mark.parametrize("case", cases(f"{RANKS}.equalityTests"))
def test_equal_pods_go_in_any_order(case: Case) -> None:
    first, second = (reading.pod(case, uid=uid) for uid in "ab")
    assert compare_ages(first, second, NOW) == 0
    assert choose_victims([first, second], [first, second], 1, NOW) == [first]
    assert choose_victims([second, first], [first, second], 1, NOW) == [second]


@pytest.mark.parametrize("case", cases("replica_set.TestGetPodsToDelete.tests"))
def test_pods_to_delete(case: Case) -> None:
    pods = [reading.pod(each) for each in case["pods"] or ()]
    related = [reading.pod(each) for each in case.get("related") or case["pods"] or ()]
    chosen = choose_victims(pods, related, case["diff"], NOW)
    expected = [each["metadata"]["name"] for each in case["expectedPodsToDelete"] or ()]
    assert sorted(each.name for each in chosen) == sorted(expected)


@pytest.mark.parametrize("case", cases("replica_set.TestRelatedPodsLookup.testCases"))
def test_pods_of_the_same_owner_are_related(case: Case) -> None:
    family = owned_family(case["rss"], [reading.pod(each) for each in case["pods"]])
    asked = family.replicasets[case["rs"]["metadata"]["uid"]]
    found = related_pods(family, asked, PodGroups(family.pods.values()))
    assert sorted(each.name for each in found) == case["expectedPodNames"]


@pytest.mark.parametrize("case", cases("replica_set.TestGetReplicaSetsWithSameController.testCases"))
def test_replicasets_of_the_same_owner(case: Case) -> None:
    """Each is given one pod: its ReplicaSet is related where the pod is."""
    pods = [builders.pod(each["metadata"]["name"], owner_uid=each["metadata"]["uid"]) for each in case["rss"]]
    family = owned_family(case["rss"], pods)
    found = related_pods(family, family.replicasets[case["rs"]["metadata"]["uid"]], PodGroups(family.pods.values()))
    assert sorted(each.name for each in found) == sorted(each["metadata"]["name"] for each in case["expectedRSs"])


def owned_family(replicasets: list[Case], pods: list[Pod]) -> Family:
    made = [reading.replicaset(each, owner_uid=reading.owner(each["metadata"], "uid")) for each in replicasets]
    return builders.family(None, replicasets=made, pods=pods)
