"""Readiness gates: conditions that have to be True, beside ready containers, before a pod is Ready
(pkg/kubelet/status/generate.go, GeneratePodReadyCondition). Clients set them with a write of the pod's /status."""

from collections.abc import Iterable

from cluster.core.objects import Manifest, Pod

REASON = "ReadinessGatesNotReady"
# Condition types that the kubelet, the API server or the scheduler writes (pkg/kubelet/types/pod_status.go).
OWNED = frozenset(
    ("PodScheduled", "Ready", "ContainersReady", "Initialized", "PodReadyToStartContainers", "DisruptionTarget",
     "AllContainersRestarting", "PodResizePending", "PodResizeInProgress")
)  # fmt: skip


def read(spec: Manifest) -> tuple[str, ...]:
    """The condition types of a pod spec's readiness gates."""
    return tuple(str(each.get("conditionType")) for each in spec.get("readinessGates") or ())


def unmet(pod: Pod, gates: Iterable[str]) -> list[str]:
    """One message for each gate whose condition is missing or not True."""
    status = {str(each["type"]): str(each.get("status")) for each in pod.client_conditions}
    return [message(gate, status) for gate in gates if status.get(gate) != "True"]


def message(gate: str, status: dict[str, str]) -> str:
    if gate not in status:
        return f'corresponding condition of pod readiness gate "{gate}" does not exist.'
    return f'the status of pod readiness gate "{gate}" is not "True", but {status[gate]}'
