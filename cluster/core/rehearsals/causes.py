"""Why a rollout makes no progress: what blocks each of its pods, read from the state."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cluster.core.controllers import conditions
from cluster.core.controllers.conditions import REPLICA_FAILURE
from cluster.core.controllers.revisions import REVISION, find_new
from cluster.core.nodes import gates, lives, podstatus
from cluster.core.nodes.containers import RUNNING
from cluster.core.nodes.lives import ContainerLife, PodLife
from cluster.core.nodes.references import problem
from cluster.core.objects import Container, Deployment, Pod, ReplicaSet
from cluster.core.scheduling.pods import DEFAULT_SCHEDULER, PodSpec
from cluster.core.scheduling.scheduler import Scheduler
from cluster.core.scheduling.shortfalls import Refused, refusals
from cluster.core.state import State

QUOTA = re.compile(
    r"exceeded quota: (?P<quota>[^,]+), requested: (?P<requested>\S+), used: (?P<used>\S+), limited: (?P<limited>\S+)"
)
FORBIDDEN = "is forbidden: "
PULLING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName")
RESTARTING = ("CrashLoopBackOff", "Error", "Completed")
SILENT = ("never-ready", "ready-then-fails", "hangs")
Inputs = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """`rule` and `inputs` as in an Explanation, `text` one English sentence without its full stop. `revision` is that of the
    blocked pods, `pods` their number; "" and 0 where the Deployment itself is blocked. `is_certain` is False where the
    outcome depends on something that is not simulated."""

    rule: str
    text: str
    inputs: Inputs = field(default_factory=dict)
    revision: str = ""
    pods: int = 0
    is_certain: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def causes(state: State, deployment: Deployment) -> list[Cause]:
    """What blocks the Deployment and the pods of its newest revision; empty if all that is missing is on its way."""
    owned = state.replicasets_of(deployment.uid).values()
    new = find_new(deployment, owned)
    found = [Cause(rule="paused", text="the Deployment is paused")] if deployment.paused else []
    found += held_ends(state, owned) if deployment.strategy == "Recreate" else []
    return [*found, *of_replicaset(state, new)] if new else found


def unforeseen(deployment: Deployment) -> list[Cause]:
    """What in the manifest decides whether the rollout completes, but is not simulated."""
    names = ", ".join(gates.read(deployment.template.get("spec") or {}))
    return [of_gates(names)] if names else []


def of_gates(names: str) -> Cause:
    text = f"clients decide when the conditions of the pods' readiness gates are True: {names}"
    return Cause(rule="readiness-gates", text=text, inputs={"gates": names}, is_certain=False)


def of_replicaset(state: State, new: ReplicaSet) -> Iterator[Cause]:
    """The causes of a ReplicaSet; pods blocked by the same cause are one entry."""
    revision = new.annotations.get(REVISION, "")
    failure = conditions.find(new.status.conditions, REPLICA_FAILURE)
    if failure:
        missing = max(new.replicas - new.status.replicas, 0)
        yield replace(refused(failure.message), revision=revision, pods=missing)
    life = lives.read(new.template.get("spec") or {}, state.behaviours_of(new.namespace))
    unscheduled = Unscheduled(state)
    counts: Counter[str] = Counter()
    first: dict[str, Cause] = {}
    for pod in state.group(new.uid).unready.values():
        found = of_pod(state, pod, own_life(state, pod) if pod.spec is not None else life, unscheduled)
        if found:
            counts[found.text] += 1
            first.setdefault(found.text, found)
    for text, found in first.items():
        yield replace(found, revision=revision, pods=counts[text])


def own_life(state: State, pod: Pod) -> PodLife:
    return lives.read(pod.spec or {}, state.behaviours_of(pod.namespace))


def refused(message: str) -> Cause:
    """The cause in the message of a ReplicaSet's condition ReplicaFailure."""
    text = message.partition(FORBIDDEN)[2] or message
    quota = QUOTA.search(text)
    if quota is None:
        return Cause(rule="forbidden", text=text, inputs={"message": text})
    return Cause(rule="quota", text=text, inputs=quota.groupdict())


class Unscheduled:
    """Causes of pods without a node. The nodes are checked once for all pods that share a template and a message."""

    def __init__(self, state: State) -> None:
        self.scheduler = state.scheduler
        self.known: dict[tuple[int, str], tuple[PodSpec, Cause | None]] = {}  # a spec that is kept here keeps its id

    def cause(self, pod: Pod) -> Cause | None:
        if self.scheduler is None:
            return None
        spec = self.scheduler.spec_of(pod)
        key = id(spec), pod.message
        if key not in self.known:
            self.known[key] = spec, self.found(pod, spec, self.scheduler)
        return self.known[key][1]

    @staticmethod
    def found(pod: Pod, spec: PodSpec, scheduler: Scheduler) -> Cause | None:
        if spec.scheduler_name != DEFAULT_SCHEDULER:
            text = f"the scheduler {spec.scheduler_name} gives its pods their nodes, and it is not simulated"
            inputs = {"scheduler": spec.scheduler_name}
            return Cause(rule="other-scheduler", text=text, inputs=inputs, is_certain=False)
        if spec.gates:
            names = ", ".join(spec.gates)
            text = f"its scheduling gates are not removed: {names}"
            return Cause(rule="gated", text=text, inputs={"gates": names}, is_certain=False)
        if not pod.message:
            return None
        refusing = refusals(scheduler, pod)
        text, refused_by = no_node_text(pod.message, refusing), [asdict(each) for each in refusing]
        return Cause(rule="no-node", text=text, inputs={"message": pod.message, "refused": refused_by})


def of_pod(state: State, pod: Pod, life: PodLife, unscheduled: Unscheduled) -> Cause | None:
    if not pod.node:
        return unscheduled.cause(pod)
    if pod.node not in state.nodes:
        text = f"the pod is bound to {pod.node}, and there is no such node"
        return Cause(rule="node-gone", text=text, inputs={"node": pod.node})
    if state.is_external(pod):
        return of_external_kubelet(pod.node)
    for container, its in zip(pod.containers, life.containers, strict=False):
        found = unmounted(state, pod, life) if container.stage == "unmounted" else of_container(container, its, pod)
        if found:
            return found
    is_held = bool(life.gates and pod.containers) and podstatus.is_ready(
        list(zip(pod.containers, life.containers, strict=False))
    )
    return of_gates(", ".join(life.gates)) if is_held and not pod.ready else None


def of_external_kubelet(node: str) -> Cause:
    text = f"the kubelet of {node} is external: a client decides what its pods do"
    return Cause(rule="external-kubelet", text=text, inputs={"node": node}, is_certain=False)


def unmounted(state: State, pod: Pod, life: PodLife) -> Cause | None:
    """The cause for a volume that the kubelet can't set up; None if it now can."""
    text = problem(life.mounts, pod.namespace, state.config, state.config_keys)
    return Cause(rule="config", text=text, inputs={"message": text}) if text else None


def no_node_text(message: str, found: Iterable[Refused]) -> str:
    lacking = (
        f"asks for {each.asked} of {each.resource}, {group.closest} has {each.free} free of {each.allocatable}"
        for group in found
        for each in group.shortfalls
    )
    told = message.partition(" preemption:")[0].removesuffix(" no new claims to deallocate,").rstrip(".")
    return "; ".join([told, *lacking])


def of_container(container: Container, life: ContainerLife, pod: Pod) -> Cause | None:
    """What blocks a container; None if it works or is on its way."""
    name, image = container.name, life.image
    who = "init container" if life.role == "init" else "container"
    if container.reason in PULLING:
        inputs = {"image": image, "reason": container.reason}
        return Cause(rule="image", text=f"the image {image} can't be pulled", inputs=inputs)
    if container.reason in ("CreateContainerConfigError", "CreateContainerError"):
        return Cause(rule="config", text=container.message, inputs={"message": container.message})
    if container.restarts and not container.ready and container.stage != "done":
        return restarted(container, life, who)
    if container.stage not in RUNNING or container.ready or life.role == "init":
        return None
    if life.behaviour.ready_seconds is None:
        text = f"{who} {name} is made ready by hand only"
        return Cause(rule="by-hand", text=text, inputs={"container": name}, is_certain=False)
    return unready(life) if any(life.fails(pod.uid, each) for each in SILENT) else None


def restarted(container: Container, life: ContainerLife, who: str) -> Cause | None:
    """Why a container ends and is restarted again and again: its probes, or the container itself."""
    late = too_late(life)
    inputs: dict[str, Any] = {"container": container.name, "restarts": container.restarts, "image": life.image}
    if late is not None:
        probe, limit = late
        answers = life.behaviour.ready_seconds or 0.0
        text = f"{who} {container.name} answers {answers:g} s after its start, its {probe} probe gives up after {limit:g} s"
        inputs |= {"probe": probe, "answers": answers, "limit": limit}
        return Cause(rule="slow-start", text=text, inputs=inputs)
    if life.behaviour.failure == "hangs":
        return unready(life)
    if container.reason in RESTARTING or life.behaviour.failure == "crash-loop":
        text = f"{who} {container.name} ({life.image}) ends after each start"
        return Cause(rule="crash", text=text, inputs=inputs)
    return None


def too_late(life: ContainerLife) -> tuple[str, float] | None:
    """Returns (the probe, seconds after the start) that ends the container before its image's application responds; None
    without one."""
    answers = life.behaviour.ready_seconds
    if answers is None:
        return None
    if life.startup:
        limit = life.startup.gives_up(0.0, 0.0)
        return ("startup", limit) if limit < life.startup.tick(0.0, answers) else None
    limit = life.liveness.gives_up(0.0, 0.0) if life.liveness else answers
    return ("liveness", limit) if limit < answers else None


def unready(life: ContainerLife) -> Cause:
    name, pattern = life.name, life.behaviour.pattern
    inputs = {"container": name, "image": life.image, "pattern": pattern, "failure": life.behaviour.failure}
    if life.behaviour.failure == "ready-then-fails":
        return Cause(rule="flapping", text=f"container {name} ({life.image}) does not stay ready", inputs=inputs)
    if life.readiness:
        text = f"the readiness probe of container {name} ({life.image}) never succeeds"
        return Cause(rule="probe", text=text, inputs=inputs)
    return Cause(rule="never-ready", text=f"container {name} ({life.image}) never gets ready", inputs=inputs)


def held_ends(state: State, owned: Iterable[ReplicaSet]) -> list[Cause]:
    """Old pods whose end Recreate waits for and which external kubelets or finalizers keep."""
    ending = [pod for each in owned for pod in state.group(each.uid).terminating.values()]
    held = [pod for pod in ending if pod.finalizers]
    external = [pod for pod in ending if not pod.finalizers and state.is_external(pod)]
    if external:
        return [replace(of_external_kubelet(external[0].node), pods=len(external))]
    if not held:
        return []
    names = ", ".join(sorted({name for pod in held for name in pod.finalizers}))
    text = f"old pods are deleted and stay because of their finalizers: {names}"
    return [Cause(rule="finalizers", text=text, inputs={"finalizers": names}, pods=len(held))]
