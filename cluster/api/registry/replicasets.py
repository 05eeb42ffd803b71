"""ReplicaSets, bare or owned by a Deployment (pkg/registry/apps/replicaset/strategy.go)."""

import uuid
from dataclasses import replace as with_fields
from typing import Any

from django.db.models import Q

from cluster import models
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core import validation
from cluster.core.controllers import garbage
from cluster.core.manifests import defaults
from cluster.core.manifests.null_times import kept_template
from cluster.core.objects import Change, Create, Delete, ReplicaSet, Update
from cluster.records import journal
from cluster.records.loading import load_part
from cluster.statuses import Refused, already_exists
from cluster.writing import capacity, quotas, writes

RESOURCE = "replicasets.apps"


def insert(manifest: Json, request: Request) -> None:
    space = writes.find_namespace(request.target.space)
    if models.ReplicaSet.objects.filter(namespace=space, name=manifest["metadata"]["name"]).exists():
        raise Refused(already_exists(RESOURCE, manifest["metadata"]["name"]))
    with journal.write(*request.target.space, actor=request.actor) as writer:
        quotas.admit_object(writer, space, RESOURCE, manifest)
    owner = common.controller_of(manifest, "Deployment", space)
    loaded = load_part(space.cluster, deployments=[owner.uid] if owner else ())
    value = with_fields(
        value_of(manifest, ReplicaSet(uid=str(uuid.uuid4()), name=manifest["metadata"]["name"], namespace=space.name)),
        owner_uid=owner.uid if owner else None,
        created_at=loaded.now,
    )
    capacity.check_object(space.cluster, RESOURCE, value.name)
    if not owner:
        capacity.check_pods(space, RESOURCE, value)
    writes.own(loaded, value.uid, common.owners_in(manifest))
    writes.write(loaded, [Create(object=value)], "created", actor=request.actor)


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001 the shape of a Strategy
    with common.opened(models.ReplicaSet, request.target) as (loaded, uid):
        old = loaded.state.replicasets[uid]
        value = with_fields(value_of(manifest, old), owner_uid=common.owner_after(old.owner_uid, manifest))
        if (value.replicas, value.template, value.min_ready_seconds) != (
            old.replicas,
            old.template,
            old.min_ready_seconds,
        ):
            value = with_fields(value, generation=old.generation + 1)
        capacity.check_pods(writes.find_namespace(request.target.space), RESOURCE, value, old)
        if value.template != old.template:
            loaded = load_part(loaded.cluster, replicasets=[uid], pods=followers_of(uid))
        kept = [Update(object=garbage.with_spec(pod, old)) for pod in loaded.state.group(uid).everyone()]
        writes.own(loaded, old.uid, common.owners_in(manifest))
        writes.write(loaded, [*kept, Update(object=value)], "updated", actor=request.actor)


def followers_of(uid: str) -> list[str]:
    """The uids of pods whose rows take fields from the ReplicaSet's template. They get them as their own, so that they do not
    change."""
    left = Q(spec=None) | Q(labels=None) | Q(annotations=None)
    return list(models.Pod.objects.filter(left, owner_uid=uid).values_list("pk", flat=True))


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    with common.opened(models.ReplicaSet, request.target) as (loaded, uid):
        policy: Any = options.get("propagationPolicy") or "Background"
        gone: list[Change] = [garbage.delete(loaded.state.replicasets[uid], policy, loaded.now)]
        pods = models.Pod.objects.filter(owner_uid=uid, spec=None).values_list("pk", flat=True)
        if isinstance(gone[0], Delete) and pods:
            loaded = load_part(loaded.cluster, replicasets=[uid], pods=list(pods))
        kept = garbage.keep_specs(gone, loaded.state)
        writes.write(loaded, [*kept, *gone], "deleted", actor=request.actor)


def value_of(manifest: Json, like: ReplicaSet) -> ReplicaSet:
    """`like` with the fields that a client decides."""
    metadata, spec = manifest["metadata"], manifest["spec"]
    return with_fields(
        like,
        labels=labels_of(manifest),
        annotations=common.texts(metadata.get("annotations")),
        finalizers=tuple(metadata.get("finalizers") or ()),
        replicas=spec["replicas"],
        selector=spec["selector"],
        template=kept_template(spec["template"]),
        min_ready_seconds=spec.get("minReadySeconds") or 0,
    )


def labels_of(manifest: Json) -> dict[str, str]:
    return common.texts(manifest["metadata"].get("labels"))


PREPARED = common.prepared_by(defaults.default_replicaset, validation.validate_replicaset, validation.validate_update)
STRATEGY = Strategy(prepared=PREPARED, insert=insert, replace=replace, remove=remove)
