"""/status of pods (pkg/registry/core/pod/strategy.go, podStatusStrategy), for external kubelets and schedulers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from cluster import models
from cluster.api.kept import decoding
from cluster.api.registry import common, pods
from cluster.api.registry.common import Json, Request
from cluster.core.copying import changed
from cluster.core.nodes import gates, reported
from cluster.core.objects import Pod
from cluster.core.validation.pod_statuses import validate_pod_status
from cluster.machinery import schemas
from cluster.records import clock
from cluster.records.loading import Loaded
from cluster.writing import admission, ownership, writes

CONTAINERS = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
NEVER = {"lastProbeTime": None, "lastTransitionTime": None}
BLANK: Json = {"name": "", "state": {}, "lastState": {}, "ready": False, "restartCount": 0, "image": "", "imageID": ""}
LATEST = 253_402_300_799.0  # the end of the year 9999
NAMED = ("labels", "annotations", "finalizers")


def store(before: Json, after: Json, request: Request) -> None:
    """Writes the status with its labels, annotations and finalizers; the spec and ownerReferences do not change. The status is
    ignored if the pod's kubelet is simulated. Raises Refused."""
    status = prepared(after.get("status") or {}, before)
    common.refuse(validate_pod_status(before["status"], status, before["spec"]), before, request.target)
    whole = with_metadata(before, after, request)
    with common.opened(models.Pod, request.target) as (loaded, uid):
        old = loaded.state.pods[uid]
        new = pods.with_metadata(old, whole)
        if is_clients(old, loaded):
            new = reported.followed(new, status, before["spec"], partial(moment, loaded))
            whole = {**whole, "status": status}
        elif (conditions := clients_conditions(status)) != old.client_conditions:
            new = with_conditions(new, conditions, loaded.now)
            owned = [each for each in before["status"].get("conditions") or () if each["type"] in gates.OWNED]
            whole = {**whole, "status": {**before["status"], "conditions": [*conditions, *owned]}}
        admission.check_stored_size(whole)
        if new == old:
            return
        owners = ownership.written(
            before, whole, schema=request.target.schema, manager=request.manager, subresource="status"
        )
        writes.own(loaded, uid, pods.owners_of(new, owners))
        writes.write(loaded, pods.after_update(old, new, loaded.now), "updated", actor=request.actor)


def clients_conditions(status: Json) -> tuple[Json, ...]:
    """The conditions that are no kubelet's."""
    return tuple(each for each in status.get("conditions") or () if each["type"] not in gates.OWNED)


def with_conditions(pod: Pod, conditions: tuple[Json, ...], now: float) -> Pod:
    """The pod with these conditions of clients; the kubelet of a pod that lives reads them at once."""
    read = {"next_at": now, "stage": "living"} if pod.stage in ("living", "retrying") else {}
    return changed(pod, client_conditions=conditions, **read)


def is_clients(pod: Pod, loaded: Loaded) -> bool:
    """Whether clients write the pod's status: it has no node, or one with an external kubelet."""
    return not pod.node or loaded.state.is_external(pod)


def with_metadata(before: Json, after: Json, request: Request) -> Json:
    """The object before the write, with the metadata that the write may change."""
    told = common.desired(after, request.target)["metadata"]
    kept = {key: each for key, each in before["metadata"].items() if key not in NAMED}
    found = {**before, "metadata": {**kept, **{key: told[key] for key in NAMED if told.get(key)}}}
    if any((found["metadata"].get(key) or None) != (before["metadata"].get(key) or None) for key in NAMED):
        pods.PREPARED({**common.desired(found, request.target)}, request, before)
    return found


def prepared(given: Json, before: Json) -> Json:
    """The status as the API shows it, with the fields that stay if a client omits them."""
    whole = {"apiVersion": "v1", "kind": "Pod", "status": given}
    common.decoded_by_schema(whole)
    held = before["status"]
    found: Json = decoding.without_nulls(whole, schemas.definition("", "v1", "Pod"))["status"]
    for key in CONTAINERS:
        if found.get(key):
            found[key] = [container(each) for each in found[key]]
    if found.get("conditions"):
        generations = observed(held.get("conditions") or ())
        found["conditions"] = [condition(each, generations) for each in found["conditions"]]
    kept = {key: held[key] for key in ("qosClass", "observedGeneration") if held.get(key) and not found.get(key)}
    return {**with_addresses(found), **kept}


def container(given: Json | None) -> Json:
    """A container status, including the required fields that are empty."""
    found = {**BLANK, **(given or {})}
    for key in ("state", "lastState"):
        ended = found[key].get("terminated")
        if ended is not None:
            times = {"startedAt": None, "finishedAt": None}
            found[key] = {**found[key], "terminated": {"exitCode": 0, **times, **ended}}
    return found


def observed(conditions: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for each in conditions:
        found.setdefault(each["type"], []).append(each.get("observedGeneration") or 0)
    return found


def condition(told: Json | None, generations: dict[str, list[int]]) -> Json:
    """A condition; without an observedGeneration it keeps the former one (preserveOldObservedGeneration)."""
    given = told or {}
    held = generations.get(given.get("type") or "") or [0]
    generation = given.get("observedGeneration") or held.pop(0)
    found = {"type": "", "status": "", **NEVER, **given}
    return {**found, "observedGeneration": generation} if generation else found


def with_addresses(status: Json) -> Json:
    """podIP is the first of podIPs; if they differ podIP takes precedence (Convert_v1_PodStatus_To_core_PodStatus)."""
    address, listed = status.get("podIP"), [each or {} for each in status.get("podIPs") or ()]
    if address and (not listed or listed[0].get("ip") != address):
        listed = [{"ip": address}]
    told = {"podIP": listed[0].get("ip") or "", "podIPs": listed} if listed else {}
    rest = {key: each for key, each in status.items() if key not in ("podIP", "podIPs")}
    return {**rest, **{key: each for key, each in told.items() if each}}


def moment(loaded: Loaded, text: Any) -> float | None:
    """A client's time (wall clock) as seconds of the cluster's clock; None if there is none."""
    if not text:
        return None
    seconds = clock.simulated(loaded.cluster, datetime.fromisoformat(str(text)).timestamp())
    return min(max(seconds, 0.0), LATEST)


def warnings(target: Any, asked: Json, found: Json) -> tuple[str, ...]:
    """A warning for a client that `asked` for a status which was not kept: `found` has another."""
    if kubelets_part(asked) == kubelets_part(found):
        return ()
    node = found["spec"].get("nodeName")
    if not node:
        return ()
    row = models.Node.objects.filter(cluster__name=target.cluster, name=node).first()
    if row is not None and row.is_external:
        return ()
    text = f"the kubelet of {node} is simulated and keeps its pods' statuses; a node with the annotation"
    return (f"{text} {reported.ANNOTATION}: {reported.EXTERNAL} leaves them to clients",)


def kubelets_part(manifest: Json) -> Json:
    """What of a pod's status the kubelet writes."""
    status = manifest.get("status") or {}
    conditions = {each.get("type"): each.get("status") for each in status.get("conditions") or ()}
    owned = {kind: value for kind, value in conditions.items() if kind in gates.OWNED}
    return {**{key: value for key, value in status.items() if value}, "conditions": owned}
