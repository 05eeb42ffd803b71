"""A pod's phase and readiness as they follow from its containers (pkg/kubelet/kubelet_pods.go getPhase,
pkg/kubelet/status/generate.go), and what kubectl prints of it (pkg/printers/internalversion/printers.go printPod)."""

from collections.abc import Sequence
from typing import Literal

from cluster.core.nodes.containers import RUNNING
from cluster.core.nodes.lives import ContainerLife
from cluster.core.objects import Container, Pod

Phase = Literal["Pending", "Running", "Succeeded", "Failed"]
Pairs = Sequence[tuple[Container, ContainerLife]]


def status_word(pod: Pod) -> str:
    """kubectl's STATUS column."""
    if pod.deleted_at is not None and pod.phase not in ("Succeeded", "Failed"):
        return "Terminating"
    return pod.reason or {"Succeeded": "Completed", "Failed": "Error"}.get(pod.phase, pod.phase)


def is_initialized(pairs: Pairs) -> bool:
    """Whether every init container has succeeded, and every sidecar has started once."""
    return pairs[0][1].role == "main" or all(has_passed(each, life) for each, life in pairs if life.role != "main")


def has_passed(container: Container, life: ContainerLife) -> bool:
    if life.role == "sidecar":
        return container.started or container.last is not None
    return container.stage == "done" and container.last is not None and container.last.exit_code == 0


def is_ready(pairs: Pairs) -> bool:
    """Whether the pod is ready: it is initialized, and its main containers and sidecars are ready."""
    for each, life in pairs:
        if not each.ready and life.role != "init":
            return False
    return is_initialized(pairs)


def phase(pairs: Pairs) -> Phase:
    main = [each for each, life in pairs if life.role == "main"]
    if not is_initialized(pairs):
        given_up = any(
            each.stage == "done" and each.last and each.last.exit_code for each, life in pairs if life.role == "init"
        )
        return "Failed" if given_up else "Pending"
    if any(each.started_at is None for each in main):
        return "Pending"
    if all(each.stage == "done" for each in main):
        return "Failed" if any(each.last and each.last.exit_code for each in main) else "Succeeded"
    return "Running"


def words(pairs: Pairs) -> tuple[str, str]:
    """Returns (reason, message): what kubectl prints in STATUS, or "" for the phase, and the message of the container that it
    comes from."""
    init = [(each, life) for each, life in pairs if life.role != "main"]
    for number, (container, life) in enumerate(init):
        if not has_passed(container, life) or (life.role == "sidecar" and not container.started):
            reason, message = word(container)
            if reason and reason != "PodInitializing":
                return f"Init:{reason}", message
            return f"Init:{number}/{len(init)}", message
    for container, life in pairs:
        if life.role == "main" and word(container)[0]:
            reason, message = word(container)
            is_mixed = reason == "Completed" and any(each.ready for each, other in pairs if other.role == "main")
            return ("" if is_ready(pairs) else "NotReady", "") if is_mixed else (reason, message)
    return "", ""


def word(container: Container) -> tuple[str, str]:
    if container.stage in RUNNING:
        return "", ""
    if is_terminated(container) and container.last is not None:
        return container.last.reason, ""
    return container.reason, container.message


def is_terminated(container: Container) -> bool:
    """Whether a container has ended and does not wait for its back-off: for good, or until it is started again."""
    return container.last is not None and container.stage in ("done", "pulling", "starting") and not container.reason


def restarts(pairs: Pairs) -> int:
    """kubectl's RESTARTS column: of init containers and sidecars while the pod is being initialized, then of main containers
    and sidecars."""
    roles = ("main", "sidecar") if is_initialized(pairs) else ("init", "sidecar")
    return sum(each.restarts for each, life in pairs if life.role in roles)
