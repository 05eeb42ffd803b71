"""Creating, describing and deleting namespaces with their content, each as one write."""

import uuid
from typing import Any

from django.utils import timezone

from cluster import models
from cluster.core.objects import Change, Delete, Deployment, Pod, ReplicaSet
from cluster.core.validation import formats
from cluster.records import journal, kept, states
from cluster.records.apply import apply
from cluster.records.loading import load_part
from cluster.spaces import Space
from cluster.statuses import Refused, already_exists, bad_request, failure
from cluster.writing import capacity
from cluster.writing.writes import find_namespace

SYSTEM = (
    "kube-node-lease",
    "kube-public",
    "kube-system",
)  # every cluster has them; nothing of Kubernetes' own runs here
KEPT_FOR_EVER = ("default", *SYSTEM)


def create(cluster: str, name: str, *, actor: str, **described: Any) -> models.Namespace:
    """`described`: labels, annotations, managed_fields. Raises Refused if the name is taken."""
    with journal.exclusive(cluster) as row:
        if models.Namespace.objects.filter(cluster=row, name=name).exists():
            raise Refused(already_exists("namespaces", name))
        capacity.check_object(row, "namespaces", name)
        made = models.Namespace(cluster=row, name=name, uid=str(uuid.uuid4()), created=timezone.now(), **described)
        record(made, "ADDED", actor=actor)
        made.save(force_insert=True)
        return made


def ensure(space: Space, *, actor: str) -> bool:
    """Creates a namespace if there is none of that name; True if it was created. Raises Refused."""
    problems = formats.dns_label(space.namespace)
    if problems:
        raise Refused(bad_request(f"metadata.name: Invalid value: {space.namespace!r}: {problems[0]}"))
    if models.Namespace.objects.filter(cluster__name=space.cluster, name=space.namespace).exists():
        return False
    create(*space, actor=actor)
    return True


def describe(space: Space, *, actor: str, **described: Any) -> None:
    """Changes labels, annotations or managed_fields."""
    with journal.exclusive(space.cluster):
        row = find_namespace(space)
        for key, value in described.items():
            setattr(row, key, value)
        record(row, "MODIFIED", actor=actor)
        row.save(update_fields=[*described, "resource_version"])


def delete(space: Space, *, actor: str) -> None:
    """Marks a namespace for deletion: it is Terminating until a worker finds it empty (`termination`). Raises Refused."""
    name = space.namespace
    if name in KEPT_FOR_EVER:
        message = f'namespaces "{name}" is forbidden: this namespace may not be deleted'
        raise Refused(failure(403, "Forbidden", message, name=name, kind="namespaces"))
    with journal.exclusive(space.cluster):
        row = find_namespace(space)
        if row.deleted is None:
            row.deleted = timezone.now()
            record(row, "MODIFIED", actor=actor)
            row.save(update_fields=["deleted", "resource_version"])


def remove(row: models.Namespace, *, actor: str) -> None:
    """Deletes a namespace with its remaining content, memberships and invitations. Watches and viewers get a change for each
    object."""
    with journal.exclusive(row.cluster.name) as cluster:
        empty(cluster, row, actor=actor)
        record(row, "DELETED", actor=actor)
        row.delete()
        models.Membership.objects.filter(cluster=cluster, namespace=row.name).delete()
        models.Invitation.objects.filter(cluster=cluster, namespace=row.name).delete()


def check_alive(row: models.Namespace, resource: str, name: str) -> None:
    """Refuses new objects in a namespace that is being deleted (plugin/pkg/admission/namespace/lifecycle). Raises Refused
    (403)."""
    if row.deleted is None:
        return
    message = f'{resource} "{name}" is forbidden: unable to create new content in namespace {row.name} because it is being terminated'
    kind, _, group = resource.partition(".")
    status = failure(403, "Forbidden", message, name=name, kind=kind, group=group)
    text = f"namespace {row.name} is being terminated"
    cause = {"reason": "NamespaceTerminating", "message": text, "field": "metadata.namespace"}
    raise Refused({**status, "details": {**status["details"], "causes": [cause]}})


def empty(cluster: models.Cluster, row: models.Namespace, *, actor: str) -> None:
    loaded = load_part(
        cluster,
        deployments=list(row.deployments.values_list("pk", flat=True)),
        replicasets=list(row.replicasets.values_list("pk", flat=True)),
        pods=list(row.pods.values_list("pk", flat=True)),
    )
    state = loaded.state
    things: tuple[Pod | ReplicaSet | Deployment, ...] = (
        *state.pods.values(),
        *state.replicasets.values(),
        *state.deployments.values(),
    )
    gone: list[Change] = [Delete(object=each) for each in things]
    with journal.write(cluster.name, row.name, actor=actor) as writer:
        kept.delete_all(writer, models.KeptObject.objects.filter(cluster=cluster, namespace=row.name))
        apply(loaded, gone, writer)


def record(row: models.Namespace | models.Node, verb: str, *, actor: str) -> None:
    """Appends a change of a namespace or node to the journal; the caller saves the row afterwards."""
    state = states.cluster_node_state(row) if isinstance(row, models.Node) else states.namespace_state(row)
    with journal.write(row.cluster.name, actor=actor) as writer:
        writer.counts["objects_count"] += {"ADDED": 1, "DELETED": -1}.get(verb, 0)
        row.resource_version = writer.append(
            verb,
            type(row).__name__,
            state,
            name=row.name,
            before=selectable_before(row) if verb == "MODIFIED" else None,
        )


def selectable_before(row: models.Namespace | models.Node) -> dict[str, Any] | None:
    """The labels and selectable fields of the stored row that differ from `row`; None if none do."""
    rows: Any = type(row).objects
    stored = rows.filter(pk=row.pk).values().first() or {}
    found: dict[str, Any] = {"labels": stored["labels"]} if stored and stored["labels"] != row.labels else {}
    if isinstance(row, models.Node) and stored and stored["unschedulable"] != row.unschedulable:
        found["fields"] = {"spec.unschedulable": str(stored["unschedulable"]).lower()}
    return found or None
