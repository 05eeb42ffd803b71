"""ReplicaSets, bare or a Deployment's (pkg/registry/apps/replicaset/strategy.go)."""

import uuid
from dataclasses import replace as with_fields
from typing import Any

from cluster import admission, families, journal, models, writes
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core import defaults, garbage, validation
from cluster.core.objects import Change, Create, ReplicaSet, Update
from cluster.core.podgroups import PodGroups
from cluster.core.selectors import matches
from cluster.snapshot import Loaded, load
from cluster.statuses import Refused, already_exists

RESOURCE = "replicasets.apps"


def insert(manifest: Json, request: Request) -> None:
    space = writes.find_namespace(request.target.space)
    if models.ReplicaSet.objects.filter(namespace=space, name=manifest["metadata"]["name"]).exists():
        raise Refused(already_exists(RESOURCE, manifest["metadata"]["name"]))
    owner = common.controller_of(manifest, "Deployment", space)
    home = families.of_key(owner.family_id) if owner else families.home_of(space, "ReplicaSet", labels_of(manifest))
    loaded = load(home)
    value = with_fields(
        value_of(manifest, ReplicaSet(uid=str(uuid.uuid4()), name=manifest["metadata"]["name"], namespace=space.name)),
        owner_uid=owner.uid if owner else None,
        created_at=writes.time_of(loaded),
    )
    admission.check_quota(space, RESOURCE, value)
    families.gather_pods(home, value.selector)
    writes.own(loaded, value.uid, common.owners_in(manifest))
    writes.write(loaded, numbered(loaded, value), "created", actor=request.actor)


def numbered(loaded: Loaded, value: ReplicaSet) -> list[Change]:
    """Its place among the ReplicaSets of the Deployment that it has or will have."""
    deployment = loaded.family.deployment
    if deployment is None:
        return [Create(object=value)]
    number = deployment.replicasets_created + 1
    return [
        Update(object=with_fields(deployment, replicasets_created=number)),
        Create(object=with_fields(value, number=number)),
    ]


def replace(before: Json, manifest: Json, request: Request) -> None:  # noqa: ARG001 the shape of a Strategy
    with common.opened(models.ReplicaSet, request.target) as (loaded, uid):
        old = loaded.family.replicasets[uid]
        value = with_fields(value_of(manifest, old), owner_uid=common.owner_after(old.owner_uid, manifest))
        if (value.replicas, value.template, value.min_ready_seconds) != (
            old.replicas,
            old.template,
            old.min_ready_seconds,
        ):
            value = with_fields(value, generation=old.generation + 1)
        admission.check_quota(loaded.namespace, RESOURCE, value, old)
        writes.own(loaded, old.uid, common.owners_in(manifest))
        writes.write(loaded, [Update(object=value)], "updated", actor=request.actor)
        move(loaded, value)


def move(loaded: Loaded, value: ReplicaSet) -> None:
    """One that its Deployment gives up goes where it can be adopted."""
    owner = loaded.family.deployment
    if value.owner_uid is not None and (owner is None or matches(owner.selector, value.labels)):
        return
    home = families.adopter(loaded.namespace, "ReplicaSet", value.labels)
    if home is not None and home != loaded.row.pk:
        models.ReplicaSet.objects.filter(pk=value.uid).update(family=home, owner_uid=None, number=0)
        models.Pod.objects.filter(owner_uid=value.uid).update(family=home)
        journal.touch(home)


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001
    with common.opened(models.ReplicaSet, request.target) as (loaded, uid):
        policy: Any = options.get("propagationPolicy") or "Background"
        gone: list[Change] = [garbage.delete(loaded.family.replicasets[uid], policy, writes.time_of(loaded))]
        kept = garbage.keep_specs(gone, PodGroups(loaded.family.pods.values()))
        writes.write(loaded, [*kept, *gone], "deleted", actor=request.actor)


def value_of(manifest: Json, like: ReplicaSet) -> ReplicaSet:
    """`like` with what a client decides."""
    metadata, spec = manifest["metadata"], manifest["spec"]
    return with_fields(
        like,
        labels=labels_of(manifest),
        annotations=common.texts(metadata.get("annotations")),
        finalizers=tuple(metadata.get("finalizers") or ()),
        replicas=spec["replicas"],
        selector=spec["selector"],
        template=spec["template"],
        min_ready_seconds=spec.get("minReadySeconds") or 0,
    )


def labels_of(manifest: Json) -> dict[str, str]:
    return common.texts(manifest["metadata"].get("labels"))


PREPARED = common.prepared_by(defaults.default_replicaset, validation.validate_replicaset, validation.validate_update)
STRATEGY = Strategy(prepared=PREPARED, insert=insert, replace=replace, remove=remove)
