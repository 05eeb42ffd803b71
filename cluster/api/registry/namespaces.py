"""Namespaces (pkg/registry/core/namespace/strategy.go). Deletion is whole and at once: there is no phase Terminating."""

from cluster import models, namespaces
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.api.targets import Target
from cluster.core.validation import formats
from cluster.core.validation.errors import each_invalid
from cluster.core.validation.metadata import object_meta

NAME_LABEL = "kubernetes.io/metadata.name"


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:  # noqa: ARG001 the shape of a Strategy
    metadata = manifest["metadata"]
    name = str(metadata.get("name") or "")
    errors = list(each_invalid("metadata.name", name, formats.dns_label(name))) if name else []
    errors += [each for each in object_meta(metadata) if each.field != "metadata.name" or not name]
    common.refuse(errors, manifest, request.target)
    labels = {**common.texts(metadata.get("labels")), NAME_LABEL: name}
    return {**manifest, "metadata": {**metadata, "labels": labels}, "spec": {"finalizers": ["kubernetes"]}}


def insert(manifest: Json, request: Request) -> None:
    namespaces.create(manifest["metadata"]["name"], actor=request.actor, **described(manifest))


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001
    namespaces.describe(
        common.cluster_row(models.Namespace, request.target), actor=request.actor, **described(manifest)
    )


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    namespaces.delete(request.target.name or "", actor=request.actor)


def described(manifest: Json) -> Json:
    metadata = manifest["metadata"]
    labels = {key: value for key, value in metadata["labels"].items() if key != NAME_LABEL}
    annotations = common.texts(metadata.get("annotations"))
    return {"labels": labels, "annotations": annotations, "managed_fields": common.owners_in(manifest)}


def lock(target: Target) -> None:
    common.cluster_row(models.Namespace, target)


STRATEGY = Strategy(prepared=prepared, insert=insert, replace=replace, remove=remove, lock=lock)
