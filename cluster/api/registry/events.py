"""Events written by clients (pkg/registry/core/event/strategy.go); those of controllers are written by
`cluster.records.apply`."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from cluster import models
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.api.targets import Target
from cluster.core.validation.errors import invalid, required
from cluster.core.validation.metadata import object_meta
from cluster.records import journal
from cluster.records.snapshot import event_row_state
from cluster.statuses import Refused, already_exists, not_found
from cluster.writing import writes

TYPES = ("Normal", "Warning")


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:  # noqa: ARG001 the shape of a Strategy
    """The event in the core version, validated."""
    full = in_core_version(manifest)
    errors = list(object_meta(full["metadata"]))
    involved = full.get("involvedObject")
    if not isinstance(involved, dict):
        errors.append(required("involvedObject"))
    elif involved.get("namespace") not in (None, "", request.target.namespace):
        errors.append(invalid("involvedObject.namespace", involved["namespace"], "does not match event.namespace"))
    if full.get("type") not in (None, "", *TYPES):
        errors.append(invalid("type", full["type"], ""))
    common.refuse(errors, full, request.target)
    return full


def in_core_version(manifest: Json) -> Json:
    if manifest["apiVersion"] == "v1":
        return manifest
    names = {
        "regarding": "involvedObject", "note": "message", "deprecatedSource": "source", "deprecatedCount": "count",
        "deprecatedFirstTimestamp": "firstTimestamp", "deprecatedLastTimestamp": "lastTimestamp",
        "reportingController": "reportingComponent",
    }  # fmt: skip
    return {names.get(key, key): value for key, value in manifest.items()}


def insert(manifest: Json, request: Request) -> None:
    space = writes.find_namespace(request.target.space)
    name = manifest["metadata"]["name"]
    if models.Event.objects.filter(namespace=space, name=name).exists():
        raise Refused(already_exists("events", name))
    row = models.Event(uid=str(uuid.uuid4()), name=name, namespace=space, **columns(manifest))
    record(row, "ADDED", request)
    row.save(force_insert=True)


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001
    row = row_of(request.target)
    for key, value in columns(manifest).items():
        setattr(row, key, value)
    record(row, "MODIFIED", request)
    row.save()


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    row = row_of(request.target)
    record(row, "DELETED", request)
    row.delete()


def record(row: models.Event, verb: str, request: Request) -> None:
    with journal.write(*request.target.space, actor=request.actor) as writer:
        row.at = writer.now
        row.resource_version = writer.append(verb, "Event", event_row_state(row), name=row.name)


def columns(manifest: Json) -> dict[str, Any]:
    involved = manifest["involvedObject"]
    source = (manifest.get("source") or {}).get("component") or manifest.get("reportingComponent") or ""
    first = moment(manifest.get("firstTimestamp") or manifest.get("eventTime"))
    return {
        "kind": str(involved.get("kind") or "")[:32],
        "object_uid": str(involved.get("uid") or "")[:36],
        "object_name": str(involved.get("name") or "")[:253],
        "type": manifest.get("type") or "Normal",
        "reason": str(manifest.get("reason") or "")[:64],
        "message": str(manifest.get("message") or ""),
        "source": str(source)[:64],
        "count": count_of(manifest),
        "first_seen": first,
        "last_seen": moment(manifest.get("lastTimestamp")) if manifest.get("lastTimestamp") else first,
    }


def count_of(manifest: Json) -> int:
    found = manifest.get("count")
    return found if isinstance(found, int) and found > 0 else 1


def moment(text: Any) -> datetime:
    """A time in RFC 3339; the present time if it can't be parsed."""
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return timezone.now()
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def row_of(target: Target) -> models.Event:
    rows = models.Event.objects.filter(namespace__cluster__name=target.cluster, namespace__name=target.namespace)
    row = rows.filter(name=target.name).first()
    if row is None:
        raise Refused(not_found("events", target.name or ""))
    return row


STRATEGY = Strategy(prepared=prepared, insert=insert, replace=replace, remove=remove)
