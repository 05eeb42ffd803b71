"""Deployments (pkg/registry/apps/deployment/strategy.go)."""

from dataclasses import replace as with_fields
from typing import Any

from cluster import actions, families, models, writes
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.api.targets import Target
from cluster.core import defaults, edits, manifests, validation
from cluster.core.objects import Deployment, Family


def insert(manifest: Json, request: Request) -> None:
    space = writes.find_namespace(request.target.namespace or "")
    actions.create_objects(space, [manifest], actor=request.actor, owners=common.owners_in(manifest))


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001 the shape of a Strategy
    def edit(family: Family, deployment: Deployment) -> Deployment:  # noqa: ARG001 the shape of an Edit
        wanted = manifests.deployment_from_manifest(manifest, uid=deployment.uid, now=deployment.created_at)
        return with_fields(edits.replace_spec(deployment, wanted), finalizers=wanted.finalizers)

    target = request.target
    owners = common.owners_in(manifest)
    actions.change(target.namespace or "", target.name or "", edit, "patched", actor=request.actor, owners=owners)


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    target = request.target
    policy: Any = options.get("propagationPolicy") or "Background"
    actions.delete(target.namespace or "", target.name or "", policy, actor=request.actor)


def lock(target: Target) -> None:
    families.locked(common.row_of(models.Deployment, target).family_id)


PREPARED = common.prepared_by(defaults.default_deployment, validation.validate_deployment, validation.validate_update)
STRATEGY = Strategy(prepared=PREPARED, insert=insert, replace=replace, remove=remove, lock=lock)
