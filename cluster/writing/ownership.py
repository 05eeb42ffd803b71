"""Who wrote which field of what is stored: each write leaves its manager's mark in metadata.managedFields."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from cluster.machinery import schemas
from cluster.machinery.fields import NOTHING, parse, to_fields_v1
from cluster.machinery.managed_fields import APPLY, UPDATE, after_update
from cluster.machinery.typed import field_set

Json = dict[str, Any]
DASHBOARD, CONTROLLER = "rollstage", "kube-controller-manager"
KEEPERS = (CONTROLLER, "kubelet")
CONDITION_FIELDS = ("lastTransitionTime", "lastUpdateTime", "message", "reason", "status", "type")
REVISION = "deployment.kubernetes.io/revision"
STATUS = frozenset({parse("status")})


def written(
    before: Json | None, after: Json, *, manager: str, subresource: str = "", schema: schemas.Schema | None = None
) -> list[Json]:
    """The managedFields of `after`, which a create (before None), update or patch has made of `before`; both with the
    managedFields that they had."""
    version = str(after["apiVersion"])
    return after_update(
        before,
        after,
        schema=schema or schemas.definition_of(after),
        manager=manager,
        api_version=version,
        now=moment(),
        subresource=subresource,
        ignored=NOTHING if subresource == "status" else STATUS,
    )


def with_controller(manifest: Json, entries: list[Json]) -> Json:
    """A Deployment with its stored managedFields and the entry of its controller, which writes the status."""
    if not entries:
        return manifest
    conditions = manifest["status"].get("conditions") or []
    times = [each["lastUpdateTime"] for each in conditions]
    told = tuple(sorted(manifest["status"])), tuple(each["type"] for each in conditions)
    marked = REVISION in (manifest["metadata"].get("annotations") or {})
    entry = (
        {**controller_entry(*told, marked, marked and has_made_annotations(entries)), "time": max(times)}
        if times
        else None
    )
    owners = sorted([*entries, *([entry] if entry else [])], key=rank)
    return {**manifest, "metadata": {**manifest["metadata"], "managedFields": owners}}


def rank(entry: Json) -> tuple[str, ...]:
    """The order of entries (managedfields.go, sortEncodedManagedFields)."""
    return tuple(str(entry.get(key) or "") for key in ("operation", "time", "manager", "apiVersion", "subresource"))


def has_made_annotations(entries: list[Json]) -> bool:
    """Whether the controller's annotation was the object's first: nobody else owns the map, and no applier gave one."""
    found = [(each["fieldsV1"].get("f:metadata", {}).get("f:annotations"), each["operation"]) for each in entries]
    owned = [(fields, operation) for fields, operation in found if fields is not None]
    return not any(fields == {} or "." in fields or operation == APPLY for fields, operation in owned)


@cache
def controller_entry(keys: tuple[str, ...], conditions: tuple[str, ...], marked: bool, first: bool) -> Json:
    """Of a status with these fields and conditions. `marked`: with the revision, which is written with the status;
    `first`: as the object's first annotation."""
    status: Json = dict.fromkeys(keys, 1)
    if conditions:
        status["conditions"] = [{**dict.fromkeys(CONDITION_FIELDS, ""), "type": each} for each in conditions]
    written = {"status": status, **({"metadata": {"annotations": {REVISION: ""}}} if marked else {})}
    fields = field_set(written, schemas.definition("apps", "v1", "Deployment"))
    fields |= {parse("status.conditions")} if conditions else set()
    fields |= {parse("metadata.annotations")} if first else set()
    return {
        "manager": CONTROLLER,
        "operation": UPDATE,
        "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": to_fields_v1(fields),
        "subresource": "status",
    }


def without_controller(entries: list[Json]) -> list[Json]:
    """What is stored: the entry of who keeps the status (a controller, a kubelet) follows from the status."""
    return [each for each in entries if each.get("subresource") != "status" or each.get("manager") not in KEEPERS]


def moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
