"""managedFields that are not stored but derived from the object: those written by controllers and kubelets (client-go names field
managers by their processes) for ReplicaSets, pods, nodes and namespaces."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from cluster.machinery import schemas
from cluster.machinery.fields import parse, to_fields_v1
from cluster.machinery.managed_fields import UPDATE, after_update
from cluster.machinery.typed import field_set
from cluster.writing.ownership import STATUS, rank

Json = dict[str, Any]
KUBELET, API_SERVER = "kubelet", "kube-apiserver"
# Spec fields set by the API server or its admission, not by the object's creator.
NOT_WRITTEN = ("nodeName", "priority", "preemptionPolicy", "tolerations")
CACHED_OBJECTS = 2048


def told(manifest: Json, entries: list[Json] | None, *, maker: str, keeper: str) -> Json:
    """The manifest with managedFields: the stored entries, else one derived for `maker`, who created the object; and one derived
    for `keeper`, who writes its status ("": that entry is stored)."""
    created = manifest["metadata"]["creationTimestamp"]
    made = entries or [{**each, "time": created} for each in first(manifest, maker)]
    kept = of_status(manifest, keeper, created) if keeper else []
    owners = sorted([*made, *kept], key=rank)
    metadata = {**manifest["metadata"], "managedFields": owners}
    return {**manifest, "metadata": metadata}


def first(manifest: Json, maker: str) -> list[Json]:
    about = {key: manifest["metadata"].get(key) for key in WRITTEN if manifest["metadata"].get(key)}
    spec = {key: each for key, each in (manifest.get("spec") or {}).items() if key not in NOT_WRITTEN}
    own = {"kind": manifest["kind"], "apiVersion": manifest["apiVersion"], "metadata": about}
    return _first(orjson.dumps({**own, **({"spec": spec} if spec else {})}), maker)


WRITTEN = ("generateName", "labels", "annotations", "ownerReferences", "finalizers")


@lru_cache(maxsize=CACHED_OBJECTS)
def _first(text: bytes, maker: str) -> list[Json]:
    manifest = orjson.loads(text)
    schema = schemas.definition_of(manifest)
    version = manifest["apiVersion"]
    return after_update(None, manifest, schema=schema, manager=maker, api_version=version, now="", ignored=STATUS)


def of_status(manifest: Json, keeper: str, time: str) -> list[Json]:
    """The derived entry of a status, with the latest transition time in the status as its time; empty without a status."""
    read = STATUSES.get(manifest["kind"])
    status: Json = manifest.get("status") or {}
    status = read(status) if read else status
    if not status:
        return []
    shape = orjson.dumps(skeleton(status))
    times = [each["lastTransitionTime"] for each in status.get("conditions") or () if each.get("lastTransitionTime")]
    fields = _status_fields(shape, manifest["kind"], manifest["apiVersion"])
    entry = {"manager": keeper, "operation": UPDATE, "apiVersion": manifest["apiVersion"], "time": max([time, *times])}
    return [{**entry, "fieldsType": "FieldsV1", "fieldsV1": fields, "subresource": "status"}]


def pod_status(status: Json) -> Json:
    """The part of a pod's status that its kubelet writes; the scheduler and the API server write the rest."""
    conditions = [each for each in status.get("conditions") or () if each["type"] != "PodScheduled"]
    if "startTime" not in status:
        return {}
    return {**{key: each for key, each in status.items() if key != "qosClass"}, "conditions": conditions}


STATUSES: dict[str, Callable[[Json], Json]] = {"Pod": pod_status, "Namespace": lambda _: {}}


def skeleton(value: Any, key: str = "") -> Any:
    """The parts of a status on which its field set depends: field names and list keys; other values are replaced by 0."""
    if isinstance(value, dict):
        return {name: skeleton(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [skeleton(each) for each in value]
    return value if key in ("type", "ip", "name") else 0


@lru_cache(maxsize=CACHED_OBJECTS)
def _status_fields(shape: bytes, kind: str, api_version: str) -> Json:
    group, _, version = api_version.rpartition("/")
    status = orjson.loads(shape)
    fields = field_set({"status": status}, schemas.definition(group, version, kind))
    if kind != "Pod" and status.get("conditions"):
        fields |= {parse("status.conditions")}
    return to_fields_v1(fields)
