"""Pods whose statuses clients write: those on a node with an external kubelet, and those that wait for a client's scheduler.
The fields that controllers, Services and the page read are taken from the status here (pkg/api/v1/pod/util.go)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cluster.core.copying import changed
from cluster.core.manifests.deployments import timestamp
from cluster.core.nodes import lives, podstatus
from cluster.core.objects import Container, Disruption, Ended, Labels, Manifest, Pod

ANNOTATION, EXTERNAL = "rollstage/kubelet", "external"
READY, SCHEDULED, DISRUPTED = "Ready", "PodScheduled", "DisruptionTarget"
UNSCHEDULABLE = "Unschedulable"
PHASES = ("Pending", "Running", "Succeeded", "Failed")
LONGEST_REASON, LONGEST_NAME, MOST_RESTARTS = 64, 63, 1_000_000
When = Callable[[Any], float | None]
Json = dict[str, Any]


def is_external(annotations: Labels) -> bool:
    """Whether a node with these annotations has an external kubelet."""
    return annotations.get(ANNOTATION) == EXTERNAL


def condition_of(status: Manifest, kind: str) -> Json:
    """The condition of this type; {} if there is none."""
    return next((each for each in status.get("conditions") or () if each.get("type") == kind), {})


def with_condition(status: Manifest, condition: Manifest) -> Json:
    """The status with this condition, in the place of the previous one of its type (UpdatePodCondition)."""
    held = list(status.get("conditions") or ())
    place = next((number for number, each in enumerate(held) if each.get("type") == condition["type"]), len(held))
    return {**status, "conditions": [*held[:place], condition, *held[place + 1 :]]}


def without_condition(status: Manifest, kind: str) -> Json:
    return {**status, "conditions": [each for each in status.get("conditions") or () if each.get("type") != kind]}


def scheduled(status: Manifest, now: float) -> Json:
    """The status after a binding: PodScheduled is True, and there is no nominated node."""
    held = condition_of(status, SCHEDULED)
    since = held.get("lastTransitionTime") if held.get("status") == "True" else None
    made = {"type": SCHEDULED, "status": "True", "lastProbeTime": None, "lastTransitionTime": since or timestamp(now)}
    return with_condition({key: each for key, each in status.items() if key != "nominatedNodeName"}, made)


def followed(pod: Pod, status: Manifest, spec: Manifest, when: When) -> Pod:
    """The pod with a status that a client has written; `spec` is the pod's. `when` reads a time of the status as seconds of the
    cluster's clock; None where it is not a time."""
    ready, phase = condition_of(status, READY), status.get("phase")
    is_ready = ready.get("status") == "True"
    containers = containers_of(status, spec, when)
    reason, message = words(pod, status, spec, containers)
    starts = [each.started_at for each in containers if each.started_at is not None]
    nominated = str(status.get("nominatedNodeName") or "")
    return changed(
        pod,
        reported=status,
        phase=phase if phase in PHASES else "Pending",
        ready=is_ready,
        ready_since=when(ready.get("lastTransitionTime")),
        started_at=min(starts, default=None),
        containers=containers,
        restarts=podstatus.restarts(pairs_of(containers, spec)) if containers else 0,
        reason=reason[:LONGEST_REASON],
        message=message,
        nominated_node=nominated if len(nominated) <= LONGEST_NAME else "",
        disruption=disruption(pod, condition_of(status, DISRUPTED), when),
        **({"next_at": None} if pod.node else {}),
        **({"stage": "reported"} if pod.node and pod.deleted_at is None else {}),
    )


def words(pod: Pod, status: Manifest, spec: Manifest, containers: tuple[Container, ...]) -> tuple[str, str]:
    """Returns (reason, message): for a pod without a node why it has none, else what kubectl prints in STATUS."""
    if not pod.node:
        held = condition_of(status, SCHEDULED)
        reason = str(held.get("reason") or "")
        return "" if reason == UNSCHEDULABLE else reason, str(held.get("message") or "")
    found = podstatus.words(pairs_of(containers, spec)) if containers else ("", "")
    return found if found[0] else (str(status.get("reason") or ""), str(status.get("message") or ""))


def pairs_of(containers: Iterable[Container], spec: Manifest) -> podstatus.Pairs:
    return list(zip(containers, lives.read(spec, ()).containers, strict=True))


def containers_of(status: Manifest, spec: Manifest, when: When) -> tuple[Container, ...]:
    """The containers in the order of the spec, init containers first; empty where the status lists none."""
    told = {
        each.get("name"): each
        for key in ("initContainerStatuses", "containerStatuses")
        for each in status.get(key) or ()
    }
    names = [each.name for each in lives.read(spec, ()).containers]
    return tuple(container(each, told.get(each, {}), when) for each in names) if told else ()


def container(name: str, told: Mapping[str, Any], when: When) -> Container:
    state, restarts = told.get("state") or {}, min(max(told.get("restartCount") or 0, 0), MOST_RESTARTS)
    last = ended((told.get("lastState") or {}).get("terminated"), when)
    if state.get("running") is not None:
        at = when(state["running"].get("startedAt")) or 0.0
        ready, started = bool(told.get("ready")), told.get("started") is not False
        return Container(name, "running", None, "", "", ready, started, at, at, restarts, 0, last)
    over = ended(state.get("terminated"), when)
    if over is not None:
        return Container(name, "done", started_at=over.started_at, restarts=restarts, last=over)
    waiting = state.get("waiting") or {}
    reason, message = str(waiting.get("reason") or ""), str(waiting.get("message") or "")
    return Container(name, reason=reason, message=message, restarts=restarts, last=last)


def ended(told: Mapping[str, Any] | None, when: When) -> Ended | None:
    if told is None:
        return None
    code = int(told.get("exitCode") or 0)
    reason = str(told.get("reason") or ("Error" if code else "Completed"))
    return Ended(when(told.get("startedAt")) or 0.0, when(told.get("finishedAt")) or 0.0, code, reason)


def disruption(pod: Pod, told: Manifest, when: When) -> Disruption | None:
    if told.get("status") != "True":
        return None
    at = when(told.get("lastTransitionTime"))
    known = pod.disruption.at if pod.disruption else pod.created_at
    return Disruption(
        reason=str(told.get("reason") or ""), message=str(told.get("message") or ""), at=known if at is None else at
    )
