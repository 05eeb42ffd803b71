"""The initial state of a namespace that a browser gets."""

import time
from collections.abc import Mapping
from typing import Any

from cluster import models
from cluster.core.objects import Node, ReplicaSet
from cluster.records import clock, states
from cluster.records.rows import POD_COLUMNS, deployment_value, iso, node_value, pod_value, replicaset_value
from cluster.spaces import Space

NEWEST_EVENTS = 200


def namespace_snapshot(space: Space) -> dict[str, Any]:
    """The protocol's `snapshot`, without its type. The head is read first: changes committed meanwhile are both in the lists and
    in the changes that follow, and applying a state twice changes nothing."""
    rows = models.Namespace.objects.select_related("cluster")
    namespace = rows.get(cluster__name=space.cluster, name=space.namespace)
    cluster = namespace.cluster
    replicaset_rows = list(models.ReplicaSet.objects.filter(namespace=namespace).order_by("created_at", "number"))
    replicasets = {row.uid: replicaset_value(row, namespace.name) for row in replicaset_rows}
    wall = time.time()
    return {
        "cluster": cluster.pk,
        "rv": cluster.head,
        "now": clock.simulated(cluster, wall),
        "wall": wall,
        "pace": cluster.pace,
        "held": cluster.decisions is not None,
        "deployments": _deployments(namespace),
        "replicasets": [_replicaset(row, replicasets[row.uid]) for row in replicaset_rows],
        "pods": _pods(namespace, replicasets),
        "events": _events(namespace),
        "nodes": [states.node_state(node, uid=uid) for node, uid in _nodes(cluster)],
        "story": _story(namespace),
    }


def family_states(root: str, rv: int) -> list[tuple[str, states.State]]:
    """(kind, compact state) of a Deployment and the objects it owns, of those that have not changed since rv."""
    row = models.Deployment.objects.select_related("namespace").filter(pk=root).first()
    owned = list(models.ReplicaSet.objects.select_related("namespace").filter(owner_uid=root).order_by("number"))
    replicasets = {each.uid: replicaset_value(each, each.namespace.name) for each in owned}
    found = [("ReplicaSet", _replicaset(each, replicasets[each.uid])) for each in owned]
    if row is not None:
        pods = _pods(row.namespace, replicasets, owner_uid__in=replicasets)
        found = [("Deployment", _deployment(row)), *found, *(("Pod", each) for each in pods)]
    return [(kind, state) for kind, state in found if state["rv"] <= rv]


def _deployments(namespace: models.Namespace) -> list[states.State]:
    rows = models.Deployment.objects.select_related("namespace").filter(namespace=namespace)
    return [_deployment(row) for row in rows.order_by("name")]


def _deployment(row: models.Deployment) -> states.State:
    value = deployment_value(row, row.namespace.name)
    return {**states.deployment_state(value, created=iso(row.created)), "rv": row.resource_version}


def _replicaset(row: models.ReplicaSet, value: ReplicaSet) -> states.State:
    return {**states.replicaset_state(value, created=iso(row.created)), "rv": row.resource_version}


def _pods(namespace: models.Namespace, replicasets: Mapping[str, ReplicaSet], **where: Any) -> list[states.State]:
    rows = models.Pod.objects.filter(namespace=namespace, **where).order_by("created_at", "name")
    found = []
    for *columns, created, rv in rows.values_list(*POD_COLUMNS, "created", "resource_version"):
        pod = pod_value(columns, namespace.name, replicasets)
        state = states.pod_state(pod, created=iso(created))
        state["rv"] = rv
        found.append(state)
    return found


def _events(namespace: models.Namespace) -> list[states.State]:
    """The newest events, of pods and of their owners separately, so that many pods' events don't displace those of the
    controllers."""
    rows = models.Event.objects.filter(namespace=namespace).order_by("-resource_version")
    newest = (*rows.exclude(kind="Pod")[:NEWEST_EVENTS], *rows.filter(kind="Pod")[:NEWEST_EVENTS])
    return [event_row_state(row) for row in newest]


def event_row_state(row: models.Event) -> states.State:
    return {
        "uid": row.uid,
        "rv": row.resource_version,
        "kind": row.kind,
        "object_uid": row.object_uid,
        "object_name": row.object_name,
        "type": row.type,
        "reason": row.reason,
        "message": row.message,
        "source": row.source,
        "count": row.count,
        "first_seen": iso(row.first_seen),
        "last_seen": iso(row.last_seen),
        "at": row.at,
        "why": row.why,
    }


def _nodes(cluster: models.Cluster) -> list[tuple[Node, str]]:
    return [(node_value(row), row.uid) for row in models.Node.objects.filter(cluster=cluster).order_by("name")]


def _story(namespace: models.Namespace) -> states.State | None:
    """The state shown of the story that is played in the namespace; None without one."""
    rows = models.Playing.objects.filter(cluster_id=namespace.cluster_id, namespace=namespace.name)
    return rows.values_list("shown", flat=True).first()
