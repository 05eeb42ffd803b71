"""The kinds' strategies by name; the other kept kinds are written alike."""

from collections.abc import Mapping

from cluster.api.kinds import Kind
from cluster.api.registry import (
    deployments,
    events,
    kept,
    namespaces,
    nodes,
    pods,
    replicasets,
    roles,
    signing_requests,
)
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
    "CertificateSigningRequest": signing_requests.STRATEGY,
}


def strategy_of(kind: Kind) -> Strategy:
    """Of a custom kind never that of a built-in one of its name."""
    return kept.STRATEGY if kind.sort == "custom" else STRATEGIES.get(kind.name, kept.STRATEGY)
