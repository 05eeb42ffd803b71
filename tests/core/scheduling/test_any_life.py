"""Whatever happens in a cluster, through State and reconcile: no node has more than it can hold, and no pod waits that would find
room."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.controllers.replicaset import terminate
from cluster.core.objects import Change, Create, Delete, ImageBehaviour, Node, Pod, Update
from cluster.core.reconcile import reconcile
from cluster.core.scheduling.pods import ZONE, PodInfo
from cluster.core.scheduling.resources import amounts, pod_amounts
from cluster.core.scheduling.schedule import Unschedulable, schedule
from cluster.core.state import State
from tests.core.scheduling.test_any_cluster import APPS, specs

NOW, LONGEST_WAIT = 1000.0, 300.0
NAMES = ("n1", "n2", "n3")
BEHAVIOUR = ImageBehaviour(pattern="*", start_seconds=0.5, stop_seconds=2.0)
TAINTS: Any = st.sampled_from([(), ({"key": "t0", "effect": "NoSchedule"},), ({"key": "t1", "effect": "NoExecute"},)])
NODES = st.builds(
    Node,
    name=st.sampled_from(NAMES),
    labels=st.sampled_from([{}, {ZONE: "a"}, {ZONE: "b"}]),
    taints=TAINTS,
    slots=st.just(4),
    allocatable=st.just({"cpu": "1", "memory": "2Gi"}),
    unschedulable=st.sampled_from([False, False, False, True]),
)
STEPS = st.one_of(
    st.tuples(st.just("create"), st.tuples(specs(), APPS)),
    st.tuples(st.just("create"), st.tuples(specs(), APPS)),
    st.tuples(st.just("terminate"), st.integers(0, 20)),
    st.tuples(st.just("relabel"), st.tuples(st.integers(0, 20), APPS)),
    st.tuples(st.just("tolerate"), st.integers(0, 20)),
    st.tuples(st.just("node"), NODES),
    st.tuples(st.just("lose"), st.sampled_from(NAMES)),
    st.tuples(st.just("wait"), st.sampled_from([0.2, 1.0, 3.0, 20.0])),
)


class Life:
    def __init__(self, nodes: Iterable[Node]) -> None:
        self.state, self.now, self.made = State(nodes, {"": (BEHAVIOUR,)}), NOW, 0
        self.settle()

    def take(self, step: Any) -> None:
        kind, about = step
        getattr(self, kind)(about)
        self.settle()

    def create(self, about: Any) -> None:
        (spec, app), self.made = about, self.made + 1
        pod = Pod(uid=f"p{self.made}", name=f"p{self.made}", labels={"app": app}, spec=spec, created_at=self.now)
        self.apply([Create(object=pod)])

    def terminate(self, number: int) -> None:
        if pod := self.some_pod(number):
            self.apply(terminate(pod, self.now))

    def relabel(self, about: Any) -> None:
        if pod := self.some_pod(about[0]):
            self.apply([Update(object=replace(pod, labels={"app": about[1]}))])

    def tolerate(self, number: int) -> None:
        if pod := self.some_pod(number):
            spec = {**(pod.spec or {}), "tolerations": [{"operator": "Exists"}]}
            self.apply([Update(object=replace(pod, spec=spec))])

    def node(self, node: Node) -> None:
        self.apply([Update(object=node)])

    def lose(self, name: str) -> None:
        """With its pods, as the node's door does."""
        gone: list[Change] = [Delete(object=pod) for pod in self.state.pods_on(name).values()]
        self.apply([*gone, *([Delete(object=self.state.nodes[name])] if name in self.state.nodes else [])])

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.state.next_due()) is not None and due <= end:
            self.now = max(due, self.now)
            self.settle()
        self.now = end

    def some_pod(self, number: int) -> Pod | None:
        pods = list(self.state.pods.values())
        return pods[number % len(pods)] if pods else None

    def apply(self, changes: list[Change]) -> None:
        self.state.apply(changes)

    def settle(self) -> None:
        """After each single change no node holds more than it can."""
        before = self.state.copy()
        for change in reconcile(self.state, self.now).changes:
            before.apply([change])
            if isinstance(change, Update) and isinstance(change.object, Pod):
                self.check_room(before)

    def check_room(self, state: State) -> None:
        for node in state.nodes.values():
            has, here = amounts(node.allocatable), state.pods_on(node.name).values()
            assert len(here) <= node.slots
            for name in ("cpu", "memory"):
                asked = [pod_amounts(pod.spec or {}).get(name, 0) for pod in here]
                assert sum(asked) <= has[name] or not any(asked)

    def that_would_fit(self) -> list[PodInfo]:
        """Of those that were refused and wait for an event."""
        scheduler = self.state.scheduler
        assert scheduler
        waiting = (each.pod for each in scheduler.queue.refused.pods.values())
        return [pod for pod in waiting if not isinstance(schedule(scheduler.cache, pod), Unschedulable)]


@settings(max_examples=80, deadline=None)
@given(st.lists(NODES, min_size=1, max_size=3, unique_by=lambda node: node.name), st.lists(STEPS, max_size=25))
def test_no_node_is_overfull_and_no_pod_waits_longer_than_five_minutes(nodes: list[Node], steps: list[Any]) -> None:
    life = Life(nodes)
    for step in steps:
        life.take(step)
    life.wait(LONGEST_WAIT + 30.0)
    assert life.that_would_fit() == []


@settings(max_examples=80, deadline=None)
@given(st.lists(NODES, min_size=1, max_size=3, unique_by=lambda node: node.name), st.lists(STEPS, max_size=25))
def test_what_makes_room_wakes_who_waits(nodes: list[Node], steps: list[Any]) -> None:
    """Where upstream's hints do: not when a pod begins to stop, which no longer counts for topology spread then, and not when the
    only pod goes that a pod's own affinity is about, so that it might be the first."""
    life = Life(nodes)
    for step in steps:
        life.take(step)
        stopping = any(pod.deleted_at is not None for pod in life.state.pods.values())
        assert stopping or not [pod for pod in life.that_would_fit() if not pod.spec.affinity]
