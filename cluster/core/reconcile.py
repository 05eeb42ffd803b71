"""The controllers' work: keys from the queue one after another, then the pods that are due, until nothing is left to do."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from cluster.core import informers
from cluster.core.controllers import (
    deployment,
    disruption,
    endpoints,
    endpointslices,
    garbage,
    replicaset,
    status,
    taint_eviction,
)
from cluster.core.controllers.step import Conflict, SyncError
from cluster.core.nodes import kubelet, scheduler
from cluster.core.objects import Change, Create, Pod, ReplicaSet, Update
from cluster.core.queue import Key
from cluster.core.state import State

MOST_SYNCS = 10_000
MOST_RETRIES = {"Deployment": 15, "EndpointSlice": 15}  # maxRetries: then only a change queues the key again
POD_RETRY_SECONDS = 10.0  # pkg/kubelet/kubelet.go, backOffPeriod
SYNCS: dict[str, Callable[[State, str, float], list[Change]]] = {
    "Deployment": deployment.sync,
    "ReplicaSet": replicaset.sync,
    "Garbage": garbage.collect,
    "PodDisruptionBudget": disruption.sync,
    "Taints": taint_eviction.sync,
    "EndpointSlice": endpointslices.sync,
    "Endpoints": endpoints.sync,
}
Failed: TypeAlias = Callable[[Key, Exception], None]


class NeverQuietError(Exception):
    """Raised when the controllers react to each other without end: a fault of the core, never of its input."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """`due`: when something happens next by itself; None: nothing does. `decisions`: how many syncs resized ReplicaSets.
    `is_held`: all that is left to do now are decisions beyond `most_decisions`."""

    changes: list[Change]
    due: float | None
    decisions: int = 0
    is_held: bool = False


def raise_error(key: Key, error: Exception) -> None:  # noqa: ARG001 the shape of a Failed
    raise error


def reconcile(
    state: State,
    now: float,
    *,
    most_changes: int | None = None,
    most_decisions: int | None = None,
    failed: Failed = raise_error,
) -> Reconciled:
    """Works on the state until its queue is empty and no pod is due, or until about `most_changes` are made: then `due` is
    `now`, and the rest stays queued. The cost depends on what changes, not on the size of the state.

    `most_decisions`: how many syncs of Deployments may resize ReplicaSets. A sync beyond that is not applied, as if that
    controller were slow: its key stays queued, and all others are worked on.

    A key whose controller raises is passed to `failed`, changes nothing, and is retried with growing delays, while the
    others go on; a pod is retried after POD_RETRY_SECONDS. Where `failed` raises, as it does by default, the state is
    unusable."""
    work = Work(state, now, most_changes, most_decisions, failed)
    is_quiet = False
    while not (is_quiet or work.is_enough):
        is_quiet = not work.turn()
    is_held = work.give_back() and is_quiet
    due = state.next_due() if is_quiet and not is_held else now
    work.settle_quotas()
    return Reconciled(changes=work.changes, due=due, decisions=work.decisions, is_held=is_held)


class Work:
    """One call's work. The controllers are faster than nodes: pods change only when no key is queued."""

    def __init__(
        self,
        state: State,
        now: float,
        most_changes: int | None = None,
        most_decisions: int | None = None,
        failed: Failed = raise_error,
    ) -> None:
        self.state, self.now, self.most_changes, self.most_decisions = state, now, most_changes, most_decisions
        self.failed = failed
        self.changes: list[Change] = []
        self.decisions = 0
        self.held: dict[Key, None] = {}
        self.syncs: Counter[Key] = Counter()
        state.wake(now)

    @property
    def is_enough(self) -> bool:
        return self.most_changes is not None and len(self.changes) >= self.most_changes

    def turn(self) -> bool:
        """Works on one key, or on all pods that are due; False if there is neither."""
        key = self.state.queue.take()
        if key is None:
            return self.move_pods()
        is_done = True
        try:
            decided = self.sync(key)
        except SyncError as error:
            decided, is_done = error.changes, False
        except Exception as error:  # any error concerns this key alone
            self.state.key_times.put(key, self.state.queue.failed(key, self.now))
            self.state.queue.done()
            self.failed(key, error)
            return True
        if self.is_one_too_many(key, decided):
            self.state.queue.done()
            return True
        self.take(decided)
        self.plan(key, is_done=is_done)
        self.state.queue.done(late=key[0] == "Deployment" and is_long(decided))
        return True

    def sync(self, key: Key) -> list[Change]:
        self.syncs[key] += 1
        if self.syncs[key] > MOST_SYNCS:
            raise NeverQuietError(f"{key} is still changing after {MOST_SYNCS} passes at {self.now}")
        try:
            decided = SYNCS[key[0]](self.state, key[1], self.now)
        except Conflict as conflict:
            decided = conflict.changes
        return [*garbage.keep_specs(decided, self.state), *decided] if key[0] != "ReplicaSet" else decided

    def is_one_too_many(self, key: Key, decided: list[Change]) -> bool:
        """Whether a sync is one decision more than allowed; its key is then kept for `give_back`."""
        if key[0] != "Deployment" or not resizes(self.state, decided):
            return False
        if self.decisions == self.most_decisions:
            self.held[key] = None
            return True
        self.decisions += 1
        return False

    def give_back(self) -> bool:
        """Queues the keys of the syncs that were not allowed; False if there are none."""
        for key in self.held:
            self.state.queue.add(key)
        return bool(self.held)

    def plan(self, key: Key, *, is_done: bool) -> None:
        """Sets when the key is worked on next by itself. A key that failed is retried, or worked on at an earlier time that is
        set already (AddRateLimited; a delaying queue keeps the earlier of two times). A Deployment's deadline is considered
        only after a sync that did not fail."""
        times = [next_time(self.state, key, self.now)]
        if is_done:
            self.state.queue.forget(key)
        else:
            times = [*times[key[0] == "Deployment" :], self.state.key_times.at(key), self.retry(key)]
        self.state.key_times.put(key, min((each for each in times if each is not None), default=None))

    def retry(self, key: Key) -> float | None:
        """When a key that failed is retried; None: it has been retried often enough."""
        if self.state.queue.failures.get(key, 0) < MOST_RETRIES.get(key[0], math.inf):
            return self.state.queue.failed(key, self.now)
        self.state.queue.forget(key)
        return None

    def settle_quotas(self) -> None:
        """Updates the quotas' statuses, once for all changes of the call."""
        self.take([Update(object=each) for each in self.state.rules.settle(self.state)])

    def move_pods(self) -> bool:
        """Moves the scheduler's pods, then those of the kubelets, including those just bound; False if there are none."""
        most = None if self.most_changes is None else self.most_changes - len(self.changes)
        decided = scheduler.schedule(self.state, self.now, most, self.postpone)
        self.take(decided)
        due = self.state.due_pods(self.now, most)
        self.tell_scheduler(due)
        failing = set(self.move_each(kubelet.advance, due))
        if self.state.queue.failures:
            scheduled = (
                each.object.uid for each in decided if isinstance(each, Update) and isinstance(each.object, Pod)
            )
            for uid in (*scheduled, *(pod.uid for pod in due)):
                if uid not in failing:
                    self.state.queue.forget(("Pod", uid))
        return bool(decided or due)

    def tell_scheduler(self, due: list[Pod]) -> None:
        """Announces the pods that are due again after the scheduler failed on them."""
        for pod in due:
            if self.state.scheduler and not informers.has_kubelet(pod):
                self.state.scheduler.tell_pod(pod.uid, pod)

    def move_each(self, move: Callable[[State, float, list[Pod]], list[Change]], due: list[Pod]) -> list[str]:
        """Moves all of these pods at once or, where that raises, each half separately, down to the pod that fails; returns the
        uids of those."""
        there = [self.state.pods[pod.uid] for pod in due if pod.uid in self.state.pods]
        if not there:
            return []
        try:
            decided = move(self.state, self.now, there)
        except Exception as error:
            if len(there) > 1:
                half = len(there) // 2
                return [*self.move_each(move, there[:half]), *self.move_each(move, there[half:])]
            return [self.postpone(pod.uid, error) for pod in there]
        self.take(decided)
        return []

    def postpone(self, uid: str, error: Exception) -> str:
        """Notes the failure and retries the pod later; nothing of the pod is changed. Returns its uid."""
        self.state.queue.failed(("Pod", uid), self.now)
        self.state.pod_times.put(uid, self.now + POD_RETRY_SECONDS)
        self.failed(("Pod", uid), error)
        return uid

    def take(self, decided: list[Change]) -> None:
        self.state.apply(decided)
        self.changes += decided


def resizes(state: State, decided: list[Change]) -> bool:
    """Whether a ReplicaSet gets a different desired count."""
    sizes = [
        each.object for each in decided if isinstance(each, Create | Update) and isinstance(each.object, ReplicaSet)
    ]
    known = state.replicasets
    return any(each.replicas != (known[each.uid].replicas if each.uid in known else 0) for each in sizes)


def is_long(decided: list[Change]) -> bool:
    """Whether a pass resizes several ReplicaSets. Its key, if added again meanwhile, is then queued after all others."""
    sizes = (change for change in decided if isinstance(change, Update) and isinstance(change.object, ReplicaSet))
    return sum(change.why is not None for change in sizes) > 1


def next_time(state: State, key: Key, now: float) -> float | None:
    """When a key is worked on next by itself: at the end of a progress deadline, of a pod's minReadySeconds or of its
    tolerationSeconds, or of an eviction that a budget counts. A progress deadline that has passed already is not waited for."""
    kind, uid = key
    if kind == "Deployment" and uid in state.deployments:
        end = status.deadline_end(state.deployments[uid])
        return end if end is not None and end > now else None
    if kind == "Taints":
        return taint_eviction.next_time(state, uid)
    if kind == "ReplicaSet" and uid in state.replicasets:
        seconds = state.replicasets[uid].min_ready_seconds
        return state.group(uid).next_available(seconds, now) if seconds else None
    return disruption.next_check(state, uid, now) if kind == "PodDisruptionBudget" else None
