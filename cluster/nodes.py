"""Nodes of a cluster: made, described, cordoned and removed. What a node's fields mean to pods, its families see at their next pass."""

import uuid
from dataclasses import replace
from typing import Any

from django.utils import timezone

from cluster import families, journal, models, writes
from cluster.core.objects import Change, Delete
from cluster.namespaces import record
from cluster.snapshot import load
from cluster.statuses import Refused, already_exists, not_found


def create(cluster: str, name: str, *, actor: str, **fields: Any) -> models.Node:
    """`fields` are columns of the model. Raises Refused if there is one of that name."""
    with journal.exclusive(cluster) as row:
        if models.Node.objects.filter(cluster=row, name=name).exists():
            raise Refused(already_exists("nodes", name))
        made = models.Node(cluster=row, name=name, uid=str(uuid.uuid4()), created=timezone.now(), **fields)
        record(made, "ADDED", actor=actor)
        made.save(force_insert=True)
        look_for_room(row)
        return made


def find(cluster: str, name: str) -> models.Node:
    found = models.Node.objects.select_related("cluster").filter(cluster__name=cluster, name=name).first()
    if found is None:
        raise Refused(not_found("nodes", name))
    return found


def change(cluster: str, name: str, *, actor: str, **fields: Any) -> None:
    """Changes columns of a node, its pods stay; pods that wait for room are looked at again."""
    with journal.exclusive(cluster):
        row = find(cluster, name)
        for key, value in fields.items():
            setattr(row, key, value)
        record(row, "MODIFIED", actor=actor)
        row.save(update_fields=[*fields, "resource_version"])
        look_for_room(row.cluster)


def delete(cluster: str, name: str, *, actor: str) -> None:
    """Its pods are gone with it, as upstream's garbage collector of pods deletes those of a node that is no more
    (pkg/controller/podgc)."""
    with journal.exclusive(cluster):
        row = find(cluster, name)
        evict(row, actor=actor)
        record(row, "DELETED", actor=actor)
        row.delete()


def evict(node: models.Node, *, actor: str) -> None:
    hit = models.Family.objects.filter(namespace__cluster=node.cluster, pods__node=node.name)
    for pk in list(hit.distinct().order_by("pk").values_list("pk", flat=True)):
        loaded = load(families.of_key(pk))
        there = [each for each in loaded.family.pods.values() if each.node == node.name]
        gone: list[Change] = [Delete(object=replace(each, finalizers=())) for each in there]
        writes.write(loaded, gone, "deleted", actor=actor)


def look_for_room(cluster: models.Cluster) -> None:
    waiting = models.Pod.objects.filter(namespace__cluster=cluster, stage="unscheduled").values("family")
    models.Family.objects.filter(pk__in=waiting).update(due=0.0)
