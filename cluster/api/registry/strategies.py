"""The kinds' strategies by name; the other kept kinds are written alike."""

from collections.abc import Mapping

from cluster.api.kinds import Kind
from cluster.api.registry import deployments, events, kept, namespaces, nodes, pods, replicasets, roles
from cluster.api.registry.common import Strategy

STRATEGIES: Mapping[str, Strategy] = {
    "Deployment": deployments.STRATEGY,
    "ReplicaSet": replicasets.STRATEGY,
    "Pod": pods.STRATEGY,
    "Namespace": namespaces.STRATEGY,
    "Node": nodes.STRATEGY,
    "Event": events.STRATEGY,
    "RoleBinding": roles.STRATEGY,
    "ClusterRoleBinding": roles.STRATEGY,
    "ClusterRole": roles.STRATEGY,
}


def strategy_of(kind: Kind) -> Strategy:
    return kept.STRATEGY if kind.is_kept else STRATEGIES[kind.name]
