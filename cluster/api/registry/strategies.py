"""The strategies by kind; other kept kinds share one."""

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
    """A custom kind never gets the strategy of a built-in kind with the same name."""
    return kept.STRATEGY if kind.sort == "custom" else STRATEGIES.get(kind.name, kept.STRATEGY)
