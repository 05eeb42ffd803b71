"""The kubelet, simulated: a pod's life from its node to its end, as long as its images' behaviours say
(pkg/kubelet: events of images/image_manager.go, kuberuntime, prober; back-off of container restarts and image pulls)."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from cluster.core.copying import changed
from cluster.core.nodes import behaviour, references
from cluster.core.nodes.behaviour import is_struck, lasting
from cluster.core.objects import Change, Delete, Event, ImageBehaviour, Manifest, Node, Pod, Update
from cluster.core.state import State

SOURCE = "kubelet"
BACK_OFF_SECONDS, LONGEST_BACK_OFF_SECONDS = 10.0, 300.0
RESYNC_SECONDS = 10.0  # a pod whose sync failed is synced again (backOffPeriod)
LONGEST_MOUNT_SECONDS = 122.0
FORGET_CRASHES_SECONDS = 600.0
STILL_UNREADY = "Readiness probe failed: HTTP probe failed with statuscode: 503"


def advance(state: State, now: float, due: Iterable[Pod]) -> list[Change]:
    """Every due pod on a node goes as far as `now` allows: all its events, and its last state."""
    bound = [pod for pod in due if pod.node]
    if not bound:
        return []
    kubelet = Kubelet(state, now)
    for pod in bound:
        kubelet.live(pod)
    return kubelet.changes + kubelet.node_changes()


def look_again(state: State, now: float, namespace: str = "") -> list[Change]:
    """Image behaviours have changed, a namespace's or ("") the cluster's: running pods are probed at once, and fail or
    recover."""
    there = (pod for pod in state.pods.values() if namespace in ("", pod.namespace))
    running = (pod for pod in there if pod.stage in ("running", "ready") and pod.deleted_at is None)
    return [Update(object=changed(pod, stage="probed", next_at=now)) for pod in running]


def is_moving(waiting: Iterable[Pod]) -> bool:
    """False if all that will happen by itself is what has failed before and is tried again."""
    waits = ("pull-failed", "pull-back-off", "back-off", "crashing", "unconfigured", "unmounted")
    return any(pod.stage not in waits and not (pod.stage == "unscheduled" and pod.attempts) for pod in waiting)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """What of a template matters to a pod's life. Of several containers, the slowest counts; `failing` breaks the pod."""

    names: tuple[str, ...]
    images: tuple[str, ...]
    always_pull: bool
    slowest: ImageBehaviour
    failing: ImageBehaviour | None
    failing_image: str
    probe: tuple[float, float, int] | None
    grace_seconds: float
    needs: tuple[references.Reference, ...] = ()


class Kubelet:
    """One call's work. `stages` maps a pod's stage to what the kubelet does when that stage's time has come: it returns the pod
    in its next stage, with the time at which that ends."""

    def __init__(self, state: State, now: float) -> None:
        self.state, self.now = state, now
        self.changes: list[Change] = []
        self.specs: dict[tuple[str, str | None], Spec] = {}
        self.gone: dict[str, int] = {}
        self.images: dict[str, frozenset[str]] = {}
        self.stages: dict[str, Callable[[Pod, Spec, float], Pod | None]] = {
            "scheduled": self.prepare,
            "pulling": self.finish_pull,
            "starting": self.start,
            "running": self.become_ready,
            "ready": self.fail_probe,
            "probed": self.probe,
            "crashing": self.crash,
            "back-off": self.restart,
            "pull-failed": self.back_off_pull,
            "pull-back-off": self.pull_again,
            "unconfigured": self.prepare,
            "unmounted": self.prepare,
            "terminating": self.stop,
            "stopping": self.finish,
        }

    def live(self, pod: Pod) -> None:
        spec = self.spec_of(pod)
        first: Pod = pod
        current: Pod | None = pod
        while current is not None and current.next_at is not None and current.next_at <= self.now:
            first = current
            current = self.stages[current.stage](current, spec, current.next_at)
        if current is None:
            self.changes.append(Delete(object=first))
            self.gone[pod.node] = self.gone.get(pod.node, 0) + 1
        else:
            self.changes.append(Update(object=current))

    def prepare(self, pod: Pod, spec: Spec, at: float) -> Pod:
        unmounted = self.missing(pod, spec, mounted=True)
        if unmounted:
            return self.wait_for_volume(pod, unmounted, at)
        missing = [image for image in spec.images if spec.always_pull or not self.has_image(pod.node, image)]
        if not missing:
            for image in spec.images:
                self.emit(
                    pod,
                    "Pulled",
                    f'Container image "{image}" already present on machine and can be accessed by the pod',
                )
            return self.to_starting(pod, spec, at)
        for image in missing:
            self.emit(pod, "Pulling", f'Pulling image "{image}"')
        seconds = lasting(spec.slowest.pull_seconds, spec.slowest, pod.uid, "pull")
        return changed(pod, stage="pulling", reason="ContainerCreating", message="", next_at=at + seconds)

    def finish_pull(self, pod: Pod, spec: Spec, at: float) -> Pod:
        if self.fails(spec, pod, "image-not-found"):
            return self.fail_pull(pod, spec, at)
        took = f"{lasting(spec.slowest.pull_seconds, spec.slowest, pod.uid, 'pull'):.3g}s"
        for image in spec.images:
            self.add_image(pod.node, image)
            self.emit(pod, "Pulled", f'Successfully pulled image "{image}" in {took} ({took} including waiting)')
        return self.to_starting(changed(pod, attempts=0), spec, at)

    def fail_pull(self, pod: Pod, spec: Spec, at: float) -> Pod:
        image = spec.failing_image
        message = (
            f'Failed to pull image "{image}": rpc error: code = NotFound desc = failed to pull and unpack image '
            f'"docker.io/library/{image}": docker.io/library/{image}: not found'
        )
        self.emit(pod, "Failed", message, "Warning")
        self.emit(pod, "Failed", "Error: ErrImagePull", "Warning")
        return changed(pod, stage="pull-failed", reason="ErrImagePull", message=message, next_at=at + 1.0)

    def back_off_pull(self, pod: Pod, spec: Spec, at: float) -> Pod:
        text = f'Back-off pulling image "{spec.failing_image}"'
        self.emit(pod, "BackOff", text)
        self.emit(pod, "Failed", "Error: ImagePullBackOff", "Warning")
        wait = back_off(pod.attempts)
        return changed(
            pod, stage="pull-back-off", reason="ImagePullBackOff", message=text, attempts=pod.attempts + 1,
            next_at=at + wait,
        )  # fmt: skip

    def pull_again(self, pod: Pod, spec: Spec, at: float) -> Pod:
        return self.prepare(pod, spec, at)

    def to_starting(self, pod: Pod, spec: Spec, at: float) -> Pod:
        seconds = lasting(spec.slowest.start_seconds, spec.slowest, pod.uid, "start")
        return changed(pod, stage="starting", reason="ContainerCreating", message="", next_at=at + seconds)

    def missing(self, pod: Pod, spec: Spec, *, mounted: bool) -> references.Reference | None:
        """The first ConfigMap or Secret that the pod needs and that is not there."""
        if not spec.needs or self.state.config is None:
            return None
        wanted = (each for each in spec.needs if bool(each.volume) is mounted)
        return next((each for each in wanted if (each.kind, pod.namespace, each.name) not in self.state.config), None)

    def wait_for_volume(self, pod: Pod, missing: references.Reference, at: float) -> Pod:
        """Tried again after 0.5 s, 1 s ... 122 s (nestedpendingoperations, goroutinemap/exponentialbackoff)."""
        text = f'MountVolume.SetUp failed for volume "{missing.volume}" : {missing.kind} "{missing.name}" not found'
        self.emit(pod, "FailedMount", text, "Warning")
        wait = min(0.5 * 2.0 ** min(pod.attempts, 10), LONGEST_MOUNT_SECONDS)
        return changed(
            pod,
            stage="unmounted",
            reason="ContainerCreating",
            message="",
            attempts=pod.attempts + 1,
            next_at=self.later(at, wait),
        )

    def wait_for_config(self, pod: Pod, missing: references.Reference, at: float) -> Pod:
        text = f'{missing.kind} "{missing.name}" not found'
        self.emit(pod, "Failed", f"Error: {text}", "Warning")
        return changed(
            pod, stage="unconfigured", reason="CreateContainerConfigError", message=text, attempts=0,
            next_at=self.later(at, RESYNC_SECONDS),
        )  # fmt: skip

    def later(self, at: float, seconds: float) -> float:
        """Tries that a stopped server has missed are not made up for."""
        return at + seconds if at + seconds > self.now else self.now + seconds

    def start(self, pod: Pod, spec: Spec, at: float) -> Pod:
        missing = self.missing(pod, spec, mounted=False)
        if missing:
            return self.wait_for_config(pod, missing, at)
        for _ in spec.names:
            self.emit(pod, "Created", "Container created")
            self.emit(pod, "Started", "Container started")
        running = changed(pod, phase="Running", reason="", message="", started_at=at, stage="running")
        if self.fails(spec, pod, "crash-loop"):
            assert spec.failing is not None
            return changed(running, stage="crashing", next_at=at + spec.failing.fails_after_seconds)
        if self.fails(spec, pod, "never-ready"):
            return changed(running, next_at=at + (spec.probe[1] if spec.probe else 10.0))
        if spec.slowest.ready_seconds is None:
            return changed(running, next_at=None)
        return changed(running, next_at=self.ready_time(running, spec, at))

    def ready_time(self, pod: Pod, spec: Spec, at: float) -> float:
        """At once ready or, with a readiness probe, at its first tick that finds the container ready."""
        seconds = lasting(spec.slowest.ready_seconds or 0.0, spec.slowest, pod.uid, "ready")
        if spec.probe is None:
            return at + seconds
        delay, period, successes = spec.probe
        missed = max(math.ceil((seconds - delay) / period), 0)
        return at + delay + (missed + successes - 1) * period

    def become_ready(self, pod: Pod, spec: Spec, at: float) -> Pod:
        if self.fails(spec, pod, "never-ready"):
            self.emit(pod, "Unhealthy", STILL_UNREADY, "Warning")
            return changed(pod, next_at=at + (spec.probe[1] if spec.probe else 10.0))
        ready = changed(pod, ready=True, ready_since=at, stage="ready", next_at=None)
        if self.fails(spec, pod, "ready-then-fails"):
            assert spec.failing is not None
            return changed(ready, next_at=at + spec.failing.fails_after_seconds)
        return ready

    def fail_probe(self, pod: Pod, spec: Spec, at: float) -> Pod:  # noqa: ARG002
        self.emit(pod, "Unhealthy", STILL_UNREADY, "Warning")
        return changed(pod, ready=False, ready_since=at, next_at=None)

    def probe(self, pod: Pod, spec: Spec, at: float) -> Pod:
        """A running pod whose image behaves differently from now on."""
        if self.fails(spec, pod, "crash-loop"):
            return self.crash(pod, spec, at)
        if self.fails(spec, pod, "never-ready"):
            failed = self.fail_probe(pod, spec, at) if pod.ready else pod
            return changed(failed, stage="running", next_at=at + (spec.probe[1] if spec.probe else 10.0))
        if pod.ready:
            return self.become_ready(pod, spec, at) if self.fails(spec, pod, "ready-then-fails") else settled(pod)
        if spec.slowest.ready_seconds is None:
            return changed(pod, stage="running", next_at=None)
        return changed(pod, stage="running", next_at=self.ready_time(pod, spec, at))

    def crash(self, pod: Pod, spec: Spec, at: float) -> Pod:
        """The first restart is at once; then the kubelet backs off."""
        if not self.fails(spec, pod, "crash-loop"):
            return changed(pod, stage="running", next_at=at)
        if pod.restarts == 0:
            return self.start(changed(pod, restarts=1, attempts=0), spec, at)
        text = f"Back-off restarting failed container {spec.names[0]} in pod {pod.name}_{pod.namespace}({pod.uid})"
        self.emit(pod, "BackOff", text, "Warning")
        wait = back_off(pod.attempts)
        return changed(
            pod, ready=False, stage="back-off", reason="CrashLoopBackOff", message=text, attempts=pod.attempts + 1,
            next_at=at + wait,
        )  # fmt: skip

    def restart(self, pod: Pod, spec: Spec, at: float) -> Pod:
        return self.start(changed(pod, restarts=pod.restarts + 1), spec, at)

    def stop(self, pod: Pod, spec: Spec, at: float) -> Pod:
        if pod.phase == "Running":
            for name in spec.names:
                self.emit(pod, "Killing", f"Stopping container {name}")
        seconds = 0.0
        if pod.started_at is not None:
            seconds = lasting(spec.slowest.stop_seconds, spec.slowest, pod.uid, "stop")
        grace = spec.grace_seconds if pod.grace_seconds is None else pod.grace_seconds
        return changed(pod, stage="stopping", next_at=at + min(seconds, grace))

    def finish(self, pod: Pod, spec: Spec, at: float) -> Pod | None:  # noqa: ARG002
        """A pod is gone when it has stopped and nobody's finalizer holds it."""
        return changed(pod, ready=False, next_at=None) if pod.finalizers else None

    def fails(self, spec: Spec, pod: Pod, failure: str) -> bool:
        return spec.failing is not None and spec.failing.failure == failure and is_struck(spec.failing, pod.uid)

    def spec_of(self, pod: Pod) -> Spec:
        behaviours = self.state.behaviours_of(pod.namespace)
        if pod.spec is not None:
            return read_spec({"spec": pod.spec}, behaviours)
        spec = self.specs.get((pod.namespace, pod.owner_uid))
        if spec is None:
            owner = self.state.replicasets.get(pod.owner_uid or "")
            template = owner.template if owner else {}
            spec = self.specs[pod.namespace, pod.owner_uid] = read_spec(template, behaviours)
        return spec

    def has_image(self, node: str, image: str) -> bool:
        return image in self._images(node)

    def add_image(self, node: str, image: str) -> None:
        self.images[node] = self._images(node) | {image}

    def _images(self, node: str) -> frozenset[str]:
        known = self.state.nodes.get(node)
        return self.images.get(node, known.images if known else frozenset())

    def node_changes(self) -> list[Change]:
        changed: list[Change] = []
        for name in sorted(self.images.keys() | self.gone.keys()):
            node: Node | None = self.state.nodes.get(name)
            if node:
                new = replace(node, pods=node.pods - self.gone.get(name, 0), images=self._images(name))
                if new != node:
                    changed.append(Update(object=new))
        return changed

    def emit(self, pod: Pod, reason: str, message: str, kind: Literal["Normal", "Warning"] = "Normal") -> None:
        self.changes.append(
            Event(kind="Pod", uid=pod.uid, name=pod.name, type=kind, reason=reason, message=message, source=SOURCE)
        )


def settled(pod: Pod) -> Pod:
    return changed(pod, stage="ready", next_at=None)


def back_off(attempts: int) -> float:
    """10 s, doubling, 300 s at most."""
    return min(BACK_OFF_SECONDS * 2.0 ** min(attempts, 10), LONGEST_BACK_OFF_SECONDS)


def read_spec(template: Manifest, behaviours: tuple[ImageBehaviour, ...]) -> Spec:
    spec: Any = template.get("spec") or {}
    containers = spec.get("containers") or [{"name": "container", "image": ""}]
    images = tuple(str(each.get("image", "")) for each in containers)
    found = [behaviour.find(behaviours, image) for image in images]
    failing = next((place for place, each in enumerate(found) if each.failure), None)
    return Spec(
        names=tuple(each["name"] for each in containers),
        images=images,
        always_pull=any(each.get("imagePullPolicy") == "Always" for each in containers),
        slowest=slowest_of(found),
        failing=None if failing is None else found[failing],
        failing_image="" if failing is None else images[failing],
        probe=read_probe(containers),
        grace_seconds=float(spec.get("terminationGracePeriodSeconds", 30)),
        needs=references.of(spec),
    )


def slowest_of(found: list[ImageBehaviour]) -> ImageBehaviour:
    if len(found) == 1:
        return found[0]
    by_hand = any(each.ready_seconds is None for each in found)
    return replace(
        found[0],
        pull_seconds=max(each.pull_seconds for each in found),
        start_seconds=max(each.start_seconds for each in found),
        ready_seconds=None if by_hand else max(each.ready_seconds or 0.0 for each in found),
        stop_seconds=max(each.stop_seconds for each in found),
        jitter=max(each.jitter for each in found),
    )


def read_probe(containers: list[Any]) -> tuple[float, float, int] | None:
    """(initial delay, period, successes needed) of the slowest readiness probe, in seconds."""
    probes = [each["readinessProbe"] for each in containers if each.get("readinessProbe")]
    if not probes:
        return None
    return (
        max(float(each.get("initialDelaySeconds", 0)) for each in probes),
        max(float(each.get("periodSeconds", 10)) for each in probes),
        max(int(each.get("successThreshold", 1)) for each in probes),
    )
