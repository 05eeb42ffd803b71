"""The ReplicaSet controller: creates or deletes pods up to the desired number and writes the status
(pkg/controller/replicaset)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from cluster.core import names
from cluster.core.admission import account_problem
from cluster.core.controllers import conditions
from cluster.core.controllers.conditions import REPLICA_FAILURE
from cluster.core.controllers.step import SyncError
from cluster.core.controllers.victims import choose_victims
from cluster.core.copying import changed
from cluster.core.nodes.binding import born
from cluster.core.objects import (
    Change,
    Create,
    Delete,
    Event,
    Explanation,
    Manifest,
    Pod,
    ReplicaSet,
    ReplicaSetStatus,
    Update,
)
from cluster.core.podgroups import FINISHED, Group
from cluster.core.policies import ranges
from cluster.core.scheduling import priority
from cluster.core.selectors import matches
from cluster.core.state import State

CONTROLLER = "replicaset-controller"
MOST_AT_ONCE = 500  # burstReplicas


def sync(state: State, uid: str, now: float) -> list[Change]:
    """One pass over a ReplicaSet. The status counts the pods as they were before the pass created or deleted any, as upstream's
    does. Raises SyncError where a pod is refused."""
    replicaset = state.replicasets.get(uid)
    if replicaset is None:
        return []
    changes, pods = claim(state, replicaset)
    missing = replicaset.replicas - len(pods.active)
    created, problem = 0, ""
    if replicaset.deleted_at is None and missing > 0:
        made, created, problem = create_pods(state, replicaset, min(missing, MOST_AT_ONCE), now)
        changes += made
    elif replicaset.deleted_at is None and missing < 0:
        changes += delete_pods(state, replicaset, pods, min(-missing, MOST_AT_ONCE), now)
    status = with_failure(calculate_status(replicaset, pods, now), problem, missing, now)
    if (status, created) != (replicaset.status, 0):
        new = replace(replicaset, status=status, pods_created=replicaset.pods_created + created)
        changes = [*changes, Update(object=new)]
    if problem:
        raise SyncError(problem, changes)
    return changes


def claim(state: State, replicaset: ReplicaSet) -> tuple[list[Change], Group]:
    """Releases pods that the selector no longer matches and adopts orphans that it matches. Returns (changes, the ReplicaSet's
    pods after them). A ReplicaSet that is being deleted changes no pods."""
    own, orphans = state.group(replicaset.uid), state.orphan_pods(replicaset.namespace)
    released = chosen(own, replicaset, fitting=False)
    adopted = chosen(orphans, replicaset, fitting=True) if replicaset.deleted_at is None else []
    if not released and not adopted:
        return [], own
    pods = own.copy()
    for pod in released:
        pods.drop(pod.uid)
    if replicaset.deleted_at is not None:
        return [], pods
    spec = replicaset.template.get("spec")
    changes: list[Change] = [Update(object=replace(pod, owner_uid=None, spec=pod.spec or spec)) for pod in released]
    for pod in adopted:
        mine = replace(pod, owner_uid=replicaset.uid)
        pods.put(mine)
        changes.append(Update(object=mine))
    return changes, pods


def chosen(pods: Group, replicaset: ReplicaSet, *, fitting: bool) -> list[Pod]:
    """The active pods that the selector matches (`fitting`) or does not match. Where there are none, the cost is one check for
    each distinct set of labels."""
    selector = replicaset.selector
    if not any(matches(selector, dict(labels)) is fitting for labels in pods.labels):
        return []
    return [pod for pod in pods.active.values() if matches(selector, pod.labels) is fitting]


def create_pods(state: State, replicaset: ReplicaSet, count: int, now: float) -> tuple[list[Change], int, str]:
    """Returns (changes, how many ordinals were used, why a pod was refused or ""). Where admission may refuse pods, they are
    created in batches of 1, 2, 4 ...; a batch with a refused pod is the last (slowStartBatch)."""
    makers = Maker(state, replicaset, count, now)
    size = count if makers.gate is None else 1
    while makers.left and not makers.problem:
        for _ in range(min(size, makers.left)):
            makers.make()
        size *= 2
    return makers.changes, makers.ordinal - replicaset.pods_created, makers.problem


class Maker:
    """Creates the pods of one sync. `left`: how many are still to be tried; `problem`: why the first refused pod was refused."""

    def __init__(self, state: State, replicaset: ReplicaSet, count: int, now: float) -> None:
        self.state, self.replicaset, self.now, self.left = state, replicaset, now, count
        self.gate = state.rules.gate(replicaset.namespace)
        self.why = _explain(replicaset, count, "create")
        self.template_spec = replicaset.template.get("spec") or {}
        self.own_spec, without_class = with_priority(state, self.template_spec)
        accounts = state.surroundings.accounts
        self.forbidden = account_problem(replicaset.namespace, self.template_spec, accounts) or without_class
        self.changes: list[Change] = []
        self.ordinal = replicaset.pods_created
        self.made: set[str] = set()
        self.refused = 0
        self.problem = ""

    def make(self) -> None:
        self.left -= 1
        spec, note, problem = self.own_spec, "", self.forbidden
        if self.gate is not None and not problem:
            full, note, problem = self.gate.admit(self.own_spec or self.template_spec)
            spec = full if note else self.own_spec
        if problem:
            self.refuse(problem)
        else:
            self.create(spec, note)

    def create(self, spec: Manifest | None, note: str) -> None:
        owner = self.replicaset
        name, ordinal = self.free_name()
        metadata = owner.template["metadata"]
        annotations = metadata.get("annotations") or {}
        pod = Pod(
            uid=names.derive_uid(owner.uid, ordinal),
            name=name,
            namespace=owner.namespace,
            owner_uid=owner.uid,
            labels=metadata["labels"],
            annotations={**annotations, ranges.ANNOTATION: note} if note else annotations,
            created_at=self.now,
            next_at=self.now,
            spec=spec,
        )
        self.changes += (
            Create(object=born(pod, spec or self.template_spec, self.now, self.state.nodes)),
            _event(owner, "SuccessfulCreate", f"Created pod: {name}", self.why),
        )

    def free_name(self) -> tuple[str, int]:
        while True:
            self.ordinal += 1
            name = names.pod_name(self.replicaset.name, self.replicaset.uid, self.ordinal)
            if name not in self.made and not self.state.named("Pod", self.replicaset.namespace, name):
                self.made.add(name)
                return name, self.ordinal

    def refuse(self, problem: str) -> None:
        """Records a refused pod. Each attempt has its own name, which no pod gets."""
        owner = self.replicaset
        key = f"{owner.uid}/{self.now}/{self.state.queue.failures.get(('ReplicaSet', owner.uid), 0)}"
        self.refused += 1
        name = names.pod_name(owner.name, key, self.refused)
        text = f'pods "{name}" is forbidden: {problem}'
        self.problem = self.problem or text
        self.changes.append(_event(owner, "FailedCreate", f"Error creating: {text}", self.why, "Warning"))


def with_failure(status: ReplicaSetStatus, problem: str, missing: int, now: float) -> ReplicaSetStatus:
    """Sets or removes the condition ReplicaFailure; the first problem stays until a sync succeeds (calculateStatus)."""
    failing = conditions.find(status.conditions, REPLICA_FAILURE) is not None
    if problem and not failing:
        reason = "FailedCreate" if missing > 0 else "FailedDelete"
        made = conditions.make(REPLICA_FAILURE, "True", reason, problem, now)
        return replace(status, conditions=conditions.put(status.conditions, made))
    if failing and not problem:
        return replace(status, conditions=conditions.without(status.conditions, REPLICA_FAILURE))
    return status


def with_priority(state: State, spec: Manifest) -> tuple[Manifest | None, str]:
    """Returns (spec, problem). `spec` has the priority that its class has now, which the pods keep; None where the pods need no
    spec of their own, the template's is enough. `problem` is why the class is refused, or "" if it is not."""
    classes = state.surroundings.classes
    if classes is None or not (spec.get("priorityClassName") or any(each.is_default for each in classes)):
        return None, ""
    try:
        return priority.admit(spec, classes), ""
    except ValueError as error:
        return None, str(error)


def delete_pods(state: State, replicaset: ReplicaSet, pods: Group, count: int, now: float) -> list[Change]:
    why = _explain(replicaset, count, "delete")
    changes: list[Change] = []
    for pod in choose_victims(pods, related_nodes(state, replicaset), count, now):
        changes += terminate(pod, now)
        changes.append(_event(replicaset, "SuccessfulDelete", f"Deleted pod: {pod.name}", why))
    return changes


def related_nodes(state: State, replicaset: ReplicaSet) -> Mapping[str, int]:
    """The active pods of all ReplicaSets of the same owner, this one included, counted by node. Empty without an owner: the
    nodes of a bare ReplicaSet's pods don't count (getIndirectlyRelatedPods)."""
    counts: Counter[str] = Counter()
    for uid in state.replicasets_of(replicaset.owner_uid) if replicaset.owner_uid else ():
        counts.update(state.group(uid).nodes)
    return counts


def terminate(pod: Pod, now: float, grace_seconds: float | None = None) -> list[Change]:
    """Requests a pod's deletion, which its kubelet carries out. A pod without a node, or one that has ended, is removed at once
    unless it has finalizers (CheckGracefulDelete). `grace_seconds` None: the spec's grace period."""
    if pod.deleted_at is not None:
        return []
    is_over = not pod.node or pod.phase in FINISHED
    if is_over and not pod.finalizers:
        return [Delete(object=pod)]
    at = now if pod.reported is None else None
    grace = 0.0 if is_over else grace_seconds
    return [Update(object=changed(pod, deleted_at=now, next_at=at, stage="terminating", grace_seconds=grace))]


def calculate_status(replicaset: ReplicaSet, pods: Group, now: float) -> ReplicaSetStatus:
    return ReplicaSetStatus(
        observed_generation=replicaset.generation,
        replicas=len(pods.active),
        fully_labeled_replicas=pods.bearing(replicaset.template["metadata"]["labels"]),
        ready_replicas=len(pods.ready),
        available_replicas=pods.available(replicaset.min_ready_seconds, now),
        terminating_replicas=len(pods.terminating),
        conditions=replicaset.status.conditions,
    )


def _explain(replicaset: ReplicaSet, count: int, verb: str) -> Explanation:
    existing = replicaset.replicas + (count if verb == "delete" else -count)
    text = f"{replicaset.replicas} pods are desired, {existing} exist: {count} to {verb}"
    return Explanation(
        rule="desired-pods", inputs={"desired": replicaset.replicas, "existing": existing, "count": count}, text=text
    )


def _event(
    replicaset: ReplicaSet, reason: str, message: str, why: Explanation, kind: Literal["Normal", "Warning"] = "Normal"
) -> Event:
    return Event(
        kind="ReplicaSet",
        uid=replicaset.uid,
        name=replicaset.name,
        type=kind,
        reason=reason,
        message=message,
        source=CONTROLLER,
        why=why,
    )
