"""Namespaces (pkg/registry/core/namespace/strategy.go). A deleted namespace is Terminating until a worker finds it empty."""

from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core.validation import formats
from cluster.core.validation.errors import each_invalid
from cluster.core.validation.metadata import object_meta
from cluster.spaces import Space
from cluster.writing import namespaces

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
    namespaces.create(request.target.cluster, manifest["metadata"]["name"], actor=request.actor, **described(manifest))


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001
    namespaces.describe(space_of(request), actor=request.actor, **described(manifest))


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    namespaces.delete(space_of(request), actor=request.actor)


def space_of(request: Request) -> Space:
    return Space(request.target.cluster, request.target.name or "")


def described(manifest: Json) -> Json:
    metadata = manifest["metadata"]
    labels = {key: value for key, value in metadata["labels"].items() if key != NAME_LABEL}
    annotations = common.texts(metadata.get("annotations"))
    return {"labels": labels, "annotations": annotations, "managed_fields": common.owners_in(manifest)}


STRATEGY = Strategy(prepared=prepared, insert=insert, replace=replace, remove=remove)
