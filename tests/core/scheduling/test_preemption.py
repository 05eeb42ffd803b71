"""Preemption: selecting goes, from which node, and what is said where nobody may."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.labels import label_selector
from cluster.core.scheduling.pods import PodInfo
from cluster.core.scheduling.preemption import Budget, within
from cluster.core.scheduling.schedule import Unschedulable, schedule
from tests.core.scheduling.builders import (
    chosen,
    cluster_of,
    container,
    node,
    placed,
    pod,
    refused,
    repelling,
    required,
    run,
    term,
)

NO_VICTIMS = "No preemption victims found for incoming pod"
NOT_HELPFUL = "Preemption is not helpful for scheduling"


def asking(cpu: str, priority: int = 0, **spec: Any) -> dict[str, Any]:
    return container({"cpu": cpu}, priority=priority, **spec)


def small(cache: Cache, name: str, where: str, priority: int, cpu: str = "500m", **fields: Any) -> PodInfo:
    return placed(cache, name, where, asking(cpu, priority), **fields)


def victims(result: Unschedulable) -> list[str]:
    return [each.uid for each in result.victims]


def important(cache: Cache, cpu: str = "500m", **spec: Any) -> PodInfo:
    return pod(cache, "boss", asking(cpu, 100, **spec))


def test_the_least_important_go_and_no_more_than_needed() -> None:
    cache = cluster_of(node("n1", cpu=1500))
    for name, priority in (("low", 1), ("lower", 0), ("high", 50)):
        small(cache, name, "n1", priority)
    result = refused(cache, important(cache))
    assert (result.nominated, victims(result)) == ("n1", ["lower"])
    assert result.message == "0/1 nodes are available: 1 Insufficient cpu."
    assert result.plugins == {"NodeResourcesFit"}


def test_of_equally_important_pods_the_youngest_goes() -> None:
    cache = cluster_of(node("n1", cpu=1500))
    for name, started_at in (("old", 1.0), ("young", 9.0), ("middle", 5.0)):
        small(cache, name, "n1", 0, started_at=started_at)
    assert victims(refused(cache, important(cache))) == ["young"]


def test_nothing_has_changed_afterwards() -> None:
    cache = cluster_of(node("n1", cpu=1000), node("n2", cpu=1000))
    for name, where in (("1", "n1"), ("2", "n1"), ("3", "n2"), ("4", "n2")):
        small(cache, name, where, 0)
    first = refused(cache, important(cache, "1"))
    assert {uid: each.node for uid, each in cache.pods.items()} == {"1": "n1", "2": "n1", "3": "n2", "4": "n2"}
    assert [(each.cpu, len(each.pods)) for each in cache.order] == [(1000, 2), (1000, 2)]
    assert refused(cache, important(cache, "1")) == first


def test_when_the_victims_are_gone_the_pod_fits() -> None:
    cache = cluster_of(node("n1", cpu=1000))
    small(cache, "1", "n1", 0)
    small(cache, "2", "n1", 0)
    boss = important(cache)
    result = refused(cache, boss)
    for each in result.victims:
        cache.remove_pod(each.uid)
    assert run(cache, boss) == "n1"


# Nodes of 1 CPU with pods (priority, CPU, started): a pod of 500m goes to the first rather than the second.
ONE = [
    ("lowest-highest-priority", [(4, "1", 0.0)], [(5, "1", 0.0)]),
    ("lowest-highest-priority-though-more", [(4, "600m", 0.0), (4, "600m", 0.0)], [(5, "1", 0.0)]),
    ("lowest-sum", [(4, "600m", 0.0), (1, "600m", 0.0)], [(4, "600m", 0.0), (3, "600m", 0.0)]),
    ("lowest-sum-is-fewer", [(4, "1", 0.0)], [(4, "600m", 0.0), (0, "600m", 0.0)]),
    ("fewest-victims", [(4, "1", 0.0)], [(4, "600m", 0.0), (-(2**31), "600m", 0.0)]),
    ("started-last", [(4, "1", 7.0)], [(4, "1", 5.0)]),
    (
        "first-of-the-highest-started-last",
        [(4, "600m", 7.0), (1, "600m", 1.0)],
        [(4, "600m", 5.0), (1, "600m", 9.0)],
    ),
]


@pytest.mark.parametrize(("better", "worse"), [row[1:] for row in ONE], ids=[row[0] for row in ONE])
@pytest.mark.parametrize("names", [("n1", "n2"), ("n2", "n1")])
def test_one_node_is_picked(better: Any, worse: Any, names: tuple[str, str]) -> None:
    cache = cluster_of(*(node(name, cpu=1000) for name in names))
    for name, pods in zip(names, (better, worse), strict=True):
        for place, (priority, cpu, started_at) in enumerate(pods):
            small(cache, f"{name}-{place}", name, priority, cpu, started_at=started_at)
    assert refused(cache, important(cache)).nominated == names[0]


def budget(allowed: int, **fields: Any) -> Budget:
    selector = label_selector({"matchLabels": {"app": "guarded"}})
    return Budget(namespace="default", selector=selector, allowed=allowed, **fields)


BUDGETS = [
    ("allows", budget(1), "n1"),
    ("allows-none", budget(0), "n2"),
    ("other-namespace", replace(budget(0), namespace="other"), "n1"),
    ("already-disrupted", budget(0, disrupted=frozenset(["guarded"])), "n1"),
    ("selects-all-as-none", replace(budget(0), selector=label_selector({})), "n1"),
]


@pytest.mark.parametrize(("guard", "expected"), [row[1:] for row in BUDGETS], ids=[row[0] for row in BUDGETS])
def test_a_node_without_violations_is_better(guard: Budget, expected: str) -> None:
    """But for the budget n1 is, as its pod has the lower priority."""
    cache = cluster_of(node("n1", cpu=1000), node("n2", cpu=1000))
    small(cache, "guarded", "n1", 1, "1", labels={"app": "guarded"})
    small(cache, "free", "n2", 2, "1")
    result = schedule(cache, important(cache), within([guard]))
    assert isinstance(result, Unschedulable) and result.nominated == expected


def test_a_budget_gives_way_if_nothing_else_does() -> None:
    cache = cluster_of(node("n1", cpu=1000))
    small(cache, "guarded", "n1", 1, "1", labels={"app": "guarded"})
    result = schedule(cache, important(cache), within([budget(0)]))
    assert isinstance(result, Unschedulable) and victims(result) == ["guarded"]


def test_a_guarded_pod_is_put_back_before_a_more_important_one() -> None:
    cache = cluster_of(node("n1", cpu=1000))
    small(cache, "guarded", "n1", 1, labels={"app": "guarded"})
    small(cache, "free", "n1", 2)
    result = schedule(cache, important(cache), within([budget(0)]))
    assert isinstance(result, Unschedulable) and victims(result) == ["free"]


def tail(*said: str, nodes: int = 1) -> str:
    return f"no new claims to deallocate, preemption: 0/{nodes} nodes are available: {', '.join(said)}."


HOPELESS = [
    ("same-priority", 100, {}, "500m", f"0/1 nodes are available: 1 Insufficient cpu. {tail(f'1 {NO_VICTIMS}')}"),
    ("asks-for-too-much", 0, {}, "2", f"0/1 nodes are available: 1 Insufficient cpu. {tail(f'1 {NOT_HELPFUL}')}"),
    (
        "never",
        0,
        {"preemptionPolicy": "Never"},
        "500m",
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
        "preemption: not eligible due to preemptionPolicy=Never.",
    ),
    (
        "selector",
        0,
        {"nodeSelector": {"disk": "ssd"}},
        "500m",
        f"0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. {tail(f'1 {NOT_HELPFUL}')}",
    ),
    (
        "affinity-conflict",
        0,
        {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {
                                "matchFields": [
                                    {"key": "metadata.name", "operator": "In", "values": ["n1"]},
                                    {"key": "metadata.name", "operator": "In", "values": ["n2"]},
                                ]
                            }
                        ]
                    }
                }
            }
        },
        "500m",
        f"0/1 nodes are available: pod affinity terms conflict. {tail(f'1 {NOT_HELPFUL}')}",
    ),
]


@pytest.mark.parametrize(
    ("priority", "spec", "cpu", "message"), [row[1:] for row in HOPELESS], ids=[row[0] for row in HOPELESS]
)
def test_where_nobody_goes(priority: int, spec: Any, cpu: str, message: str) -> None:
    cache = cluster_of(node("n1", cpu=1000))
    small(cache, "there", "n1", priority, "1")
    result = refused(cache, important(cache, cpu, **spec))
    assert (result.message, result.victims) == (message, ())


def test_nodes_are_counted_by_what_was_said_of_them() -> None:
    """n4's low pod could go, but a host port of a pod that stays is in the way."""
    cache = cluster_of(
        node("n1", cpu=1000), node("n2", taints=(repelling(),)), node("n3", cpu=1000), node("n4", cpu=1000)
    )
    port = {"containers": [{"name": "w", "ports": [{"hostPort": 80}], "resources": {"requests": {"cpu": "500m"}}}]}
    for name in ("n1", "n3"):
        placed(cache, f"same-{name}", name, {**port, "priority": 100})
    placed(cache, "stays", "n4", {**port, "priority": 200})
    placed(cache, "low", "n4", asking("500m"))
    result = refused(cache, pod(cache, "boss", {**port, "priority": 100}))
    assert result.message == (
        "0/4 nodes are available: 1 node(s) had untolerated taint(s), "
        "3 node(s) didn't have free ports for the requested pod ports. "
        + tail(
            "1 Preemption is not helpful for scheduling",
            "1 node(s) didn't have free ports for the requested pod ports",
            "2 No preemption victims found for incoming pod",
            nodes=4,
        )
    )
    assert result.nominated == ""


def test_anti_affinity_may_be_satisfied_by_a_victim() -> None:
    cache = cluster_of(node("n1"))
    placed(cache, "foe", "n1")
    placed(cache, "bystander", "n1", labels={"app": "other"})
    result = refused(cache, pod(cache, "boss", container(priority=9, **required("podAntiAffinity", term()))))
    assert victims(result) == ["foe"]


def test_room_that_is_waited_for_is_not_taken_by_a_pod_of_lower_priority() -> None:
    cache = cluster_of(node("n1", cpu=1000))
    boss = important(cache)
    small(cache, "there", "n1", 0)
    cache.nominate(boss, "n1")
    result = refused(cache, pod(cache, "late", asking("500m", 5)))
    assert result.message.startswith("0/1 nodes are available: 1 Insufficient cpu.")
    assert run(cache, replace(boss, nominated_node="n1")) == "n1"
    assert not cache.nominated


def test_room_that_is_waited_for_is_not_taken_by_a_pod_of_the_same_priority() -> None:
    cache = cluster_of(node("n1", cpu=1000), node("n2", cpu=1000))
    cache.nominate(important(cache, "600m"), "n1")
    given = pod(cache, "late", asking("500m", 100))
    assert run(cache, given) == "n2"


def test_room_that_is_waited_for_is_taken_by_a_pod_of_higher_priority() -> None:
    cache = cluster_of(node("n1", cpu=1000))
    cache.nominate(important(cache), "n1")
    assert chosen(cache, pod(cache, "chief", asking("1", 200))).node == "n1"


def test_a_pod_goes_to_its_nominated_node_though_another_is_better() -> None:
    cache = cluster_of(node("n1", cpu=1000), node("n2", cpu=64_000))
    assert chosen(cache, replace(important(cache), nominated_node="n1")).node == "n1"


def test_while_its_victims_terminate_a_pod_does_not_preempt_again() -> None:
    cache = cluster_of(node("n1", cpu=1000))
    small(cache, "going", "n1", 0, is_terminating=True, is_preempted=True)
    small(cache, "there", "n1", 0)
    result = refused(cache, replace(important(cache), nominated_node="n1"))
    assert result.message.endswith("preemption: not eligible due to a terminating pod on the nominated node.")
    assert result.nominated is None and not result.victims


def test_pods_of_lower_priority_lose_their_nomination_to_the_node() -> None:
    cache = cluster_of(node("n1", cpu=1000))
    small(cache, "there", "n1", 0, "1")
    cache.nominate(pod(cache, "lesser", asking("500m", 5)), "n1")
    result = refused(cache, important(cache))
    assert (victims(result), [each.uid for each in result.displaced]) == (["there"], ["lesser"])


def test_without_nodes_there_is_nothing_to_preempt() -> None:
    cache = Cache()
    assert refused(cache, important(cache)) == Unschedulable(
        message="no nodes available to schedule pods", nominated=""
    )
