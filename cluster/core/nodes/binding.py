"""Binding of pods to nodes (pkg/registry/core/pod/strategy.go and storage/storage.go, assignPod)."""

from collections.abc import Mapping
from dataclasses import replace

from cluster.core.copying import changed
from cluster.core.nodes import reported
from cluster.core.objects import Manifest, Node, Pod
from cluster.core.scheduling.schedule import GATED, GATED_REASON


def born(pod: Pod, spec: Manifest, now: float, nodes: Mapping[str, Node]) -> Pod:
    """A new pod with this spec: bound to the node that the spec names, so that no scheduler sees the pod, or blocked by its
    scheduling gates."""
    if spec.get("nodeName"):
        found = bound(pod, str(spec["nodeName"]), now, nodes)
        return found if found.reported is None else changed(found, reported={})
    return replace(pod, reason=GATED_REASON, message=GATED) if spec.get("schedulingGates") else pod


def bound(pod: Pod, node: str, now: float, nodes: Mapping[str, Node]) -> Pod:
    """The pod bound to the node, in the first stage of its kubelet, which is simulated or external."""
    if node in nodes and nodes[node].is_external:
        return changed(
            pod, node=node, stage="reported", reason="", message="", next_at=None, scheduled_at=now, nominated_node="",
            reported=reported.scheduled(pod.reported or {}, now),
        )  # fmt: skip
    return changed(
        pod, node=node, stage="scheduled", reason="ContainerCreating", message="", next_at=now, scheduled_at=now,
        nominated_node="", reported=None,
    )  # fmt: skip
