"""Queue, decisions and cache together, from the first try to the last."""

from dataclasses import replace
from typing import Any

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.pods import PodInfo
from cluster.core.scheduling.queueing.cycles import Decision, run_due
from cluster.core.scheduling.queueing.hints import NodeEvent, PodEvent
from cluster.core.scheduling.queueing.queue import Queue
from cluster.core.scheduling.schedule import Placed, Unschedulable
from tests.core.scheduling.builders import cluster_of, container, node, placed, pod, required, term

NOW = 1000.0


def asking(cache: Cache, name: str, cpu: str, priority: int = 0, **spec: Any) -> PodInfo:
    return pod(cache, name, container({"cpu": cpu}, priority=priority, **spec))


def told(decisions: list[Decision]) -> list[tuple[str, str]]:
    """(pod, its node or what was said)."""
    return [
        (each.pod.name, each.result.node if isinstance(each.result, Placed) else each.result.message)
        for each in decisions
    ]


def go_away(cache: Cache, queue: Queue, uid: str, now: float) -> None:
    gone = cache.remove_pod(uid)
    assert gone
    queue.on_event(PodEvent(old=gone), now)


def test_pods_go_where_there_is_room_and_the_others_wait_for_it() -> None:
    cache, queue = cluster_of(node("n1", cpu=1000)), Queue()
    for name in ("a", "b", "c"):
        queue.add(asking(cache, name, "500m"), NOW)
    no_room = (
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: "
        "0/1 nodes are available: 1 No preemption victims found for incoming pod."
    )
    assert told(run_due(cache, queue, NOW)) == [("a", "n1"), ("b", "n1"), ("c", no_room)]
    assert run_due(cache, queue, NOW + 5) == []
    go_away(cache, queue, "a", NOW + 6)
    assert told(run_due(cache, queue, NOW + 6)) == [("c", "n1")]
    assert len(queue) == 0 and set(cache.pods) == {"b", "c"}


def test_a_cordon_that_is_lifted_lets_the_pod_in() -> None:
    cache, queue = cluster_of(node("n1", unschedulable=True)), Queue()
    queue.add(pod(cache, "p"), NOW)
    (first,) = run_due(cache, queue, NOW)
    assert isinstance(first.result, Unschedulable) and first.result.plugins == {"NodeUnschedulable"}
    event = NodeEvent(old=cache.nodes["n1"].spec, new=node("n1"))
    cache.put_node(node("n1"))
    queue.on_event(event, NOW + 3)
    assert told(run_due(cache, queue, NOW + 3)) == [("p", "n1")]


def test_without_nodes_a_pod_is_tried_again_and_again() -> None:
    cache, queue = Cache(), Queue()
    queue.add(pod(cache, "p"), NOW)
    assert told(run_due(cache, queue, NOW)) == [("p", "no nodes available to schedule pods")]
    cache.put_node(node("n1"))
    due = queue.next_due()
    assert due == NOW + 2
    assert told(run_due(cache, queue, due)) == [("p", "n1")]


def test_a_pod_that_is_placed_wakes_one_that_wants_to_be_near_it() -> None:
    cache, queue = cluster_of(node("n1"), node("n2")), Queue()
    queue.add(pod(cache, "near", container(priority=5, **required("podAffinity", term({"app": "db"})))), NOW)
    queue.add(pod(cache, "db", labels={"app": "db"}), NOW)
    decisions = told(run_due(cache, queue, NOW))
    assert [name for name, _ in decisions] == ["near", "db", "near"]
    assert decisions[1][1] == decisions[2][1]


def test_preemption_from_the_victims_to_the_node() -> None:
    cache, queue = cluster_of(node("n1", cpu=1000)), Queue()
    placed(cache, "low", "n1", container({"cpu": "1"}))
    queue.add(asking(cache, "boss", "500m", 9), NOW)
    queue.add(asking(cache, "late", "500m", 3), NOW)
    boss, late = run_due(cache, queue, NOW)
    assert isinstance(boss.result, Unschedulable) and [each.uid for each in boss.result.victims] == ["low"]
    assert (boss.pod.nominated_node, cache.pods["low"].is_terminating) == ("n1", True)
    assert isinstance(late.result, Unschedulable) and [each.uid for each in late.result.victims] == ["low"]
    go_away(cache, queue, "low", NOW + 2)
    assert told(run_due(cache, queue, NOW + 2)) == [("boss", "n1"), ("late", "n1")]
    assert not cache.nominated and cache.pods["boss"].nominated_node == ""


def test_while_the_victims_terminate_nobody_else_goes() -> None:
    cache, queue = cluster_of(node("n1", cpu=1000)), Queue()
    placed(cache, "low", "n1", container({"cpu": "500m"}), started_at=2.0)
    placed(cache, "old", "n1", container({"cpu": "500m"}), started_at=1.0)
    queue.add(asking(cache, "boss", "500m", 9), NOW)
    (first,) = run_due(cache, queue, NOW)
    assert isinstance(first.result, Unschedulable) and [each.uid for each in first.result.victims] == ["low"]
    queue.on_event(PodEvent(old=replace(cache.pods["old"], uid="elsewhere")), NOW + 3)
    (again,) = run_due(cache, queue, NOW + 3)
    assert isinstance(again.result, Unschedulable) and not again.result.victims
    assert again.result.message.endswith("not eligible due to a terminating pod on the nominated node.")
    assert again.pod.nominated_node == "n1"


def test_a_pod_that_loses_its_nomination_is_tried_again() -> None:
    cache, queue = cluster_of(node("n1", cpu=1000)), Queue()
    placed(cache, "low", "n1", container({"cpu": "1"}))
    queue.add(asking(cache, "boss", "600m", 3), NOW)
    run_due(cache, queue, NOW)
    queue.add(asking(cache, "chief", "600m", 9), NOW + 5)
    chief, boss = run_due(cache, queue, NOW + 5)
    assert (chief.pod.name, chief.pod.nominated_node) == ("chief", "n1")
    assert (boss.pod.name, boss.pod.nominated_node) == ("boss", "")


def test_a_pass_ends_after_so_many_pods() -> None:
    cache, queue = cluster_of(node("n1")), Queue()
    for number in range(5):
        queue.add(pod(cache, f"p{number}"), NOW)
    assert len(run_due(cache, queue, NOW, most=3)) == 3
    assert len(run_due(cache, queue, NOW)) == 2
