"""What a compact state leaves out of an object: with its blueprint a change of the journal is the whole object again.

Blueprints are kept by their contents: the thousands of changes of one ReplicaSet's pods share one.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from cluster import models
from cluster.core.objects import Pod, ReplicaSet

Json = dict[str, Any]
Blueprint = tuple[str, str]  # digest and text
# What a change tells of its object itself, or its state.
IN_CHANGE = frozenset(
    ("uid", "namespace", "name", "resource_version", "created", "created_at", "deleted_at", "generation",
     "replicas", "status")
)  # fmt: skip
POD_SELECTABLE = (("status.phase", "phase"), ("spec.nodeName", "node"))


def of_row(row: models.ClusterObject, owner: str | None) -> Blueprint:
    """Of a Deployment or ReplicaSet; `owner` is the name of the object that owns it."""
    columns = {each.name: getattr(row, each.name) for each in row._meta.concrete_fields if each.name not in IN_CHANGE}
    return seal({**columns, "owner": owner})


def of_pod(pod: Pod, owner: ReplicaSet | None, managed_fields: Any = None) -> Blueprint:
    """Labels, annotations and spec stand in it only where they aren't the template's."""
    template = owner.template if owner else {}
    metadata = template.get("metadata", {})
    own = {
        "labels": None if pod.labels == metadata.get("labels", {}) else dict(pod.labels),
        "annotations": None if pod.annotations == metadata.get("annotations", {}) else dict(pod.annotations),
        "spec": pod.spec,
        "finalizers": pod.finalizers,
        "grace_seconds": pod.grace_seconds,
        "managed_fields": managed_fields,
    }
    return seal({"template": template, "owner": owner.name if owner else None, **own})


def is_common(pod: Pod, owner: ReplicaSet) -> bool:
    """Nothing but its state is its own."""
    metadata = owner.template.get("metadata", {})
    told = (pod.labels, pod.annotations, pod.spec, pod.finalizers, pod.grace_seconds)
    return told == (metadata.get("labels", {}), metadata.get("annotations", {}), None, (), None)


def seal(value: Json) -> Blueprint:
    text = orjson.dumps(value)
    return hashlib.blake2b(text, digest_size=16).hexdigest(), text.decode()


def row_of(model: type[Any], change: Mapping[str, Any], blueprint: Json, created: Any) -> Any:
    """The row that a Deployment or ReplicaSet had at a change of it (a mapping of `rv`, `uid`, `name`, `state`)."""
    state = change["state"]
    columns = {name: value for name, value in blueprint.items() if name != "owner"}
    told = {name: state[name] for name in ("created_at", "deleted_at", "generation", "replicas", "status")}
    own = {"uid": change["uid"], "name": change["name"], "resource_version": change["rv"], "created": created}
    return model(**columns, **told, **own)


def selectable_before(before: Any, after: Any) -> Json | None:
    """The labels and selectable fields of an object that a change of it changes, as they were; None: none."""
    found: Json = {}
    if before.labels != after.labels:
        found["labels"] = dict(before.labels)
    if isinstance(before, Pod):
        fields = {
            path: getattr(before, name)
            for path, name in POD_SELECTABLE
            if getattr(before, name) != getattr(after, name)
        }
        if before.started_at is None and after.started_at is not None:
            fields["status.podIP"] = ""
        if fields:
            found["fields"] = fields
    return found or None
