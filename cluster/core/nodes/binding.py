"""How a pod comes to its node (pkg/registry/core/pod/strategy.go and storage/storage.go, assignPod)."""

from dataclasses import replace

from cluster.core.copying import changed
from cluster.core.objects import Manifest, Pod
from cluster.core.scheduling.schedule import GATED, GATED_REASON


def born(pod: Pod, spec: Manifest, now: float) -> Pod:
    """A new pod of this spec: on the node that its spec names, so that no scheduler sees it, or held back by its gates."""
    if spec.get("nodeName"):
        return bound(pod, str(spec["nodeName"]), now)
    return replace(pod, reason=GATED_REASON, message=GATED) if spec.get("schedulingGates") else pod


def bound(pod: Pod, node: str, now: float) -> Pod:
    """The pod on its node, in the kubelet's hands."""
    return changed(
        pod, node=node, stage="scheduled", reason="ContainerCreating", message="", next_at=now, scheduled_at=now,
        nominated_node="",
    )  # fmt: skip
