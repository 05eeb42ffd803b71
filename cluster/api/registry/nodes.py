"""Nodes (pkg/registry/core/node/strategy.go): labels, annotations, taints, and whether pods may be scheduled there."""

from typing import Any

from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core.validation.metadata import object_meta
from cluster.writing import nodes


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:  # noqa: ARG001 the shape of a Strategy
    common.refuse(list(object_meta(manifest["metadata"])), manifest, request.target)
    spec = manifest.get("spec") or {}
    kept = {key: spec[key] for key in ("unschedulable", "taints") if spec.get(key)}
    return {**manifest, "spec": kept}


def insert(manifest: Json, request: Request) -> None:
    nodes.create(request.target.cluster, manifest["metadata"]["name"], actor=request.actor, **fields(manifest))


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001
    nodes.change(request.target.cluster, request.target.name or "", actor=request.actor, **fields(manifest))


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    nodes.delete(request.target.cluster, request.target.name or "", actor=request.actor)


def fields(manifest: Json) -> dict[str, Any]:
    metadata, spec = manifest["metadata"], manifest["spec"]
    return {
        "labels": common.texts(metadata.get("labels")),
        "annotations": common.texts(metadata.get("annotations")),
        "managed_fields": common.owners_in(manifest),
        "unschedulable": bool(spec.get("unschedulable")),
        "taints": spec.get("taints") or [],
    }


STRATEGY = Strategy(prepared=prepared, insert=insert, replace=replace, remove=remove)
