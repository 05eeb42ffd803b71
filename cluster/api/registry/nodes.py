"""Nodes (pkg/registry/core/node/strategy.go): labels, annotations, taints, unschedulable and sizes. Without a status a node gets
the default sizes."""

from collections.abc import Mapping
from typing import Any

from cluster import models
from cluster.api.kept import decoding
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core.manifests import quantities
from cluster.core.nodes.reported import ANNOTATION, EXTERNAL, is_external
from cluster.core.objects import Labels
from cluster.core.validation.nodes import validate_node
from cluster.machinery import schemas
from cluster.writing import nodes

PODS, SYSTEM = "pods", "kube-system"
PARTS = ("capacity", "allocatable")
BLANKS: Mapping[str, Json] = {
    "conditions": {"type": "", "status": "", "lastHeartbeatTime": None, "lastTransitionTime": None},
    "addresses": {"type": "", "address": ""},
}


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:
    common.decoded_by_schema(manifest)
    common.refuse(validate_node(manifest), manifest, request.target)
    spec = manifest.get("spec") or {}
    kept = {key: spec[key] for key in ("unschedulable", "taints") if spec.get(key)}
    return {**manifest, "spec": kept} if before is None else {**manifest, "spec": kept, "status": before["status"]}


def insert(manifest: Json, request: Request) -> None:
    status = manifest.get("status") or {}
    about = {**fields(manifest), **sizes(status)}
    about["annotations"] = with_kubelet(about["annotations"], request.target.cluster)
    if is_external(about["annotations"]):
        about["reported"] = rest(status)
    nodes.create(request.target.cluster, manifest["metadata"]["name"], actor=request.actor, **about)


def with_kubelet(annotations: Labels, cluster: str) -> Labels:
    """A new node without the annotation gets that of the namespace kube-system, for clients that create nodes and do not set
    it."""
    if ANNOTATION in annotations:
        return annotations
    row = models.Namespace.objects.filter(cluster__name=cluster, name=SYSTEM).first()
    return {**annotations, ANNOTATION: EXTERNAL} if row and is_external(row.annotations) else annotations


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001
    nodes.change(request.target.cluster, request.target.name or "", actor=request.actor, **fields(manifest))


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    nodes.delete(request.target.cluster, request.target.name or "", actor=request.actor)


def store_status(before: Json, status: Json, request: Request) -> None:
    """Stores capacity and allocatable; the rest of the status only if the node's kubelet is external."""
    common.decoded_by_schema({"apiVersion": "v1", "kind": "Node", "status": status})
    common.refuse(validate_node({**before, "spec": {}, "status": status}), before, request.target)
    changed: Json = {}
    if any(status.get(part) != before["status"].get(part) for part in PARTS):
        changed |= sizes(status)
    if is_external(before["metadata"].get("annotations") or {}) and rest(status) != rest(before["status"]):
        changed["reported"] = rest(status)
    if changed:
        nodes.change(request.target.cluster, request.target.name or "", actor=request.actor, **changed)


def rest(status: Json) -> Json:
    """The part of a status without columns of its own, including the required fields that are empty."""
    whole = {"apiVersion": "v1", "kind": "Node", "status": status}
    told: Json = decoding.without_nulls(whole, schemas.definition("", "v1", "Node"))["status"]
    filled = {key: [{**blank, **(each or {})} for each in told[key]] for key, blank in BLANKS.items() if told.get(key)}
    return {key: each for key, each in (told | filled).items() if key not in PARTS}


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
    """The columns for a status. Allocatable defaults to the capacity (SetDefaults_NodeStatus)."""
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
