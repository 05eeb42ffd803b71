"""Creating, changing, cordoning and removing nodes of a cluster. The worker's next pass acts on the changes."""

import uuid
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cluster import models
from cluster.core.manifests.deployments import timestamp
from cluster.core.objects import Change, Delete
from cluster.records import journal
from cluster.records.loading import load_part
from cluster.statuses import Refused, already_exists, not_found
from cluster.writing import capacity, writes
from cluster.writing.namespaces import record

CORDON = "node.kubernetes.io/unschedulable"


def create(cluster: str, name: str, *, actor: str, **fields: Any) -> models.Node:
    """`fields` are columns of the model. Raises Refused if the name is taken."""
    with journal.exclusive(cluster) as row:
        if models.Node.objects.filter(cluster=row, name=name).exists():
            raise Refused(already_exists("nodes", name))
        capacity.check_object(row, "nodes", name)
        made = models.Node(cluster=row, name=name, uid=str(uuid.uuid4()), created=timezone.now(), **fields)
        made.taints = with_cordon(made)
        record(made, "ADDED", actor=actor)
        made.save(force_insert=True)
        return made


def find(cluster: str, name: str) -> models.Node:
    found = models.Node.objects.select_related("cluster").filter(cluster__name=cluster, name=name).first()
    if found is None:
        raise Refused(not_found("nodes", name))
    return found


def change(cluster: str, name: str, *, actor: str, **fields: Any) -> None:
    """Changes columns of a node. Its pods stay; unscheduled pods are tried again."""
    with journal.exclusive(cluster):
        row = find(cluster, name)
        for key, value in fields.items():
            setattr(row, key, value)
        row.taints = with_cordon(row)
        record(row, "MODIFIED", actor=actor)
        row.save(update_fields={*fields, "taints", "resource_version"})


def with_cordon(row: models.Node) -> list[dict[str, Any]]:
    """The node's taints, with the unschedulable taint only if it is cordoned (pkg/controller/nodelifecycle,
    doNoScheduleTaintingPass)."""
    known = [each for each in row.taints if each.get("key") == CORDON]
    others = [each for each in row.taints if each.get("key") != CORDON]
    if not row.unschedulable:
        return others
    added = {"key": CORDON, "effect": "NoSchedule", "timeAdded": timestamp(timezone.now().timestamp())}
    return row.taints if known else [*others, added]


def delete(cluster: str, name: str, *, actor: str) -> None:
    """Deletes a node and its pods, as upstream's pod garbage collector deletes the pods of a missing node
    (pkg/controller/podgc)."""
    with journal.exclusive(cluster):
        row = find(cluster, name)
        evict(row, actor=actor)
        record(row, "DELETED", actor=actor)
        row.delete()


def pods_on(node: models.Node) -> QuerySet[models.Pod]:
    return models.Pod.objects.filter(namespace__cluster=node.cluster, node=node.name)


def evict(node: models.Node, *, actor: str) -> None:
    loaded = load_part(node.cluster, pods=list(pods_on(node).values_list("pk", flat=True)))
    gone: list[Change] = [Delete(object=replace(each, finalizers=())) for each in loaded.state.pods.values()]
    writes.write(loaded, gone, "deleted", actor=actor)
