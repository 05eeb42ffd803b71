"""Nodes: made, described, cordoned and removed. What a node's fields mean to pods, its families see at their next pass."""

import uuid
from dataclasses import replace
from typing import Any

from django.utils import timezone

from cluster import families, journal, models, writes
from cluster.core.objects import Change, Delete
from cluster.namespaces import record
from cluster.snapshot import load
from cluster.statuses import Refused, already_exists, not_found


def create(name: str, *, actor: str, **fields: Any) -> models.Node:
    """`fields` are columns of the model. Raises Refused if there is one of that name."""
    with journal.exclusive():
        if models.Node.objects.filter(name=name).exists():
            raise Refused(already_exists("nodes", name))
        row = models.Node(name=name, uid=str(uuid.uuid4()), created=timezone.now(), **fields)
        record(row, "ADDED", actor=actor)
        row.save(force_insert=True)
        look_for_room()
        return row


def change(row: models.Node, *, actor: str, **fields: Any) -> None:
    """Changes columns of a node, its pods stay; pods that wait for room are looked at again."""
    for key, value in fields.items():
        setattr(row, key, value)
    record(row, "MODIFIED", actor=actor)
    row.save(update_fields=[*fields, "resource_version"])
    look_for_room()


def delete(name: str, *, actor: str) -> None:
    """Its pods are gone with it, as upstream's garbage collector of pods deletes those of a node that is no more
    (pkg/controller/podgc)."""
    with journal.exclusive():
        evict(name, actor=actor)
        row = models.Node.objects.select_for_update().filter(name=name).first()
        if row is None:
            raise Refused(not_found("nodes", name))
        record(row, "DELETED", actor=actor)
        row.delete()
    with journal.exclusive():
        evict(name, actor=actor)  # what was bound to it meanwhile


def evict(name: str, *, actor: str) -> None:
    hit = models.Family.objects.filter(pods__node=name).distinct().order_by("pk")
    found = list(hit.values_list("pk", flat=True))
    families.lock_all(set(found))
    for pk in found:
        loaded = load(families.locked(pk))
        there = [each for each in loaded.family.pods.values() if each.node == name]
        gone: list[Change] = [Delete(object=replace(each, finalizers=())) for each in there]
        writes.write(loaded, gone, "deleted", actor=actor)


def look_for_room() -> None:
    waiting = models.Pod.objects.filter(stage="unscheduled").values("family")
    models.Family.objects.filter(pk__in=waiting).update(due=0.0)
