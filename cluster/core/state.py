"""One cluster's objects, with the indexes that its controllers use (client-go tools/cache: informers and indexers).

The interface:

    State(objects=(), behaviours=None)   a cluster of these objects; every Deployment and ReplicaSet is queued
    apply(changes)                       the only way to change the objects: Create and Update put, Delete removes, Events are
                                         ignored; the keys that a change concerns are queued, whatever made the change
    set_behaviours(namespace, tuple)     how images behave in the namespace; "" is the whole cluster
    behaviours_of(namespace)             a namespace's own, then the cluster's: the first match applies
    config                               (kind, namespace, name) of the ConfigMaps and Secrets; None: none counts as missing
    config_keys                          (kind, namespace, name) -> the keys of those whose keys are known; others have every key
    assumes_gates                        readiness gates count as met, as in a rehearsal, where no client meets them
    copy()                               an independent copy, for a forecast; the values are shared, they are frozen

    deployments, replicasets, pods       by uid, in order of creation; to be read, not written
    nodes                                by name
    kept                                 by uid: ResourceQuotas, LimitRanges, PodDisruptionBudgets (`policies`), Services,
                                         EndpointSlices and Endpoints (`services`)
    rules                                the quotas, ranges and budgets by namespace, with their counts (`policies.rules.Rules`)
    services                             the Services, slices and Endpoints by namespace, with the selected pods
                                         (`services.index.Services`)
    named(kind, namespace, name)         a Deployment, ReplicaSet or Pod (a Node: namespace "") or None
    deployments_in(namespace)            by uid; likewise replicasets_in(namespace), orphans_in(namespace) (ReplicaSets without
                                         an owner)
    replicasets_of(deployment_uid)       by uid
    group(replicaset_uid)                the ReplicaSet's pods, counted (`podgroups.Group`)
    orphan_pods(namespace)               the Group of the pods without an owner
    pods_on(node)                        by uid
    is_external(pod)                     whether the kubelet of the pod's node is external

    surroundings                         further objects that matter to pods (`surroundings.Surroundings`); replaced as a whole
    scheduler                            the scheduler's cache and queue, created by the first `reconcile`

    evictions                            by uid: when a pod is evicted from its node because of taints

    before                               by uid: the object (no Node), or None, as it was before the first of the changes that
                                         were applied since this mapping was cleared
    queue                                the keys that controllers have to work on
    pod_times, key_times                 due times (`timetable.Timetable`) of pods, and of keys to be queued
    next_due()                           the earliest of these and of the scheduler's; None: nothing happens by itself
    waiting()                            the pods to which something will happen by itself
    due_pods(now, most), wake(now)       for `reconcile` only: take what is due

`reconcile.reconcile(state, now, most_changes=None)` changes the state and returns its changes. A State belongs to one owner and
is not thread-safe. Where `apply` or `reconcile` raises, the State is unusable: load a new one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from cluster.core import informers
from cluster.core.index import Index
from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Deployment,
    Event,
    ImageBehaviour,
    Kept,
    Node,
    Object,
    Pod,
    ReplicaSet,
)
from cluster.core.podgroups import FINISHED, Group
from cluster.core.policies import budgets
from cluster.core.policies.rules import Rules
from cluster.core.queue import Key, WorkQueue
from cluster.core.scheduling.scheduler import Scheduler
from cluster.core.services import index as services
from cluster.core.surroundings import Surroundings
from cluster.core.timetable import Timetable

Kind = Literal["Deployment", "ReplicaSet", "Pod", "Node"]
EMPTY = Group()  # of an owner without pods; never changed


class State:
    def __init__(
        self, objects: Iterable[Object] = (), behaviours: Mapping[str, tuple[ImageBehaviour, ...]] | None = None
    ) -> None:
        self.deployments: dict[str, Deployment] = {}
        self.replicasets: dict[str, ReplicaSet] = {}
        self.pods: dict[str, Pod] = {}
        self.nodes: dict[str, Node] = {}
        self.kept: dict[str, Kept] = {}
        self.rules = Rules()
        self.services = services.Services()
        self.behaviours: dict[str, tuple[ImageBehaviour, ...]] = dict(behaviours or {})
        self.surroundings = Surroundings()
        self.scheduler: Scheduler | None = None
        self.evictions: dict[str, float] = {}
        self.queue = WorkQueue()
        self.before: dict[str, Object | None] = {}
        self.pod_times: Timetable[str] = Timetable()
        self.key_times: Timetable[Key] = Timetable()
        self._behaviours_of: dict[str, tuple[ImageBehaviour, ...]] = {}
        self.config: set[tuple[str, str, str]] | None = None
        self.config_keys: Mapping[tuple[str, str, str], frozenset[str]] = {}
        self.assumes_gates = False
        self._names: dict[tuple[Kind, str, str], str] = {}
        self._groups: dict[str, Group] = {}
        self._orphan_pods: dict[str, Group] = {}
        self._deployments_in: Index[str, Deployment] = Index(lambda each: each.namespace)
        self._replicasets_in: Index[str, ReplicaSet] = Index(lambda each: each.namespace)
        self._replicasets_of: Index[str, ReplicaSet] = Index(lambda each: each.owner_uid)
        self._orphans_in: Index[str, ReplicaSet] = Index(lambda each: None if each.owner_uid else each.namespace)
        self._pods_on: Index[str, Pod] = Index(lambda each: each.node or None)
        self.apply(Create(object=each) for each in objects)

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if isinstance(change, Event):
                continue
            thing, gone = change.object, isinstance(change, Delete)
            if isinstance(thing, Pod):
                self._put_pod(thing, gone=gone)
            elif isinstance(thing, ReplicaSet):
                self._put_replicaset(thing, gone=gone)
            elif isinstance(thing, Deployment):
                self._put_deployment(thing, gone=gone)
            elif isinstance(thing, Kept):
                self._put_kept(thing, gone=gone)
            else:
                self._put_node(thing, gone=gone)

    def set_behaviours(self, namespace: str, behaviours: tuple[ImageBehaviour, ...]) -> None:
        self.behaviours[namespace] = behaviours
        self._behaviours_of.clear()

    def behaviours_of(self, namespace: str) -> tuple[ImageBehaviour, ...]:
        found = self._behaviours_of.get(namespace)
        if found is None:
            own = self.behaviours.get(namespace, ()) if namespace else ()
            found = self._behaviours_of[namespace] = (*own, *self.behaviours.get("", ()))
        return found

    def named(self, kind: Kind, namespace: str, name: str) -> Any:
        if kind == "Node":
            return self.nodes.get(name)
        uid = self._names.get((kind, namespace, name))
        if uid is None:
            return None
        things: dict[Kind, Mapping[str, Object]] = {
            "Deployment": self.deployments, "ReplicaSet": self.replicasets, "Pod": self.pods,
        }  # fmt: skip
        return things[kind].get(uid)

    def deployments_in(self, namespace: str) -> Mapping[str, Deployment]:
        return self._deployments_in.of(namespace)

    def replicasets_in(self, namespace: str) -> Mapping[str, ReplicaSet]:
        return self._replicasets_in.of(namespace)

    def orphans_in(self, namespace: str) -> Mapping[str, ReplicaSet]:
        return self._orphans_in.of(namespace)

    def replicasets_of(self, deployment_uid: str) -> Mapping[str, ReplicaSet]:
        return self._replicasets_of.of(deployment_uid)

    def group(self, replicaset_uid: str) -> Group:
        return self._groups.get(replicaset_uid, EMPTY)

    def orphan_pods(self, namespace: str) -> Group:
        return self._orphan_pods.get(namespace, EMPTY)

    def pods_on(self, node: str) -> Mapping[str, Pod]:
        return self._pods_on.of(node)

    def is_external(self, pod: Pod) -> bool:
        node = self.nodes.get(pod.node)
        return node is not None and node.is_external

    def waiting(self) -> Iterator[Pod]:
        """The pods to which something will happen by itself."""
        return (self.pods[uid] for uid in self.pod_times)

    def due_pods(self, now: float, most: int | None = None) -> list[Pod]:
        """Takes the pods to which something happens now, oldest first. The caller has to change them."""
        taken = [self.pods[uid] for uid in self.pod_times.take(now, most)]
        return sorted(taken, key=lambda pod: (pod.created_at, pod.name))

    def wake(self, now: float) -> None:
        """Queues the keys whose time has come."""
        for key in self.key_times.take(now):
            self.queue.add(key)

    def next_due(self) -> float | None:
        scheduler = self.scheduler.next_due() if self.scheduler else None
        times = (self.pod_times.next(), self.key_times.next(), scheduler)
        return min((time for time in times if time is not None), default=None)

    def copy(self) -> "State":
        twin = State(behaviours=self.behaviours)
        twin.surroundings, twin.evictions = self.surroundings, self.evictions.copy()
        twin.config, twin.config_keys, twin.assumes_gates = self.config, self.config_keys, self.assumes_gates
        twin.deployments, twin.replicasets = self.deployments.copy(), self.replicasets.copy()
        twin.pods, twin.nodes, twin._names = self.pods.copy(), self.nodes.copy(), self._names.copy()
        twin._groups = {uid: group.copy() for uid, group in self._groups.items()}
        twin._orphan_pods = {namespace: group.copy() for namespace, group in self._orphan_pods.items()}
        twin.kept, twin.rules, twin.services = self.kept.copy(), self.rules.copy(), self.services.copy()
        for name in ("queue", "pod_times", "key_times", "_deployments_in", "_replicasets_in", "_replicasets_of",
                     "_orphans_in", "_pods_on"):  # fmt: skip
            setattr(twin, name, getattr(self, name).copy())
        return twin

    def _put_deployment(self, thing: Deployment, *, gone: bool) -> None:
        old, new = self.deployments.get(thing.uid), None if gone else thing
        self.before.setdefault(thing.uid, old)
        _put(self.deployments, thing.uid, new)
        self._name("Deployment", old, new)
        self._deployments_in.put(thing.uid, old, new)
        if old is None or new is None:
            self.rules.touch(thing.namespace)
        self._queue(informers.of_deployment(old, new) if old or new else ())

    def _put_replicaset(self, thing: ReplicaSet, *, gone: bool) -> None:
        old, new = self.replicasets.get(thing.uid), None if gone else thing
        self.before.setdefault(thing.uid, old)
        _put(self.replicasets, thing.uid, new)
        self._name("ReplicaSet", old, new)
        for index in (self._replicasets_in, self._replicasets_of, self._orphans_in):
            index.put(thing.uid, old, new)
        if old is None or new is None:
            self.rules.touch(thing.namespace)
        self._queue(informers.of_replicaset(self, old, new) if old or new else ())

    def _put_pod(self, thing: Pod, *, gone: bool) -> None:
        old, new = self.pods.get(thing.uid), None if gone else thing
        self.before.setdefault(thing.uid, old)
        _put(self.pods, thing.uid, new)
        if old is None or new is None:
            self._name("Pod", old, new)
        self._group(old, new)
        self._pods_on.put(thing.uid, old, new)
        if new is None:
            self.queue.forget(("Pod", thing.uid))
            self.evictions.pop(thing.uid, None)
        self.pod_times.put(thing.uid, self._time_of(new) if new else None)
        if self.scheduler and informers.is_scheduling(old, new):
            self.scheduler.tell_pod(thing.uid, new)
        if new is not None and (old is None or old.node != new.node or old.spec is not new.spec):
            self._queue(informers.of_tainted(self, new))
        if self.services.places:
            self._queue(self.services.pod(old, new))
        if informers.is_seen(old, new):
            if self.rules.places:
                self._queue(("PodDisruptionBudget", uid) for uid in self.rules.pod(self, old, new))
            self._queue(informers.of_pod(self, old, new))

    def _put_kept(self, thing: Kept, *, gone: bool) -> None:
        self.before.setdefault(thing.uid, self.kept.get(thing.uid))
        _put(self.kept, thing.uid, None if gone else thing)
        if thing.resource in services.RESOURCES:
            self._queue(self.services.put(self, thing, gone=gone))
            return
        self.rules.put(self, thing, gone=gone)
        if thing.resource == budgets.RESOURCE and not gone:
            self.queue.add(("PodDisruptionBudget", thing.uid))

    def _put_node(self, thing: Node, *, gone: bool) -> None:
        """Puts or removes a node. If it is new, or its kubelet has become external or simulated, its pods get new due times."""
        old, new = self.nodes.get(thing.name), None if gone else thing
        _put(self.nodes, thing.name, new)
        if self.scheduler:
            self.scheduler.tell_node(thing.name, new)
        if old is None or (new is not None and old.is_external is not new.is_external):
            for pod in self.pods_on(thing.name).values():
                self.pod_times.put(pod.uid, self._time_of(pod))
        self._queue(informers.of_node(old, new))

    def _time_of(self, pod: Pod) -> float | None:
        """When the simulated kubelet works on a pod next: never where the kubelet is external, at once where an external
        kubelet has left the pod."""
        if not informers.has_kubelet(pod) or self.is_external(pod):
            return None
        if pod.reported is None:
            return pod.next_at
        return None if pod.phase in FINISHED and pod.deleted_at is None else 0.0

    def _group(self, old: Pod | None, new: Pod | None) -> None:
        if old is not None and (new is None or old.owner_uid != new.owner_uid):
            groups, key = self._groups_for(old)
            groups[key].drop(old.uid)
            if not len(groups[key]):
                del groups[key]
        if new is not None:
            groups, key = self._groups_for(new)
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group()
            group.put(new)

    def _groups_for(self, pod: Pod) -> tuple[dict[str, Group], str]:
        return (self._orphan_pods, pod.namespace) if pod.owner_uid is None else (self._groups, pod.owner_uid)

    def _name(self, kind: Kind, old: Object | None, new: Object | None) -> None:
        if old is None and isinstance(new, Deployment | ReplicaSet | Pod):
            self._names[kind, new.namespace, new.name] = new.uid
        elif new is None and isinstance(old, Deployment | ReplicaSet | Pod):
            key = (kind, old.namespace, old.name)
            if self._names.get(key) == old.uid:
                del self._names[key]

    def _queue(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.queue.add(key)


def _put(things: dict[str, Any], key: str, new: object | None) -> None:
    if new is None:
        things.pop(key, None)
    else:
        things[key] = new
