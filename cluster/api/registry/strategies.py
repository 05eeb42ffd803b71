"""The kinds' strategies by name."""

from collections.abc import Mapping

from cluster.api.registry import deployments, events, namespaces, nodes, pods, replicasets
from cluster.api.registry.common import Strategy

STRATEGIES: Mapping[str, Strategy] = {
    "Deployment": deployments.STRATEGY,
    "ReplicaSet": replicasets.STRATEGY,
    "Pod": pods.STRATEGY,
    "Namespace": namespaces.STRATEGY,
    "Node": nodes.STRATEGY,
    "Event": events.STRATEGY,
}
