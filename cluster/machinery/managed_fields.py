"""The owners of each field: metadata.managedFields, maintained by every write.

Upstream: apimachinery pkg/util/managedfields/internal (structuredmerge.go, managedfieldsupdater.go, capmanagers.go, stripmeta.go,
managedfields.go) and structured-merge-diff merge/update.go. All API versions of a kind served here have the same fields, so no
sets are converted between versions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cluster.machinery.fields import NOTHING, FieldSet, from_fields_v1, parse, to_fields_v1, without
from cluster.machinery.schemas import Json, Schema
from cluster.machinery.typed import Comparison, compare

APPLY, UPDATE = "Apply", "Update"
MAX_UPDATE_MANAGERS = 10
ANCIENT_CHANGES = "ancient-changes"
BEFORE_FIRST_APPLY = "before-first-apply"

# Fields without an owner: the server sets them, or they name the object.
STRIPPED: FieldSet = frozenset(
    parse(path)
    for path in (
        "apiVersion",
        "kind",
        "metadata",
        "metadata.name",
        "metadata.namespace",
        "metadata.creationTimestamp",
        "metadata.selfLink",
        "metadata.uid",
        "metadata.clusterName",
        "metadata.generation",
        "metadata.managedFields",
        "metadata.resourceVersion",
    )
)

# The JSON of an empty Go struct: a field that is always there is not "added" by its first writer.
_TEMPLATE: Json = {"metadata": {"creationTimestamp": None}, "spec": {"containers": None}}
EMPTY_OBJECTS: Mapping[str, Json] = {
    "Deployment": {"metadata": {}, "spec": {"selector": None, "strategy": {}, "template": _TEMPLATE}, "status": {}},
    "ReplicaSet": {"metadata": {}, "spec": {"selector": None, "template": _TEMPLATE}, "status": {}},
    "Pod": {"metadata": {}, "spec": {"containers": None}, "status": {}},
    "Event": {"metadata": {}, "involvedObject": {}, "source": {}, "regarding": {}, "deprecatedSource": {}},
}
EMPTY_OBJECT: Json = {"metadata": {}, "spec": {}, "status": {}}


@dataclass(frozen=True, kw_only=True)
class Manager:
    """A writer. `api_version` is "" for appliers: an applier stays the same in every version."""

    name: str
    operation: str
    api_version: str = ""
    subresource: str = ""


@dataclass(frozen=True, kw_only=True)
class Owned:
    """The fields that one manager owns, since when (RFC 3339, "" if unknown), and the version in which they were written."""

    fields: FieldSet
    api_version: str
    time: str = ""


Managers = dict[Manager, Owned]


def read(entries: Any) -> Managers:
    """metadata.managedFields -> managers. Raises ValueError for anything but Update and Apply entries of FieldsV1."""
    managers: Managers = {}
    if not isinstance(entries or [], list):
        raise ValueError("managedFields must be a list")
    for entry in entries or []:
        operation = entry.get("operation") if isinstance(entry, dict) else None
        if operation not in (APPLY, UPDATE):
            raise ValueError(f"operation is `{operation}`, must be `Apply` or `Update`")
        if entry.get("fieldsType", "FieldsV1") != "FieldsV1":
            raise ValueError("fieldsType must be `FieldsV1`")
        if not all(isinstance(entry.get(name) or "", str) for name in ("manager", "apiVersion", "subresource", "time")):
            raise ValueError("manager, apiVersion, subresource and time must be text")
        version = entry.get("apiVersion") or ""
        manager = Manager(
            name=entry.get("manager") or "",
            operation=operation,
            api_version=version if operation == UPDATE else "",
            subresource=entry.get("subresource") or "",
        )
        fields = from_fields_v1(entry.get("fieldsV1") or {})
        managers[manager] = Owned(fields=fields, api_version=version, time=entry.get("time") or "")
    return managers


def write(managers: Managers) -> list[Json]:
    """Managers -> metadata.managedFields: appliers first, then by time and name."""
    return [_entry(manager, managers[manager]) for manager in sorted(managers, key=lambda one: _rank(one, managers))]


def _rank(manager: Manager, managers: Managers) -> tuple[str, ...]:
    owned = managers[manager]
    return manager.operation, owned.time, manager.name, owned.api_version, manager.subresource


def _entry(manager: Manager, owned: Owned) -> Json:
    entry = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": owned.api_version,
        "time": owned.time or None,
        "fieldsType": "FieldsV1",
        "fieldsV1": to_fields_v1(owned.fields),
        "subresource": manager.subresource or None,
    }
    return {key: value for key, value in entry.items() if value is not None}


def after_update(
    live: Json | None,
    new: Json,
    *,
    schema: Schema,
    manager: str,
    api_version: str,
    now: str,
    subresource: str = "",
    ignored: FieldSet = NOTHING,
) -> list[Json]:
    """The managedFields of `new`, which a create (live None), update or patch by `manager` has made of `live`.

    `now` is RFC 3339 in whole seconds. `ignored` are fields that this endpoint resets (the status, for the object itself). A
    request may write managedFields itself: `[{}]` removes them all, unreadable ones are ignored.
    """
    managers = _given_or_live(live, new, subresource)
    if managers is None or (live is not None and not managers):
        return []
    writer = Manager(name=manager, operation=UPDATE, api_version=api_version, subresource=subresource)
    changes = excluding(compare(comparable(live, new), comparable(new, new), schema), ignored)
    managers, taken = take(managers, changes)
    if taken:
        previous = managers[writer].fields if writer in managers else NOTHING
        managers[writer] = Owned(fields=taken | previous, api_version=api_version, time=now)
    return write(capped(stripped(managers)))


def _given_or_live(live: Json | None, new: Json, subresource: str) -> Managers | None:
    given = _metadata(new).get("managedFields")
    kept = managers_of(live)
    if subresource or not given or (live is not None and given == _metadata(live).get("managedFields")):
        return kept
    if given == [{}]:
        return None
    try:
        return read(given) or kept
    except (ValueError, AttributeError):
        return kept


def managers_of(live: Json | None) -> Managers:
    """The managers of a stored object; none if its managedFields can't be read."""
    try:
        return read(_metadata(live).get("managedFields") if live else [])
    except (ValueError, AttributeError):
        return {}


def excluding(changes: Comparison, ignored: FieldSet) -> Comparison:
    return Comparison(
        added=without(changes.added, ignored),
        modified=without(changes.modified, ignored),
        removed=without(changes.removed, ignored),
    )


def take(managers: Managers, changes: Comparison) -> tuple[Managers, FieldSet]:
    """(what the managers still own after a write that overrules them, what the writer takes)."""
    taken = changes.added | changes.modified
    lost = taken | changes.removed
    left = {manager: replace(owned, fields=owned.fields - lost) for manager, owned in managers.items()}
    return {manager: owned for manager, owned in left.items() if owned.fields}, taken


def stripped(managers: Managers) -> Managers:
    kept = {manager: replace(owned, fields=owned.fields - STRIPPED) for manager, owned in managers.items()}
    return {manager: owned for manager, owned in kept.items() if owned.fields}


def capped(managers: Managers) -> Managers:
    """At most ten updaters: the oldest of each version are merged into "ancient-changes"."""
    updaters = [manager for manager in managers if manager.operation == UPDATE]
    too_many = len(updaters) - MAX_UPDATE_MANAGERS
    if too_many <= 0:
        return managers
    result = dict(managers)
    first_of_version: dict[str, Manager] = {}
    for manager in sorted(updaters, key=lambda one: (managers[one].time, one.name)):
        if too_many <= 0:
            break
        version = managers[manager].api_version
        if version not in first_of_version:
            first_of_version[version] = manager
            continue
        bucket = Manager(name=ANCIENT_CHANGES, operation=UPDATE, api_version=version)
        summed = result[bucket] if bucket in result else result.pop(first_of_version[version])
        moved = result.pop(manager)
        result[bucket] = Owned(fields=summed.fields | moved.fields, api_version=version, time=moved.time)
        too_many -= 1
    return result


def comparable(manifest: Json | None, like: Json) -> Json:
    """The object without managedFields, for comparing; the kind's empty object if there is none yet."""
    if manifest is None:
        return EMPTY_OBJECTS.get(str(like.get("kind")), EMPTY_OBJECT)
    metadata = {key: value for key, value in _metadata(manifest).items() if key != "managedFields"}
    empty = EMPTY_OBJECTS.get(str(like.get("kind")), EMPTY_OBJECT)
    return {**{key: {} for key in empty}, **manifest, "metadata": metadata}


def _metadata(manifest: Json) -> Json:
    metadata = manifest.get("metadata")
    return metadata if isinstance(metadata, dict) else {}
