"""Deployments (pkg/registry/apps/deployment/strategy.go)."""

from dataclasses import replace as with_fields
from typing import Any

from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core import validation
from cluster.core.manifests import defaults, edits
from cluster.core.manifests.deployments import deployment_from_manifest
from cluster.core.manifests.null_times import kept_template
from cluster.writing import actions, writes


def insert(manifest: Json, request: Request) -> None:
    owners = common.owners_in(manifest)
    actions.create_objects(request.target.space, [kept(manifest)], actor=request.actor, owners=owners)


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001 the shape of a Strategy
    target = request.target
    with writes.opened(target.space, target.name or "") as (loaded, held):
        wanted = deployment_from_manifest(kept(manifest), uid=held.uid, now=held.created_at)
        after = with_fields(edits.replace_spec(held, wanted), finalizers=wanted.finalizers)
        owners = common.owners_in(manifest)
        actions.store(loaded, held, after, "patched", actor=request.actor, owners=owners)


def kept(manifest: Json) -> Json:
    return {**manifest, "spec": {**manifest["spec"], "template": kept_template(manifest["spec"]["template"])}}


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    target = request.target
    policy: Any = options.get("propagationPolicy") or "Background"
    actions.delete(target.space, target.name or "", policy, actor=request.actor)


PREPARED = common.prepared_by(defaults.default_deployment, validation.validate_deployment, validation.validate_update)
STRATEGY = Strategy(prepared=PREPARED, insert=insert, replace=replace, remove=remove)
