"""Writes through the API: every one is an action of cluster.actions, answered with the object as it then is."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import transaction

from cluster import actions, journal, models, seed
from cluster.actions import Refused, bad_request, failure, not_found
from cluster.api import bodies, patches, reading, schemas
from cluster.api.strategic import BadPatch
from cluster.api.targets import Target
from cluster.core import edits
from cluster.core import manifests as core_manifests
from cluster.core.names import SAFE_ALPHABET
from cluster.core.objects import Delete, Deployment, Family, Update

Json = dict[str, Any]
KEPT = ("name", "namespace", "labels", "annotations")
LONGEST_BASE = 58


def create(target: Target, value: Any, *, actor: str) -> Json:
    """A Deployment or a Namespace."""
    manifest = bodies.manifest_of(value, target.group_version, target.kind.name)
    if target.kind.name == "Namespace":
        return create_namespace(manifest)
    space = actions.find_namespace(target.namespace or "")
    wanted = actions.validated(desired(named(manifest), target))
    actions.create_objects(space, [wanted], actor=actor)
    return current(replace(target, name=wanted["metadata"]["name"]))


def named(manifest: Json) -> Json:
    """With a name made of generateName, as the registry makes it."""
    metadata = manifest.get("metadata") or {}
    if metadata.get("name") or not metadata.get("generateName"):
        return manifest
    suffix = "".join(secrets.choice(SAFE_ALPHABET) for _ in range(5))
    return {**manifest, "metadata": {**metadata, "name": metadata["generateName"][:LONGEST_BASE] + suffix}}


def desired(manifest: Json, target: Target) -> Json:
    """What of an object a client decides; the rest is the server's."""
    metadata = manifest.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise Refused(bad_request("metadata: an object is wanted"))
    given = metadata.get("namespace")
    if given not in (None, "", target.namespace):
        message = "the namespace of the provided object does not match the namespace sent on the request"
        raise Refused(bad_request(f"{message} ({given}, {target.namespace})"))
    kept = {key: metadata[key] for key in KEPT if metadata.get(key) is not None}
    return {
        "apiVersion": manifest["apiVersion"],
        "kind": manifest["kind"],
        "metadata": kept,
        "spec": manifest.get("spec", {}),
    }


def create_namespace(manifest: Json) -> Json:
    name = str((manifest.get("metadata") or {}).get("name") or "")
    if not name.isascii() or not name.replace("-", "").isalnum() or name != name.lower() or len(name) > 63:
        raise Refused(failure(422, "Invalid", f'Namespace "{name}" is invalid: metadata.name: Invalid value: "{name}"'))
    if not seed.ensure_namespace(name):
        message = f'namespaces "{name}" already exists'
        raise Refused(failure(409, "AlreadyExists", message, name=name, kind="namespaces"))
    return reading.read(reading_kind("namespaces"), None, name=name)[0]


def reading_kind(plural: str) -> Any:
    from cluster.api.kinds import BY_PLURAL

    return BY_PLURAL[plural]


def update(target: Target, value: Any, *, actor: str) -> Json:
    manifest = bodies.manifest_of(value, target.group_version, target.kind.name)
    metadata = manifest.get("metadata") or {}
    if metadata.get("name") not in (None, target.name):
        message = f"the name of the object ({metadata['name']}) does not match the name on the URL ({target.name})"
        raise Refused(bad_request(message))
    manifest = {**manifest, "metadata": {**metadata, "name": target.name}}
    return change(target, lambda _: manifest, actor=actor)


def patch(target: Target, content_type: str, value: Any, *, actor: str) -> Json:
    schema = schemas.definition(target.group, target.version, target.kind.name)
    kind = content_type.partition(";")[0].strip()
    if kind == patches.APPLY_PATCH:
        message = "server-side apply is not served; use client-side apply"
        raise Refused(failure(415, "UnsupportedMediaType", message))

    def patched(manifest: Json) -> Json:
        try:
            return patches.apply_patch(kind, manifest, value, schema)
        except BadPatch as error:
            reason = {422: "Invalid", 413: "RequestEntityTooLarge"}.get(error.code, "BadRequest")
            raise Refused(failure(error.code, reason, str(error))) from error

    return change(target, patched, actor=actor)


def change(target: Target, make: Callable[[Json], Json], *, actor: str) -> Json:
    """Reads, changes and writes one Deployment under its family's lock."""

    def edit(family: Family, deployment: Deployment) -> Deployment:  # noqa: ARG001 the shape of an Edit
        before = current(target)
        after = make(before)
        check_version(target, before, after)
        wanted = actions.validated(
            desired({**after, "apiVersion": deployment.api_version, "kind": "Deployment"}, target)
        )
        value = core_manifests.deployment_from_manifest(wanted, uid=deployment.uid, now=deployment.created_at)
        return edits.replace_spec(deployment, value)

    actions.change(target.namespace or "", target.name or "", edit, "patched", actor=actor)
    return current(target)


def check_version(target: Target, before: Json, after: Json) -> None:
    given = (after.get("metadata") or {}).get("resourceVersion")
    if given not in (None, "", before["metadata"]["resourceVersion"]):
        message = (
            f'Operation cannot be fulfilled on {target.kind.resource} "{target.name}": the object has been modified; '
            "please apply your changes to the latest version and try again"
        )
        details = {"name": target.name, "group": target.kind.served[0][0], "kind": target.kind.plural}
        raise Refused(failure(409, "Conflict", message, **details))


def scale(target: Target, content_type: str, value: Any, *, patching: bool, actor: str) -> Json:
    """Of a Deployment: a whole Scale, or a patch of one."""
    from cluster.api.manifests import scale as scale_of

    wanted = value
    if patching:
        schema = schemas.definition("autoscaling", "v1", "Scale")
        wanted = patches.apply_patch(content_type.partition(";")[0].strip(), scale_of(current(target)), value, schema)
    replicas = (wanted.get("spec") or {}).get("replicas", 0) if isinstance(wanted, dict) else None
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise Refused(bad_request("spec.replicas: an integer is wanted"))
    actions.scale(target.namespace or "", target.name or "", replicas, actor=actor)
    return scale_of(current(target))


def rollback(target: Target, value: Any, *, actor: str) -> Json:
    """The subresource of the old versions (DeploymentRollback)."""
    revision = ((value or {}).get("rollbackTo") or {}).get("revision", 0)
    actions.undo(target.namespace or "", target.name or "", int(revision), actor=actor)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 200}


def delete(target: Target, options: Any, *, actor: str) -> Json:
    before = current(target)
    check_preconditions(target, before, options or {})
    if target.kind.name == "Pod":
        actions.delete_pod(target.namespace or "", target.name or "", actor=actor)
    elif target.kind.name == "Namespace":
        models.Namespace.objects.filter(name=target.name).delete()
    elif (options or {}).get("propagationPolicy") == "Orphan" or (options or {}).get("orphanDependents"):
        orphan(target, actor=actor)
    else:
        actions.delete(target.namespace or "", target.name or "", actor=actor)
    details = {"name": target.name, "group": target.group, "kind": target.kind.plural, "uid": before["metadata"]["uid"]}
    if target.kind.name == "Pod":
        return before
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {key: each for key, each in details.items() if each},
    }


def orphan(target: Target, *, actor: str) -> None:
    """The ReplicaSets stay, without an owner."""
    with actions.opened(target.namespace or "", target.name or "") as loaded:
        owner = actions.deployment_of(loaded, target.name or "")
        owned = (each for each in loaded.family.replicasets.values() if each.owner_uid == owner.uid)
        released = [Update(object=replace(each, owner_uid=None)) for each in owned]
        actions.write(loaded, [*released, Delete(object=owner)], "deleted", actor=actor)


def check_preconditions(target: Target, before: Json, options: Json) -> None:
    wanted = options.get("preconditions") or {}
    for key, field in (("uid", "uid"), ("resourceVersion", "resourceVersion")):
        if wanted.get(key) not in (None, before["metadata"][field]):
            message = (
                f'Operation cannot be fulfilled on {target.kind.resource} "{target.name}": Precondition failed: '
                f"{key.upper()} in precondition: {wanted[key]}, {key.upper()} in object meta: {before['metadata'][field]}"
            )
            raise Refused(failure(409, "Conflict", message, name=target.name, kind=target.kind.plural))


def current(target: Target) -> Json:
    """The object in the target's version. Raises Refused (404)."""
    found = reading.read(target.kind, target.namespace, name=target.name)
    if not found:
        raise Refused(not_found(target.kind.resource, target.name or ""))
    return reading.in_version(found[0], target.group, target.version)


def cordon(target: Target, content_type: str, value: Any) -> Json:
    """A node's spec.unschedulable; nothing else of it is anybody's to change."""
    schema = schemas.definition("", "v1", "Node")
    after = patches.apply_patch(content_type.partition(";")[0].strip(), current(target), value, schema)
    models.Node.objects.filter(name=target.name).update(unschedulable=bool(after["spec"].get("unschedulable")))
    journal.touch()
    return current(target)


@contextmanager
def trial(dry_run: bool) -> Iterator[None]:
    """Under dryRun=All everything is done and nothing kept."""
    if not dry_run:
        yield
        return
    with journal.exclusive():
        yield
        transaction.set_rollback(True)
