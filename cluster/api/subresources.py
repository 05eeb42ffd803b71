"""/scale, /status, /approval, a pod's /eviction and the old versions' /rollback
(pkg/registry/apps/{deployment,replicaset}/storage/storage.go, pkg/registry/core/pod/storage/eviction.go)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cluster import models
from cluster.api import writing
from cluster.api.printers import manifests
from cluster.api.registry import common, kept, nodes, pod_statuses, pods, signing_requests
from cluster.api.registry.common import Request
from cluster.api.registry.strategies import strategy_of
from cluster.api.targets import Target
from cluster.core import validation
from cluster.core.objects import Change as DomainChange
from cluster.core.objects import Condition, Deployment, DeploymentStatus, Pod, ReplicaSet, ReplicaSetStatus, Update
from cluster.core.validation.statuses import validate_deployment_status, validate_replicaset_status
from cluster.records import journal
from cluster.records.loading import Loaded
from cluster.statuses import Refused, bad_request, failure
from cluster.writing import actions, evictions, ownership, writes

Json = dict[str, Any]
Change = Callable[[Json], Json]
COUNTS: Mapping[str, Mapping[str, str]] = {
    "Deployment": {
        "observedGeneration": "observed_generation", "replicas": "replicas", "updatedReplicas": "updated_replicas",
        "readyReplicas": "ready_replicas", "availableReplicas": "available_replicas",
        "unavailableReplicas": "unavailable_replicas", "terminatingReplicas": "terminating_replicas",
    },
    "ReplicaSet": {
        "observedGeneration": "observed_generation", "replicas": "replicas",
        "fullyLabeledReplicas": "fully_labeled_replicas", "readyReplicas": "ready_replicas",
        "availableReplicas": "available_replicas", "terminatingReplicas": "terminating_replicas",
    },
}  # fmt: skip


def scale(make: Change, request: Request) -> Json:
    """Applies `make` to the present Scale, and returns the stored one."""
    target = request.target
    with journal.exclusive(target.cluster):
        before = writing.current(target)
        paths = target.kind.scales.get(target.version)
        wanted = common.shaped(make(manifests.scale(before, paths)), "Scale", "autoscaling/v1")
        common.check_identity(target, before, wanted)
        writing.check_version(target, before, wanted)
        replicas = replicas_of(wanted, target.name or "")
        after = manifests.with_path(before, (paths or manifests.SCALE_PATHS)["specReplicasPath"], replicas)
        owners = ownership.written(before, after, schema=target.schema, manager=request.manager, subresource="scale")
        return manifests.scale(writing.store(before, writing.with_owners(after, owners), request), paths)


def replicas_of(scale: Json, name: str) -> int:
    problem = validation.decoding_status({**scale, "kind": "Scale", "apiVersion": "autoscaling/v1"})
    if problem:
        raise Refused(problem)
    errors = validation.validate_scale({**scale, "metadata": {"name": name, **(scale.get("metadata") or {})}})
    if errors:
        raise Refused(validation.status(errors, kind="Scale", name=name, group="autoscaling"))
    found: int = (scale.get("spec") or {}).get("replicas") or 0
    return found


def status(make: Change, request: Request) -> Json:
    """The object with the status that `make` returns; its controller corrects it in its next pass."""
    target = request.target
    with journal.exclusive(target.cluster):
        before = writing.current(target)
        after = make(before)
        common.check_identity(target, before, after)
        writing.check_version(target, before, after)
        if target.kind.resource == signing_requests.RESOURCE:
            after = signing_requests.with_status(before, after, request)
        if target.kind.resource == "pods":
            pod_statuses.store(before, after, request)
            return writing.after_write(before, target)
        store_metadata(before, after, request)
        store_status(before, after.get("status") or {}, request)
        return writing.current(target)


def status_warnings(target: Target, asked: Json, found: Json) -> tuple[str, ...]:
    """Warnings about a status that a client asked for, where another was `found` after the write."""
    is_pod = target.kind.resource == "pods" and target.subresource == "status"
    return pod_statuses.warnings(target, asked, found) if is_pod else ()


def store_metadata(before: Json, after: Json, request: Request) -> None:
    """Stores the labels, annotations and finalizers that come with a status; the spec is reset, and the labels of a Deployment
    (PrepareForUpdate of the status strategies)."""
    target = request.target
    metadata = common.desired(after, target)["metadata"]
    if target.kind.name == "Deployment":
        metadata["labels"] = before["metadata"].get("labels") or {}
    told = {key: metadata.get(key) for key in writing.NAMED_BY_OWNER}
    whole = {**before, "status": after.get("status") or {}, "metadata": {**before["metadata"], **told}}
    schema, manager = target.schema, request.manager
    owners = ownership.written(before, whole, schema=schema, manager=manager, subresource=target.subresource)
    wanted = common.desired(writing.with_owners(whole, owners), target)
    writing.store(before, strategy_of(target.kind).prepared(wanted, request, before), request)


def store_status(before: Json, found: Json, request: Request) -> None:
    target = request.target
    if target.kind.is_kept:
        kept.store_status(found, request)
        return
    if target.kind.name == "Node":
        nodes.store_status(before, found, request)
        return
    is_deployment = target.kind.name == "Deployment"
    problem = validation.decoding_status(
        {"apiVersion": before["apiVersion"], "kind": target.kind.name, "status": found}
    )
    if problem:
        raise Refused(problem)
    errors = validate_deployment_status(before["status"], found) if is_deployment else validate_replicaset_status(found)
    common.refuse(errors, before, target)
    model: Any = models.Deployment if is_deployment else models.ReplicaSet
    with common.opened(model, target) as (loaded, uid):
        found_in: Any = loaded.state.deployments if is_deployment else loaded.state.replicasets
        old = found_in[uid]
        new = with_status(old, found)
        if new != old:
            writes.write(loaded, [Update(object=new)], "updated", actor=request.actor)


def with_status(old: Deployment | ReplicaSet, found: Json) -> Deployment | ReplicaSet:
    kind = type(old).__name__
    counts = {field: found.get(key) or 0 for key, field in COUNTS[kind].items()}
    conditions = tuple(condition(each) for each in found.get("conditions") or ())
    if isinstance(old, ReplicaSet):
        return replace(old, status=ReplicaSetStatus(**counts, conditions=conditions))
    collisions = found.get("collisionCount")
    return replace(old, status=DeploymentStatus(**counts, collision_count=collisions, conditions=conditions))


def condition(found: Json) -> Condition:
    changed = moment(found.get("lastTransitionTime"))
    updated = moment(found["lastUpdateTime"]) if found.get("lastUpdateTime") else changed
    return Condition(
        type=found.get("type") or "",
        status=found.get("status") or "",
        reason=found.get("reason") or "",
        message=found.get("message") or "",
        last_update_time=updated,
        last_transition_time=changed,
    )


def moment(text: Any) -> float:
    """Seconds since the epoch, from RFC 3339."""
    if not text:
        return 0.0
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp()
    except ValueError as error:
        raise Refused(bad_request(f"parsing time {text!r}: {error}")) from error


def rollback(value: Any, request: Request) -> Json:
    """DeploymentRollback: restores the template of a revision; 0 is the one before the present."""
    target = request.target
    found = value if isinstance(value, dict) else {}
    errors = validation.validate_rollback(found)
    if errors:
        raise Refused(validation.status(errors, kind="DeploymentRollback", name=target.name or "", group=target.group))
    revision = int((found.get("rollbackTo") or {}).get("revision") or 0)
    actions.act(target.space, target.name or "", "undo", revision, actor=request.actor)
    message = f'rollback request for deployment "{target.name}" succeeded'
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "message": message, "code": 200}


def evict(value: Any, request: Request, *, trial: bool) -> Json:
    """An Eviction, with deleteOptions for the pod's deletion. A dry run can be requested in the query or in the body."""
    target = request.target
    found = common.shaped(value, "Eviction", "policy/v1")
    if (found.get("metadata") or {}).get("name") != target.name:
        raise Refused(bad_request("name in URL does not match name in Eviction object"))
    options = found.get("deleteOptions") or {}
    dry_run = bool(options.get("dryRun"))
    grace = options.get("gracePeriodSeconds")

    def stop(loaded: Loaded, pod: Pod) -> list[DomainChange]:
        return pods.stop(loaded, pod, grace)

    with writing.trial(trial or dry_run, target):
        writing.check_preconditions(target, writing.current(target), options)
        evictions.evict(target.space, target.name or "", stop, actor=request.actor)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def nothing_runs(pod: Json, subresource: str, container: str) -> Json:
    """The refusal of exec, attach and port-forward: a container that the pod does not have, a pod without a node or, as no
    container really runs, a simulated one."""
    name, found = pod["metadata"]["name"], [each["name"] for each in pod["spec"]["containers"]]
    if container and container not in found:
        return bad_request(f"container {container} is not valid for pod {name}")
    if not pod["spec"].get("nodeName"):
        return bad_request(f"pod {name} does not have a host assigned")
    where = f'pod "{name}"' if subresource == "portforward" else f'container "{container or found[0]}"'
    return failure(404, "NotFound", f"{where} is simulated: nothing runs in it, so {WISHES[subresource]}")


WISHES = {
    "attach": "there is no process to attach to",
    "exec": "no command can be executed",
    "portforward": "no port can be forwarded",
}
