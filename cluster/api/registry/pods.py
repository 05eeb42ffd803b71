"""Pods, bare or owned by a ReplicaSet (pkg/registry/core/pod/strategy.go, pkg/apis/core/validation ValidatePodUpdate)."""

import uuid
from collections.abc import Iterator
from dataclasses import replace as with_fields
from typing import Any

from cluster import models
from cluster.api.registry import common
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core import surroundings, validation
from cluster.core.admission import account_problem, admitted
from cluster.core.controllers.replicaset import terminate
from cluster.core.manifests import defaults
from cluster.core.nodes import kubelet
from cluster.core.nodes.binding import born
from cluster.core.objects import Change, Create, Delete, Event, Pod, Update
from cluster.core.policies import ranges
from cluster.core.scheduling import priority
from cluster.core.validation.errors import FieldError, invalid
from cluster.records.loading import Loaded, load_part
from cluster.statuses import Refused, already_exists
from cluster.writing import capacity, ownership, quotas, writes

GIVEN_BY_CLASS = ("priority", "preemptionPolicy")
MUTABLE = ("activeDeadlineSeconds", "tolerations", "schedulingGates")
ONLY_THESE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:
    if before is not None:
        common.decoded(manifest)
        manifest = admitted_again(manifest, before["spec"])
    return PREPARED(manifest, request, before)


def admitted_again(manifest: Json, old: Json) -> Json:
    """Adds the fields set by admission, so that a pod can be replaced by the manifest from which it was created."""
    given = {key: value for key, value in (manifest.get("spec") or {}).items() if value is not None}
    kept = {key: old[key] for key in GIVEN_BY_CLASS if key in old}
    return {**manifest, "spec": admitted({**kept, **given})}


def update_errors(before: Json, after: Json) -> list[FieldError]:
    old, new = defaults.default_pod(before)["spec"], after["spec"]
    for key in ("containers", "initContainers"):
        if len(old.get(key) or ()) != len(new.get(key) or ()):
            return [validation.forbidden(f"spec.{key}", "pod updates may not add or remove containers")]
    kept = gates(before)
    added = [
        validation.forbidden(
            "spec.schedulingGates", f"only deletion is allowed, but found new scheduling gate '{each}'"
        )
        for each in gates(after)
        if each not in kept
    ]
    same = fixed(old) == fixed(new)
    changed = [] if same else [validation.forbidden("spec", ONLY_THESE)]
    return [*deadline_errors(old, new), *toleration_errors(old, new), *changed, *added]


def deadline_errors(old: Json, new: Json) -> Iterator[FieldError]:
    """A deadline can be added, and shortened."""
    field, before, after = (
        "spec.activeDeadlineSeconds",
        old.get("activeDeadlineSeconds"),
        new.get("activeDeadlineSeconds"),
    )
    if before is None:
        return
    if after is None:
        yield invalid(field, "null", "must not update from a positive integer to nil value")
    elif after > before:
        yield invalid(field, after, "must be less than or equal to previous value")


def toleration_errors(old: Json, new: Json) -> Iterator[FieldError]:
    """Tolerations can be added, but not removed or changed, except for tolerationSeconds."""

    def untimed(spec: Json) -> list[Json]:
        return [{**each, "tolerationSeconds": None} for each in spec.get("tolerations") or ()]

    left = untimed(new)
    if any(each not in left for each in untimed(old)):
        yield validation.forbidden(
            "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"
        )


def gates(manifest: Json) -> list[str]:
    return [each["name"] for each in manifest["spec"].get("schedulingGates") or ()]


def fixed(spec: Json) -> Json:
    """The immutable part of a spec."""
    kept = {key: value for key, value in spec.items() if key not in MUTABLE}
    for key in ("containers", "initContainers"):
        if kept.get(key):
            kept[key] = [{name: value for name, value in each.items() if name != "image"} for each in kept[key]]
    return kept


def insert(manifest: Json, request: Request) -> None:
    space = writes.find_namespace(request.target.space)
    name = manifest["metadata"]["name"]
    if models.Pod.objects.filter(namespace=space, name=name).exists():
        raise Refused(already_exists("pods", name))
    owner = common.controller_of(manifest, "ReplicaSet", space)
    check_account(space, name, manifest["spec"])
    spec, note = quotas.admit_pod(space, name, with_priority(space, name, manifest["spec"]), actor=request.actor)
    labels = common.texts(manifest["metadata"].get("labels"))
    annotations = common.texts(manifest["metadata"].get("annotations"))
    node = spec.get("nodeName")
    loaded = load_part(space.cluster, replicasets=[owner.uid] if owner else (), nodes=[node] if node else ())
    now = loaded.now
    value = Pod(
        uid=str(uuid.uuid4()),
        name=name,
        namespace=space.name,
        owner_uid=owner.uid if owner else None,
        labels=labels,
        annotations={**annotations, ranges.ANNOTATION: note} if note else annotations,
        finalizers=tuple(manifest["metadata"].get("finalizers") or ()),
        created_at=now,
        next_at=now,
        spec=spec,
    )
    if not owner:
        capacity.check_pods(space, "pods", value)
    value = born(value, spec, now, loaded.state.nodes)
    writes.own(loaded, value.uid, common.owners_in(manifest))
    writes.write(loaded, [Create(object=value)], "created", actor=request.actor)


def check_account(space: models.Namespace, name: str, spec: Json) -> None:
    """Raises Refused (403) if the pod's service account does not exist."""
    account = spec.get("serviceAccountName")
    if account:
        place = {"cluster": space.cluster, "resource": surroundings.ACCOUNTS, "namespace": space.name, "name": account}
        known = {(space.name, account)} if models.KeptObject.objects.filter(**place).exists() else set()
        problem = account_problem(space.name, spec, known)
        if problem:
            raise quotas.forbidden("pods", name, problem)


def with_priority(space: models.Namespace, name: str, spec: Json) -> Json:
    """The spec with its priority class's priority. Raises Refused (403)."""
    rows = models.KeptObject.objects.filter(cluster=space.cluster, resource=surroundings.CLASSES)
    classes = [priority.read_class(each) for each in rows.order_by("name").values_list("manifest", flat=True)]
    try:
        return priority.admit(spec, classes)
    except ValueError as error:
        raise quotas.forbidden("pods", name, str(error)) from error


def replace(before: Json, manifest: Json, request: Request) -> None:
    with common.opened(models.Pod, request.target) as (loaded, uid):
        old = loaded.state.pods[uid]
        value = with_fields(with_metadata(old, manifest), owner_uid=common.owner_after(old.owner_uid, manifest))
        events: list[Change] = []
        if manifest["spec"] != before["spec"]:
            value = with_fields(value, spec={key: each for key, each in manifest["spec"].items() if key != "nodeName"})
            if value.reported is None and not loaded.state.is_external(value):
                value, events = restarted(value, before, manifest, loaded.now)
        if value.owner_uid is None and value.spec is None:
            value = with_fields(value, spec=template_spec(loaded, old))
        writes.own(loaded, uid, owners_of(value, manifest["metadata"].get("managedFields") or []))
        writes.write(loaded, [*events, *after_update(old, value, loaded.now)], "updated", actor=request.actor)


def with_metadata(pod: Pod, manifest: Json) -> Pod:
    metadata = manifest["metadata"]
    return with_fields(
        pod,
        labels=common.texts(metadata.get("labels")),
        annotations=common.texts(metadata.get("annotations")),
        finalizers=tuple(metadata.get("finalizers") or ()),
    )


def owners_of(pod: Pod, owners: list[Json]) -> list[Json]:
    """The managedFields to store: without entries derived from a simulated kubelet's status."""
    return owners if pod.reported is not None else ownership.without_controller(owners)


def after_update(old: Pod, new: Pod, now: float) -> list[Change]:
    """A pod that waited for its last finalizer is deleted: by its kubelet or, with a grace period of 0, at once
    (ShouldDeleteDuringUpdate)."""
    if old.deleted_at is None or not old.finalizers or new.finalizers:
        return [Update(object=new)]
    if new.grace_seconds == 0 and new.reported is not None:
        return [Update(object=new), Delete(object=new)]
    return [Update(object=with_fields(new, next_at=now if new.reported is None else None))]


def restarted(value: Pod, before: Json, manifest: Json, now: float) -> tuple[Pod, list[Change]]:
    """Restarts the running containers whose image has changed (kuberuntime_manager.go, computePodActions)."""
    old = {each["name"]: each.get("image") for each in before["spec"]["containers"]}
    changed = [each["name"] for each in manifest["spec"]["containers"] if each.get("image") != old.get(each["name"])]
    if not changed or value.phase != "Running" or value.deleted_at is not None:
        return value, []
    events: list[Change] = [
        Event(
            kind="Pod", uid=value.uid, name=value.name, type="Normal", reason="Killing", source="kubelet",
            message=f"Container {name} definition changed, will be restarted",
        )
        for name in changed
    ]  # fmt: skip
    return kubelet.restarted(value, now, changed), events


def template_spec(loaded: Loaded, pod: Pod) -> Any:
    owner = loaded.state.replicasets.get(pod.owner_uid or "")
    return owner.template.get("spec") if owner else None


def remove(before: Json, options: Json, request: Request) -> None:  # noqa: ARG001 the shape of a Strategy
    with common.opened(models.Pod, request.target) as (loaded, uid):
        gone = stop(loaded, loaded.state.pods[uid], options.get("gracePeriodSeconds"))
        writes.write(loaded, gone, "deleted", actor=request.actor)


def stop(loaded: Loaded, pod: Pod, grace_seconds: int | None) -> list[Change]:
    if grace_seconds == 0 and not pod.finalizers:
        return [Delete(object=pod)]  # at once, without waiting for the kubelet
    if grace_seconds == 0 and pod.deleted_at is not None:
        return [Update(object=with_fields(pod, grace_seconds=0.0))]
    return terminate(pod, loaded.now, None if grace_seconds is None else float(grace_seconds))


PREPARED = common.prepared_by(defaults.default_pod, validation.validate_pod, update_errors)
STRATEGY = Strategy(prepared=prepared, insert=insert, replace=replace, remove=remove)
