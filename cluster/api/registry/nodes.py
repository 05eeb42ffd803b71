"""Nodes (pkg/registry/core/node/strategy.go): labels, annotations, taints, whether pods may be scheduled there, and what the node
has. Where no status is given a node has what a new one has here."""

from typing import Any

from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core.manifests import quantities
from cluster.core.validation.nodes import validate_node
from cluster.writing import nodes

PODS = "pods"
PARTS = ("capacity", "allocatable")


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:
    common.decoded_by_schema(manifest)
    common.refuse(validate_node(manifest), manifest, request.target)
    spec = manifest.get("spec") or {}
    kept = {key: spec[key] for key in ("unschedulable", "taints") if spec.get(key)}
    return {**manifest, "spec": kept} if before is None else {**manifest, "spec": kept, "status": before["status"]}


def insert(manifest: Json, request: Request) -> None:
    about = {**fields(manifest), **sizes(manifest.get("status") or {})}
    nodes.create(request.target.cluster, manifest["metadata"]["name"], actor=request.actor, **about)


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001
    nodes.change(request.target.cluster, request.target.name or "", actor=request.actor, **fields(manifest))


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    nodes.delete(request.target.cluster, request.target.name or "", actor=request.actor)


def store_status(before: Json, status: Json, request: Request) -> None:
    """Capacity and what is allocatable; the rest of a node's status is its kubelet's, which is simulated."""
    common.decoded_by_schema({"apiVersion": "v1", "kind": "Node", "status": status})
    common.refuse(validate_node({**before, "spec": {}, "status": status}), before, request.target)
    if any(status.get(part) != before["status"].get(part) for part in PARTS):
        nodes.change(request.target.cluster, request.target.name or "", actor=request.actor, **sizes(status))


def fields(manifest: Json) -> dict[str, Any]:
    metadata, spec = manifest["metadata"], manifest["spec"]
    return {
        "labels": common.texts(metadata.get("labels")),
        "annotations": common.texts(metadata.get("annotations")),
        "managed_fields": common.owners_in(manifest),
        "unschedulable": bool(spec.get("unschedulable")),
        "taints": spec.get("taints") or [],
    }


def sizes(status: Json) -> dict[str, Any]:
    """Columns of a status. Allocatable is the capacity where it is not told, name by name (SetDefaults_NodeStatus)."""
    given = {part: {name: stored(value) for name, value in (status.get(part) or {}).items()} for part in PARTS}
    if not any(given.values()):
        return {}
    capacity = given["capacity"]
    allocatable = given["allocatable"] or capacity
    slots = quantities.nanos(allocatable.get(PODS, "0")) // 10**9
    return {
        "slots": slots,
        "allocatable": {name: value for name, value in allocatable.items() if name != PODS},
        "capacity": capacity,
    }


def stored(value: Any) -> str:
    return quantities.stored(str(value))


STRATEGY = Strategy(prepared=prepared, insert=insert, replace=replace, remove=remove)
