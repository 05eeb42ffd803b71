"""Namespaces: made, described and deleted with all that is in them, each as one write."""

import uuid
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from cluster import families, journal, models, states
from cluster.apply import apply
from cluster.core.objects import Change, Delete
from cluster.core.scheduler import with_pods
from cluster.permissions import LEVELS
from cluster.snapshot import Loaded, load
from cluster.statuses import Refused, already_exists, failure, not_found

KEPT_FOR_EVER = ("default",)


def create(name: str, *, actor: str, **described: Any) -> models.Namespace:
    """`described`: labels, annotations, managed_fields. Raises Refused if there is one of that name."""
    with journal.exclusive():
        if models.Namespace.objects.filter(name=name).exists():
            raise Refused(already_exists("namespaces", name))
        row = models.Namespace(name=name, uid=str(uuid.uuid4()), created=timezone.now(), **described)
        record(row, "ADDED", actor=actor)
        row.save(force_insert=True)
        return row


def describe(row: models.Namespace, *, actor: str, **described: Any) -> None:
    """Changes labels, annotations or managed_fields."""
    for key, value in described.items():
        setattr(row, key, value)
    record(row, "MODIFIED", actor=actor)
    row.save(update_fields=[*described, "resource_version"])


def delete(name: str, *, actor: str) -> None:
    """With everything in it and the groups that open it: watchers and viewers hear of each object."""
    if name in KEPT_FOR_EVER:
        message = f'namespaces "{name}" is forbidden: this namespace may not be deleted'
        raise Refused(failure(403, "Forbidden", message, name=name, kind="namespaces"))
    with journal.exclusive():
        row = models.Namespace.objects.select_for_update().filter(name=name).first()
        if row is None:
            raise Refused(not_found("namespaces", name))
        found = list(row.families.order_by("pk").values_list("pk", flat=True))
        families.lock_all(set(found))  # all of them before the first write takes the journal's head
        for pk in found:
            empty(load(families.locked(pk)), actor=actor)
        record(row, "DELETED", actor=actor)
        row.delete()
        Group.objects.filter(name__in=[f"{name}:{level}" for level in LEVELS]).delete()


def empty(loaded: Loaded, *, actor: str) -> None:
    family = loaded.family
    on_nodes: dict[str, int] = {}
    for pod in family.pods.values():
        on_nodes[pod.node] = on_nodes.get(pod.node, 0) + 1
    gone: list[Change] = [Delete(object=pod) for pod in family.pods.values()]
    gone += [Delete(object=replicaset) for replicaset in family.replicasets.values()]
    gone += [Delete(object=family.deployment)] if family.deployment else []
    gone += [with_pods(family.nodes[name], -count) for name, count in on_nodes.items() if name in family.nodes]
    with journal.write(loaded.namespace, actor=actor) as writer:
        apply(loaded, gone, writer)


def record(row: models.Namespace | models.Node, verb: str, *, actor: str) -> None:
    """The journal's change of an object that belongs to no namespace; the row is still to be saved."""
    state = states.cluster_node_state(row) if isinstance(row, models.Node) else states.namespace_state(row)
    with journal.write(journal.cluster_scope(), actor=actor) as writer:
        row.resource_version = writer.append(
            verb,
            type(row).__name__,
            state,
            name=row.name,
            before=selectable_before(row) if verb == "MODIFIED" else None,
        )


def selectable_before(row: models.Namespace | models.Node) -> dict[str, Any] | None:
    """The labels and selectable fields that the row as it is stored has otherwise."""
    rows: Any = type(row).objects
    stored = rows.filter(pk=row.pk).values().first() or {}
    found: dict[str, Any] = {"labels": stored["labels"]} if stored and stored["labels"] != row.labels else {}
    if isinstance(row, models.Node) and stored and stored["unschedulable"] != row.unschedulable:
        found["fields"] = {"spec.unschedulable": str(stored["unschedulable"]).lower()}
    return found or None
