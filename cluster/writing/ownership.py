"""Field ownership of stored objects: each write records its field manager in metadata.managedFields."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from cluster.core.names import SAFE_ALPHABET
from cluster.machinery import schemas
from cluster.machinery.fields import NOTHING, parse, to_fields_v1
from cluster.machinery.managed_fields import APPLY, UPDATE, after_update
from cluster.machinery.typed import field_set

Json = dict[str, Any]
DASHBOARD, CONTROLLER = "rollstage", "kube-controller-manager"
KEEPERS = (CONTROLLER, "kubelet")
CONDITION_FIELDS = ("lastTransitionTime", "lastUpdateTime", "message", "reason", "status", "type")
REVISION = "deployment.kubernetes.io/revision"
SUFFIX_LENGTH = 5
STATUS = frozenset({parse("status")})


def written(
    before: Json | None, after: Json, *, manager: str, subresource: str = "", schema: schemas.Schema | None = None
) -> list[Json]:
    """The managedFields after a create (`before` None), update or patch from `before` to `after`; both manifests have the
    managedFields from before the write."""
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


def generate_name(name: str, entries: list[Json] | None) -> str | None:
    """The generateName of an object, if its managedFields show that it had one: its name without the random suffix (a base of
    more than 58 characters was cut, and is returned cut)."""
    told = (each.get("fieldsV1", {}).get("f:metadata", {}) for each in entries or ())
    if not any("f:generateName" in each for each in told):
        return None
    end = name[-SUFFIX_LENGTH:]
    return name[:-SUFFIX_LENGTH] if all(each in SAFE_ALPHABET for each in end) else None


def has_made_annotations(entries: list[Json]) -> bool:
    """Whether the controller's annotation was the object's first: no other manager owns the map, and no apply set one."""
    found = [(each["fieldsV1"].get("f:metadata", {}).get("f:annotations"), each["operation"]) for each in entries]
    owned = [(fields, operation) for fields, operation in found if fields is not None]
    return not any(fields == {} or "." in fields or operation == APPLY for fields, operation in owned)


@cache
def controller_entry(keys: tuple[str, ...], conditions: tuple[str, ...], marked: bool, first: bool) -> Json:
    """The controller's entry for a status with these fields and conditions. `marked`: with the revision annotation, which is
    written with the status; `first`: as the object's first annotation."""
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
    """The entries to store: without the status entry of a controller or kubelet, which is derived from the status."""
    return [each for each in entries if each.get("subresource") != "status" or each.get("manager") not in KEEPERS]


def moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
