"""The scheduler of one State: its cache and its queue, which follow the State's changes (pkg/scheduler/eventhandlers.go)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from cluster.core.admission import admitted
from cluster.core.objects import Labels, Manifest, Node, Pod, ReplicaSet
from cluster.core.policies.rules import Rules
from cluster.core.scheduling.cache import Cache
from cluster.core.scheduling.labels import default_selector
from cluster.core.scheduling.nodes import read_node
from cluster.core.scheduling.pods import DEFAULT_SCHEDULER, PodInfo, PodSpec
from cluster.core.scheduling.preemption import read_budget, within
from cluster.core.scheduling.queueing.cycles import MOST_CYCLES, Decision, Failed, raise_error, run_due
from cluster.core.scheduling.queueing.hints import ClaimEvent, NodeEvent, PodEvent
from cluster.core.scheduling.queueing.queue import Queue, QueuedPod
from cluster.core.scheduling.schedule import GATED_REASON, PREEMPTED_REASON, Unschedulable, schedule
from cluster.core.surroundings import Surroundings

FINISHED = ("Succeeded", "Failed")
Refusals = dict[int, frozenset[str]]  # plugins by the id of a PodSpec


class Objects(Protocol):
    """The parts of a State that the scheduler reads."""

    nodes: dict[str, Node]
    pods: dict[str, Pod]
    replicasets: dict[str, ReplicaSet]
    surroundings: Surroundings
    rules: Rules


class Scheduler:
    """Begins with all objects of the State; from then on `tell_pod` and `tell_node` announce changes, and `run` decides."""

    def __init__(self, state: Objects) -> None:
        self.state = state
        self.cache, self.queue = Cache(admit=admitted), Queue()
        self.templates: dict[str, tuple[Manifest, Labels, PodSpec]] = {}
        self.surroundings = Surroundings()
        self.told_nodes: dict[str, Node | None] = dict(state.nodes)
        self.told_pods: dict[str, Pod | None] = {uid: pod for uid, pod in state.pods.items() if pod.node}
        self.told_pods |= {uid: pod for uid, pod in state.pods.items() if not pod.node}

    def tell_node(self, name: str, node: Node | None) -> None:
        """Announces a changed node; None: the node is gone."""
        self.told_nodes[name] = node

    def tell_pod(self, uid: str, pod: Pod | None) -> None:
        """Announces a changed pod; None: the pod is gone."""
        self.told_pods[uid] = pod

    def next_due(self) -> float | None:
        """When `run` next has something to do, if nothing happens."""
        return self.queue.next_due()

    def run(self, now: float, most: int | None = None, failed: Failed = raise_error) -> list[Decision]:
        """Decides on the pods that are due, `most` of them at most. The decisions count as if they were carried out. Pods that
        raise are passed to `failed`."""
        self.catch_up(now, failed)
        return run_due(self.cache, self.queue, now, self.violating, MOST_CYCLES if most is None else most, failed)

    def violating(self, pods: Sequence[PodInfo]) -> frozenset[str]:
        """The uids of the pods whose eviction a budget of their namespaces does not allow (preemption.Violating)."""
        namespaces = sorted({each.namespace for each in pods})
        budgets = (read_budget(each.manifest) for name in namespaces for each in self.state.rules.budgets_in(name))
        return within(budgets)(pods)

    def catch_up(self, now: float, failed: Failed) -> None:
        if self.state.surroundings is not self.surroundings:
            self.look_around(now)
        nodes, self.told_nodes = self.told_nodes, {}
        for name, node in nodes.items():
            self._take_node(name, node, now)
        pods, self.told_pods = self.told_pods, {}
        refusals: Refusals = {}
        for uid, pod in pods.items():
            try:
                self._take_pod(uid, pod, now, refusals)
            except Exception as error:  # any error concerns this pod alone
                failed(uid, error)

    def look_around(self, now: float) -> None:
        before, self.surroundings = self.surroundings, self.state.surroundings
        for name, labels in self.surroundings.namespaces.items():
            if before.namespaces.get(name) != labels:
                self.cache.put_namespace(name, labels)
        if before.services != self.surroundings.services:
            self.templates.clear()
        self.cache.claims = self.surroundings.claims
        for namespace, name in sorted((self.cache.claims or frozenset()) - (before.claims or frozenset())):
            self.queue.on_event(ClaimEvent(namespace=namespace, name=name), now)

    def _take_node(self, name: str, node: Node | None, now: float) -> None:
        known = self.cache.nodes.get(name)
        old, new = known.spec if known else None, read_node(node) if node else None
        if old == new:
            return
        if new is None:
            self.cache.remove_node(name)
        else:
            self.cache.put_node(new)
        self.queue.on_event(NodeEvent(old=old, new=new), now)

    def _take_pod(self, uid: str, pod: Pod | None, now: float, refusals: Refusals) -> None:
        if pod is not None and pod.node and pod.phase not in FINISHED:
            self._count(pod, now)
        elif pod is not None and pod.deleted_at is None and pod.phase not in FINISHED:
            self._enqueue(pod, now, refusals)
        else:
            self._drop(uid, now)

    def _count(self, pod: Pod, now: float) -> None:
        """Counts a pod that has a node."""
        known = self.cache.known(pod.uid, pod.node)
        if known is not None and self._is_as_counted(pod, known):
            return
        info = self.read(pod)
        self.queue.remove(pod.uid)
        self.cache.add_pod(info)
        if known is None or known.spec is not info.spec:
            self.queue.on_event(PodEvent(old=known, new=info), now)

    def _is_as_counted(self, pod: Pod, known: PodInfo) -> bool:
        """Whether the pod is counted as it is, as most are: those that the scheduler itself has placed."""
        is_same = known.node == pod.node and known.is_terminating is (pod.deleted_at is not None)
        return is_same and known.started_at == pod.scheduled_at and known.spec is self.spec_of(pod)

    def _enqueue(self, pod: Pod, now: float, refusals: Refusals) -> None:
        """Queues a pod without a node. A pod that an earlier Scheduler object refused waits again for what refused it."""
        info = self.read(pod)
        queued = self.queue.of(pod.uid)
        if info.spec.scheduler_name != DEFAULT_SCHEDULER:
            return
        if queued is not None:
            if queued.pod.spec is not info.spec:
                self.queue.update(replace(queued.pod, spec=info.spec), now)
            return
        if info.nominated_node:
            self.cache.nominate(info, info.nominated_node)
        plugins = self._refusing(info, refusals) if was_refused(pod) else frozenset()
        if plugins:
            self.queue.put_refused(QueuedPod(pod=info, since=now, refused=1, plugins=plugins))
        else:
            self.queue.add(info, now)

    def _refusing(self, info: PodInfo, refusals: Refusals) -> frozenset[str]:
        """The plugins that refuse nodes to the pod if none is feasible; computed once for pods of one spec."""
        found = refusals.get(id(info.spec))
        if found is None:
            result = schedule(self.cache, info)
            found = refusals[id(info.spec)] = result.plugins if isinstance(result, Unschedulable) else frozenset()
        return found

    def _drop(self, uid: str, now: float) -> None:
        """Removes a pod that is gone or will never run again. A pod with a nominated node frees the room reserved there."""
        nominated = self.cache.nominated_to.get(uid)
        queued, counted = self.queue.remove(uid), self.cache.remove_pod(uid)
        if counted is not None:
            self.queue.on_event(PodEvent(old=counted), now)
        elif queued is not None and nominated:
            self.queue.on_event(PodEvent(old=replace(queued.pod, node=nominated)), now)

    def read(self, pod: Pod) -> PodInfo:
        return PodInfo(
            uid=pod.uid,
            name=pod.name,
            spec=self.spec_of(pod),
            created_at=pod.created_at,
            started_at=pod.scheduled_at,
            node=pod.node,
            nominated_node=pod.nominated_node,
            is_terminating=pod.deleted_at is not None,
            is_preempted=pod.disruption is not None and pod.disruption.reason == PREEMPTED_REASON,
        )

    def spec_of(self, pod: Pod) -> PodSpec:
        """The pod's own spec, or that of its ReplicaSet's template, which is read once."""
        owner = self.state.replicasets.get(pod.owner_uid or "")
        if pod.spec is not None or owner is None:
            return self._read_spec(pod, pod.spec or {}, owner)
        known = self.templates.get(owner.uid)
        if known is None or known[0] is not owner.template or known[1] is not pod.labels:
            spec = self._read_spec(pod, owner.template.get("spec") or {}, owner)
            known = self.templates[owner.uid] = (owner.template, pod.labels, spec)
        return known[2]

    def _read_spec(self, pod: Pod, spec: Manifest, owner: ReplicaSet | None) -> PodSpec:
        services = self.surroundings.services_of(pod.namespace, pod.labels)
        spread_with = default_selector(owner.selector if owner else None, services)
        return self.cache.specs.read(spec, pod.namespace, pod.labels, spread_with)


def was_refused(pod: Pod) -> bool:
    return bool(pod.message) and pod.reason != GATED_REASON
