"""The simulated kubelet: a pod's life from its binding to its end, as its spec says and its images behave (pkg/kubelet)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from cluster.core.copying import changed
from cluster.core.nodes import gates, lives, podstatus
from cluster.core.nodes.containers import RETRYING, RUNNING, Containers
from cluster.core.nodes.images import collected
from cluster.core.nodes.lives import PodLife
from cluster.core.nodes.references import Reference, problem
from cluster.core.objects import Change, Delete, Event, Pod, Update
from cluster.core.state import State

SOURCE = "kubelet"


def advance(state: State, now: float, due: Iterable[Pod]) -> list[Change]:
    """Advances every due pod up to `now`; returns all its events and its last state. Pods whose node does not exist advance
    only while they stop; those on a node with an external kubelet are left unchanged."""
    there = (pod for pod in due if pod.node in state.nodes or pod.stage in ("terminating", "stopping"))
    here = [pod for pod in there if not state.is_external(pod)]
    if not here:
        return []
    kubelet = Kubelet(state, now)
    for pod in here:
        kubelet.live(pod)
    return kubelet.changes + kubelet.node_changes()


def look_again(state: State, now: float, namespace: str = "") -> list[Change]:
    """For image behaviours that have changed, of a namespace or ("") of the cluster: running pods are probed at once, and fail
    or recover."""
    there = (pod for pod in state.pods.values() if namespace in ("", pod.namespace) and not state.is_external(pod))
    running = (pod for pod in there if pod.started_at is not None and pod.deleted_at is None)
    return [Update(object=changed(pod, stage="probed", next_at=now)) for pod in running]


def left(pod: Pod, now: float) -> Pod:
    """A pod whose node no longer has an external kubelet; it is simulated from now on."""
    stage = "left" if pod.deleted_at is None else "terminating"
    return changed(pod, reported=None, stage=stage, next_at=now)


def turned(pod: Pod, now: float, *, ready: bool, is_held: bool = False) -> Pod:
    """A pod that is made ready or unready by hand, with all its containers; `is_held`: unmet readiness gates keep it unready."""
    containers = tuple(replace(each, ready=ready) for each in pod.containers)
    return changed(pod, ready=ready and not is_held, ready_since=now, containers=containers)


def is_held(state: State, pod: Pod) -> bool:
    """Whether unmet readiness gates keep the pod unready."""
    kubelet = Kubelet(state, 0.0)
    return kubelet.is_held(pod, kubelet.life_of(pod))


def restarted(pod: Pod, now: float, names: Collection[str]) -> Pod:
    """A pod whose running containers of these names are stopped and started again, since their images have been changed."""
    containers = tuple(
        replace(each, stage="stopping", next_at=now, attempts=0)
        if each.name in names and each.stage in RUNNING
        else each
        for each in pod.containers
    )
    return changed(pod, containers=containers, next_at=now)


def is_moving(waiting: Iterable[Pod]) -> bool:
    """False if all that will happen by itself are retries of what has failed before."""
    return any(pod.stage != "retrying" for pod in waiting)


class Kubelet:
    """One call's work. A pod's `stage` is `scheduled` (new on its node), `living`, `retrying` (living, and only retries are
    due), `probed` (its images' behaviours have changed), `terminating` (deletion is requested), `stopping`, `stopped`,
    `reported` (a client writes its status), or `left` (its node no longer has an external kubelet)."""

    def __init__(self, state: State, now: float) -> None:
        self.state, self.now = state, now
        self.changes: list[Change] = []
        self.lives: dict[tuple[str, str | None], PodLife] = {}
        self.images: dict[str, tuple[str, ...]] = {}

    def live(self, pod: Pod) -> None:
        if pod.reported is not None:
            pod = left(pod, self.now)
        life = self.life_of(pod)
        containers = Containers(self, pod, life)
        at = self.now if pod.next_at is None else pod.next_at
        if pod.stage == "terminating":
            grace = life.grace_seconds if pod.grace_seconds is None else pod.grace_seconds
            containers.stop_all(at, grace)
        elif pod.stage == "scheduled":
            containers.begin(0, at)
        elif pod.stage == "probed":
            containers.look_again(at)
        elif pod.stage == "left":
            containers.go_on(at)
        seen = Seen(pod, containers, is_held=self.is_held(pod, life))
        seen.look(at)
        while (due := containers.next()) is not None and due[0] <= self.now:
            at, place = due
            containers.step(place, at)
            seen.look(at)
        self.put(pod, summed(pod, containers, seen))

    def put(self, before: Pod, after: Pod) -> None:
        """Records the pod's new state. A stopped pod is deleted, unless it has finalizers."""
        is_gone = after.deleted_at is not None and after.next_at is None and not after.finalizers
        if not is_gone or after.phase != before.phase or after.ready is not before.ready:
            self.changes.append(Update(object=after))
        if is_gone:
            self.changes.append(Delete(object=after))

    def life_of(self, pod: Pod) -> PodLife:
        behaviours = self.state.behaviours_of(pod.namespace)
        if pod.spec is not None:
            return lives.read(pod.spec, behaviours)
        life = self.lives.get((pod.namespace, pod.owner_uid))
        if life is None:
            owner = self.state.replicasets.get(pod.owner_uid or "")
            spec = (owner.template.get("spec") if owner else None) or {}
            life = self.lives[pod.namespace, pod.owner_uid] = lives.read(spec, behaviours)
        return life

    def is_held(self, pod: Pod, life: PodLife) -> bool:
        """Whether unmet readiness gates keep the pod unready."""
        return bool(life.gates) and not self.state.assumes_gates and bool(gates.unmet(pod, life.gates))

    def lacks(self, pod: Pod, needs: Sequence[Reference]) -> str:
        """Why the first of these ConfigMaps and Secrets that is missing can't be set up; "" if none is missing."""
        return problem(needs, pod.namespace, self.state.config, self.state.config_keys) if needs else ""

    def has_image(self, node: str, image: str) -> bool:
        return image in self._images(node)

    def add_image(self, node: str, image: str) -> None:
        known = self._images(node)
        self.images[node] = known if image in known else (*known, image)

    def _images(self, node: str) -> tuple[str, ...]:
        known = self.state.nodes.get(node)
        return self.images.get(node, known.images if known else ())

    def node_changes(self) -> list[Change]:
        known = ((self.state.nodes.get(name), images) for name, images in sorted(self.images.items()))
        return [
            Update(object=replace(node, images=collected(images, partial(self.used_images, node.name))))
            for node, images in known
            if node and node.images != images
        ]

    def used_images(self, node: str) -> set[str]:
        """The images of the node's pods, whether they run or have ended."""
        return {each.image for pod in self.state.pods_on(node).values() for each in self.life_of(pod).containers}

    def emit(self, pod: Pod, reason: str, message: str, kind: Literal["Normal", "Warning"] = "Normal") -> None:
        self.changes.append(
            Event(kind="Pod", uid=pod.uid, name=pod.name, type=kind, reason=reason, message=message, source=SOURCE)
        )


class Seen:
    """Follows a pod while its containers change: whether it is ready and since when, and when its first container started.
    `is_held`: unmet readiness gates keep the pod unready."""

    def __init__(self, pod: Pod, containers: Containers, *, is_held: bool) -> None:
        self.containers, self.is_leaving = containers, pod.deleted_at is not None
        self.is_held = is_held
        self.ready, self.ready_since, self.started_at = pod.ready, pod.ready_since, pod.started_at

    def look(self, at: float) -> None:
        containers = self.containers
        ready = (
            not self.is_held
            and podstatus.is_ready(containers.pairs())
            and not (self.is_leaving and containers.next() is None)
        )
        if ready is not self.ready:
            self.ready, self.ready_since = ready, at
        if self.started_at is None and any(each.started_at is not None for each in containers.all):
            self.started_at = at


def summed(pod: Pod, containers: Containers, seen: Seen) -> Pod:
    """The pod with these containers and what follows from them."""
    pairs = containers.pairs()
    due = containers.next()
    is_stopped = pod.deleted_at is not None and due is None
    reason, message = podstatus.words(pairs)
    return changed(
        pod,
        containers=tuple(containers.all),
        phase=ended_phase(pairs) if is_stopped else podstatus.phase(pairs),
        ready=seen.ready,
        ready_since=seen.ready_since,
        started_at=seen.started_at,
        reason=reason,
        message=message,
        restarts=podstatus.restarts(pairs),
        stage=stage_of(pod, containers, is_stopped),
        next_at=due[0] if due else None,
    )


def ended_phase(pairs: podstatus.Pairs) -> podstatus.Phase:
    """The phase of a pod whose containers have all been stopped."""
    return (
        "Failed"
        if any(each.last and each.last.exit_code for each, life in pairs if life.role == "main")
        else "Succeeded"
    )


def stage_of(pod: Pod, containers: Containers, is_stopped: bool) -> str:
    if pod.deleted_at is not None:
        return "stopped" if is_stopped else "stopping"
    coming = [each.stage for each in containers.all if each.next_at is not None]
    return "retrying" if coming and RETRYING.issuperset(coming) else "living"
