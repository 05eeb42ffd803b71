"""The queue: the order of pods, back-off, and what wakes a pod that found no node."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.nodes import NodeSpec
from cluster.core.scheduling.pods import HOSTNAME, ZONE, PodInfo
from cluster.core.scheduling.queueing.hints import Event, NodeEvent, PodEvent, may_help
from cluster.core.scheduling.queueing.queue import Queue
from cluster.core.scheduling.schedule import Unschedulable, schedule
from tests.core.scheduling.builders import (
    cluster_of,
    container,
    node,
    placed,
    pod,
    refused,
    repelling,
    required,
    spread,
    term,
)

NOW = 1000.0
CLUSTER = Cache()
FIT = frozenset(["NodeResourcesFit"])


def waiting(name: str, priority: int = 0, **spec: Any) -> PodInfo:
    return pod(CLUSTER, name, container({"cpu": "500m"}, priority=priority, **spec))


def names(queue: Queue, now: float) -> list[str]:
    found = []
    while (queued := queue.pop_due(now)) is not None:
        found.append(queued.pod.name)
    return found


def test_the_higher_priority_goes_first_then_the_longer_wait() -> None:
    queue = Queue()
    for name, priority, at in (("c", 0, 2.0), ("b", 0, 1.0), ("a", 5, 3.0), ("d", 0, 2.0)):
        queue.add(waiting(name, priority), NOW + at)
    assert names(queue, NOW + 9) == ["a", "b", "c", "d"]
    assert len(queue) == 0 and queue.next_due() is None


def refuse(queue: Queue, now: float, plugins: frozenset[str] = FIT) -> None:
    queued = queue.pop_due(now)
    assert queued
    queue.put_back(queued, plugins, now)


GONE: Event = PodEvent(old=replace(waiting("gone"), node="n1"))


@pytest.mark.parametrize("pops_back_off", [False, True])
def test_a_refused_pod_waits_for_an_event_and_for_its_back_off(pops_back_off: bool) -> None:
    queue = Queue(pops_back_off=pops_back_off)
    queue.add(waiting("p"), NOW)
    refuse(queue, NOW)
    assert queue.pop_due(NOW + 60) is None
    queue.on_event(NodeEvent(new=node("n2", cpu=100)), NOW + 0.2)
    assert queue.pop_due(NOW + 60) is None
    queue.on_event(GONE, NOW + 0.3)
    assert (queue.pop_due(NOW + 0.4) is not None) is pops_back_off
    assert (queue.pop_due(NOW + 1.0) is not None) is not pops_back_off


def test_a_pod_that_backs_off_waits_behind_the_active_ones() -> None:
    queue = Queue()
    queue.add(waiting("p", 9), NOW)
    refuse(queue, NOW)
    queue.on_event(GONE, NOW + 0.3)
    queue.add(waiting("q"), NOW + 0.4)
    assert names(queue, NOW + 0.5) == ["q", "p"]


def test_back_off_doubles_from_one_second_to_ten() -> None:
    queue = Queue(pops_back_off=False)
    queue.add(waiting("p"), NOW)
    now, waits = NOW, []
    for _ in range(6):
        refuse(queue, now)
        queue.on_event(GONE, now)
        due = queue.next_due()
        assert due is not None and queue.pop_due(due - 0.001) is None
        waits.append(due - now)
        now = due
    assert waits == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


@pytest.mark.parametrize(
    ("at", "order"), [(1.9, ["active", "high", "low"]), (2.0, ["high", "low", "active"])], ids=["before", "after"]
)
def test_back_offs_that_end_in_the_same_second_end_with_it_and_by_priority(at: float, order: list[str]) -> None:
    queue = Queue()
    for name, priority, refused_at in (("low", 0, 0.1), ("high", 9, 0.8)):
        queue.add(waiting(name, priority), NOW + refused_at)
        refuse(queue, NOW + refused_at)
    queue.on_event(GONE, NOW + 0.9)
    queue.add(waiting("active", -1), NOW + 0.9)
    assert names(queue, NOW + at) == order


def test_after_five_minutes_a_pod_is_tried_whatever_happened() -> None:
    queue = Queue()
    queue.add(waiting("p"), NOW)
    refuse(queue, NOW)
    assert queue.next_due() == NOW + 300
    assert queue.pop_due(NOW + 299) is None
    assert names(queue, NOW + 300) == ["p"]


def test_without_a_plugin_to_blame_only_time_counts() -> None:
    queue = Queue()
    queue.add(waiting("p"), NOW)
    refuse(queue, NOW, frozenset())
    assert queue.pop_due(NOW + 0.5) is None
    assert queue.next_due() == NOW + 2
    assert queue.pop_due(NOW + 1.9) is None
    assert names(queue, NOW + 2) == ["p"]


def test_a_gated_pod_waits_until_its_gates_are_gone() -> None:
    queue = Queue()
    gated = waiting("p", schedulingGates=[{"name": "wait"}])
    queue.add(gated, NOW)
    queue.on_event(GONE, NOW)
    assert queue.pop_due(NOW + 900) is None and queue.next_due() is None and len(queue) == 1
    queue.add(replace(waiting("p"), uid=gated.uid), NOW + 901)
    assert names(queue, NOW + 901) == ["p"] and len(queue) == 0


def test_a_pod_that_is_deleted_is_forgotten() -> None:
    queue = Queue()
    queue.add(waiting("p"), NOW)
    queue.add(waiting("q"), NOW)
    queue.remove("p")
    assert names(queue, NOW) == ["q"]


def test_a_pod_that_has_changed_is_tried_again() -> None:
    queue = Queue(pops_back_off=False)
    queue.add(waiting("p"), NOW)
    refuse(queue, NOW)
    queue.add(waiting("p", tolerations=[{"operator": "Exists"}]), NOW + 5)
    queued = queue.pop_due(NOW + 5)
    assert queued and queued.refused == 1 and queued.pod.spec.tolerations


def on(given: PodInfo) -> PodInfo:
    return replace(given, node="n1")


def added(**about: Any) -> Event:
    return NodeEvent(new=node("n1", **about))


def changed(before: dict[str, Any], after: dict[str, Any]) -> Event:
    return NodeEvent(old=node("n1", **before), new=node("n1", **after))


def relabelled(before: str, after: str, namespace: str = "default") -> Event:
    old = on(pod(CLUSTER, "o", labels={"app": before}, namespace=namespace))
    return PodEvent(old=old, new=on(pod(CLUSTER, "o", labels={"app": after}, namespace=namespace)))


WEB, OTHER = on(pod(CLUSTER, "web")), on(pod(CLUSTER, "other", labels={"app": "other"}))
PORT = on(pod(CLUSTER, "port", {"containers": [{"name": "w", "ports": [{"hostPort": 80}]}]}))
LONELY = on(pod(CLUSTER, "lonely", container(**required("podAntiAffinity", term())), labels={"app": "lonely"}))
BIG, SMALL = (on(pod(CLUSTER, "o", container({"cpu": cpu}))) for cpu in ("2", "1"))
PLAIN, SPREAD = waiting("p"), waiting("p", topologySpreadConstraints=[spread()])
NEAR, FAR = waiting("p", **required("podAffinity", term())), waiting("p", **required("podAntiAffinity", term(key=ZONE)))
PICKY = waiting("p", nodeSelector={"disk": "ssd"})
ZONED: dict[str, Any] = {"zone": "a"}
SSD: dict[str, Any] = {"labels": {"disk": "ssd"}}
HINTS = [
    ("cordon-lifted", "NodeUnschedulable", PLAIN, changed({"unschedulable": True}, {}), True),
    ("cordon-was-not-there", "NodeUnschedulable", PLAIN, changed({}, {"labels": {"a": "b"}}), False),
    ("cordoned-node-added", "NodeUnschedulable", PLAIN, added(unschedulable=True), False),
    ("node-for-the-name-added", "NodeName", PLAIN, added(), True),
    ("taint-taken-away", "TaintToleration", PLAIN, changed({"taints": (repelling(),)}, {}), True),
    (
        "taint-stays",
        "TaintToleration",
        PLAIN,
        changed({"taints": (repelling(),)}, {"taints": (repelling("k"),)}),
        False,
    ),
    ("tainted-node-added", "TaintToleration", PLAIN, added(taints=(repelling(),)), False),
    ("label-set", "NodeAffinity", PICKY, changed({}, SSD), True),
    ("label-was-there", "NodeAffinity", PICKY, changed(SSD, {**SSD, "cpu": 8000}), False),
    ("node-with-label-added", "NodeAffinity", PICKY, added(**SSD), True),
    ("node-removed", "NodeAffinity", PICKY, NodeEvent(old=node("n1", **SSD)), False),
    ("port-freed", "NodePorts", PORT, PodEvent(old=PORT), True),
    ("pod-without-port-gone", "NodePorts", PORT, PodEvent(old=WEB), False),
    ("pod-gone", "NodeResourcesFit", PLAIN, PodEvent(old=OTHER), True),
    ("pod-came", "NodeResourcesFit", PLAIN, PodEvent(new=OTHER), False),
    ("pod-asks-for-less", "NodeResourcesFit", PLAIN, PodEvent(old=BIG, new=SMALL), True),
    ("pod-asks-for-more", "NodeResourcesFit", PLAIN, PodEvent(old=SMALL, new=BIG), False),
    ("large-node-added", "NodeResourcesFit", PLAIN, added(), True),
    ("small-node-added", "NodeResourcesFit", PLAIN, added(cpu=100), False),
    ("node-grown", "NodeResourcesFit", PLAIN, changed({"cpu": 500}, {"cpu": 600}), True),
    ("node-has-more-memory", "NodeResourcesFit", PLAIN, changed({"memory": 1}, {"memory": 2}), False),
    ("node-holds-more-pods", "NodeResourcesFit", PLAIN, changed({"pods": 1}, {"pods": 2}), True),
    ("spread-pod-gone", "PodTopologySpread", SPREAD, PodEvent(old=WEB), True),
    ("spread-pod-came", "PodTopologySpread", SPREAD, PodEvent(new=WEB), True),
    ("other-pod-gone", "PodTopologySpread", SPREAD, PodEvent(old=OTHER), False),
    ("spread-pod-relabelled", "PodTopologySpread", SPREAD, relabelled("web", "old"), True),
    ("pod-relabelled-elsewhere", "PodTopologySpread", SPREAD, relabelled("web", "old", "elsewhere"), False),
    ("zone-added", "PodTopologySpread", SPREAD, added(**ZONED), True),
    ("node-without-zone-added", "PodTopologySpread", SPREAD, added(), False),
    ("zone-changed", "PodTopologySpread", SPREAD, changed(ZONED, {"zone": "b"}), True),
    ("zone-lost", "PodTopologySpread", SPREAD, NodeEvent(old=node("n1", **ZONED)), True),
    ("taint-changed", "PodTopologySpread", SPREAD, changed(ZONED, {**ZONED, "taints": (repelling(),)}), True),
    ("capacity-changed", "PodTopologySpread", SPREAD, changed(ZONED, {**ZONED, "cpu": 1}), False),
    ("friend-came", "InterPodAffinity", NEAR, PodEvent(new=WEB), True),
    ("friend-gone", "InterPodAffinity", NEAR, PodEvent(old=WEB), False),
    ("became-friend", "InterPodAffinity", NEAR, relabelled("old", "web"), True),
    ("foe-gone", "InterPodAffinity", FAR, PodEvent(old=WEB), True),
    ("foe-came", "InterPodAffinity", FAR, PodEvent(new=WEB), False),
    ("no-longer-foe", "InterPodAffinity", FAR, relabelled("web", "old"), True),
    ("hater-gone", "InterPodAffinity", PLAIN, PodEvent(old=LONELY), True),
    ("node-with-the-key", "InterPodAffinity", FAR, added(**ZONED), True),
    ("node-without-the-key", "InterPodAffinity", FAR, added(), False),
    ("unknown-plugin", "VolumeBinding", PLAIN, added(), False),
]


@pytest.mark.parametrize(
    ("plugin", "given", "event", "helps"), [row[1:] for row in HINTS], ids=[row[0] for row in HINTS]
)
def test_what_may_help(plugin: str, given: PodInfo, event: Event, helps: bool) -> None:
    assert may_help(given, [plugin], event) is helps


def test_any_of_the_plugins_that_refused_may_be_helped() -> None:
    assert may_help(PLAIN, ["TaintToleration", "NodeResourcesFit"], PodEvent(old=OTHER))


# The smallest change that lets a refused pod in must wake it: (the cache's node, what is there, the pod, the change).
MENDED: list[tuple[str, NodeSpec, list[PodInfo], PodInfo, Event]] = [
    (
        "cordon",
        node("n1", unschedulable=True),
        [],
        PLAIN,
        NodeEvent(old=node("n1", unschedulable=True), new=node("n1")),
    ),
    ("room", node("n1", cpu=600), [on(waiting("a"))], PLAIN, PodEvent(old=on(waiting("a")))),
    ("foe", node("n1", zone="a"), [WEB], FAR, PodEvent(old=WEB)),
    ("hater", node("n1"), [LONELY], PLAIN, PodEvent(old=LONELY)),
    ("port", node("n1"), [PORT], replace(PORT, uid="p", node=""), PodEvent(old=PORT)),
    ("friend", node("n1"), [], waiting("p", **required("podAffinity", term({"app": "other"}))), PodEvent(new=OTHER)),
]


@pytest.mark.parametrize(
    ("about", "there", "given", "event"), [row[1:] for row in MENDED], ids=[row[0] for row in MENDED]
)
def test_the_event_that_makes_room_wakes_the_pod(about: NodeSpec, there: Any, given: PodInfo, event: Event) -> None:
    cache, queue = cluster_of(about), Queue()
    for each in there:
        cache.add_pod(each)
    queue.add(given, NOW)
    queued = queue.pop_due(NOW)
    assert queued
    queue.put_back(queued, refused(cache, given).plugins, NOW)
    apply(cache, event)
    queue.on_event(event, NOW + 2)
    again = queue.pop_due(NOW + 2)
    assert again and not isinstance(schedule(cache, again.pod), Unschedulable)


def apply(cache: Cache, event: Event) -> None:
    if isinstance(event, NodeEvent):
        assert event.new
        cache.put_node(event.new)
    elif event.new is None:
        assert event.old
        cache.remove_pod(event.old.uid)
    else:
        cache.add_pod(event.new)


def test_thousands_of_refused_pods_are_popped_in_order_at_once() -> None:
    queue = Queue()
    for number in range(3000):
        queue.add(waiting(f"p{number}", number % 7), NOW + number)
    popped = [queue.pop_due(NOW + 9000) for _ in range(3000)]
    keys = [(-each.pod.priority, each.since) for each in popped if each]
    assert keys == sorted(keys) and len(keys) == 3000


def test_a_placed_pod_of_another_node_is_not_forgotten_by_the_hints() -> None:
    """A host name that has no pods any more can take the pod that was spread too densely."""
    cache = cluster_of(node("n1"), node("n2", unschedulable=True))
    placed(cache, "there", "n1")
    given = waiting("p", topologySpreadConstraints=[spread(HOSTNAME)])
    result = refused(cache, given)
    assert result.plugins == {"PodTopologySpread", "NodeUnschedulable"}
    assert may_help(given, result.plugins, NodeEvent(old=node("n2", unschedulable=True), new=node("n2")))
