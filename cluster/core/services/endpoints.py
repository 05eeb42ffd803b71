"""A pod as an endpoint of a Service (endpointslice util/controller_utils.go, utils.go; kubectl's and kube-proxy's conditions)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from cluster.core.manifests.deployments import timestamp
from cluster.core.nodes.addresses import address_of
from cluster.core.objects import Change, Delete, Kept, Manifest, Pod, Update
from cluster.core.services.index import Service
from cluster.core.state import State

ZONE, HEADLESS = "topology.kubernetes.io/zone", "service.kubernetes.io/headless"
TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"
TERMINAL = ("Succeeded", "Failed")
Json = dict[str, Any]


def belongs(pod: Pod, *, include_terminating: bool) -> bool:
    """Whether a pod is listed: it has an address and has not ended (ShouldPodBeInEndpoints)."""
    has_address = bool(pod.node) and address_of(pod) != ""
    return pod.phase not in TERMINAL and has_address and (include_terminating or pod.deleted_at is None)


class Listed(NamedTuple):
    """A pod of a Service: its endpoint in an EndpointSlice, its address in Endpoints, and the port numbers behind the Service's
    ports (in the order of these; None where the pod has no such port)."""

    pod: Pod
    endpoint: Json
    address: Json
    numbers: tuple[int | None, ...]


def listing(state: State, service: Service) -> Collection[Listed]:
    """The pods of a Service that have an address and have not ended. The cost depends on the pods that have changed since the
    last call."""
    listed: dict[str, Listed] = service.listed
    for uid in sorted(service.stale, key=lambda uid: (state.pods[uid].created_at, state.pods[uid].name)):
        pod = state.pods[uid]
        if belongs(pod, include_terminating=True):
            listed[uid] = listed_pod(state, service.kept, pod)
        else:
            listed.pop(uid, None)
    service.stale.clear()
    return listed.values()


def zone_of(state: State, pod: Pod) -> str:
    node = state.nodes.get(pod.node)
    return node.labels.get(ZONE, "") if node is not None else ""


def listed_pod(state: State, service: Kept, pod: Pod) -> Listed:
    """`ready` is false for a terminating pod, unless publishNotReadyAddresses is set (podToEndpoint)."""
    spec, ip, is_terminating = pod_spec(state, pod), address_of(pod), pod.deleted_at is not None
    named, zone = hostname(pod, spec, service), zone_of(state, pod)
    endpoint = {
        "addresses": [ip],
        "conditions": {
            "ready": publishes_unready(service) or (pod.ready and not is_terminating),
            "serving": pod.ready,
            "terminating": is_terminating,
        },
        "targetRef": target(pod),
        "nodeName": pod.node,
        **({"zone": zone} if zone else {}),
        **named,
    }
    address = {"ip": ip, **named, "nodeName": pod.node, "targetRef": target(pod)}
    return Listed(pod, endpoint, address, numbers_of(service, spec))


def target(pod: Pod) -> Json:
    return {"kind": "Pod", "namespace": pod.namespace, "name": pod.name, "uid": pod.uid}


def hostname(pod: Pod, spec: Manifest, service: Kept) -> Json:
    """The hostname of a pod whose subdomain is the Service; {} for others (ShouldSetHostname)."""
    is_named = spec.get("hostname") and spec.get("subdomain") == service.name and pod.namespace == service.namespace
    return {"hostname": spec["hostname"]} if is_named else {}


def find_port(spec: Manifest, port: Manifest) -> int | None:
    """The port number behind a Service's port; a named one is looked up in the containers' ports (FindPort). None if there is
    none."""
    wanted = port.get("targetPort") or port["port"]
    if isinstance(wanted, int):
        return wanted
    protocol = port.get("protocol") or "TCP"
    sidecars = (each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always")
    for container in (*(spec.get("containers") or ()), *sidecars):
        for each in container.get("ports") or ():
            if each.get("name") == wanted and (each.get("protocol") or "TCP") == protocol:
                return int(each["containerPort"])
    return None


def numbers_of(service: Kept, spec: Manifest) -> tuple[int | None, ...]:
    return tuple(find_port(spec, each) for each in ports_of(service))


def ports_of(service: Kept) -> list[Manifest]:
    found: list[Manifest] = spec_of_service(service).get("ports") or []
    return found


def spec_of_service(service: Kept) -> Manifest:
    found: Manifest = service.manifest.get("spec") or {}
    return found


def is_headless(service: Kept) -> bool:
    return spec_of_service(service).get("clusterIP") in (None, "", "None")


def publishes_unready(service: Kept) -> bool:
    return bool(spec_of_service(service).get("publishNotReadyAddresses"))


def deletion(kept: Kept, now: float) -> list[Change]:
    """The changes that delete an object: at once or, with finalizers, when the last of them is removed."""
    if not kept.manifest["metadata"].get("finalizers"):
        return [Delete(object=kept)]
    if is_going(kept):
        return []
    when = {"deletionTimestamp": timestamp(now), "deletionGracePeriodSeconds": 0}
    return [Update(object=replace(kept, manifest={**kept.manifest, "metadata": {**kept.manifest["metadata"], **when}}))]


def is_going(kept: Kept) -> bool:
    return bool((kept.manifest.get("metadata") or {}).get("deletionTimestamp"))


def pod_spec(state: State, pod: Pod) -> Manifest:
    owner = state.replicasets.get(pod.owner_uid or "")
    found: Manifest = pod.spec or (owner.template.get("spec") if owner else None) or {}
    return found


def trigger_annotations(held: Manifest | None, times: Iterable[float], first: str | None) -> Json:
    """An object's annotations with the earliest time, in seconds, at which one of the pods that cause the change became what it
    is (TriggerTimeTracker); `first`: the time of a Service that is seen for the first time."""
    annotations = {key: value for key, value in (held or {}).items() if key != TRIGGER_TIME}
    earliest = min(times, default=None)
    when = first or (timestamp(earliest) if earliest is not None else None)
    return {**annotations, TRIGGER_TIME: when} if when else annotations


def became(pod: Pod) -> float:
    """The last transition time of the pod's condition Ready, or its creation time."""
    return pod.created_at if pod.ready_since is None else pod.ready_since


def creation_time(service: Kept) -> str | None:
    return (service.manifest.get("metadata") or {}).get("creationTimestamp")


def shared_labels(service: Kept, reserved: Mapping[str, str], not_shared: Iterable[str]) -> dict[str, str]:
    """The Service's labels except `not_shared`, with the controller's own (`reserved`)."""
    own = (service.manifest.get("metadata") or {}).get("labels") or {}
    shared = {key: value for key, value in own.items() if key not in not_shared}
    return {**shared, **({HEADLESS: ""} if is_headless(service) else {}), **reserved}
