"""The Endpoints controller: one Endpoints object per Service, with the Service's name (pkg/controller/endpoint;
pkg/api/v1/endpoints/util.go)."""

import hashlib
from dataclasses import replace
from math import ceil
from operator import itemgetter
from typing import Any

from cluster.core import names
from cluster.core.objects import Change, Create, Kept, Manifest, Update
from cluster.core.services import endpoints
from cluster.core.services.index import ENDPOINTS, Service, labels_of
from cluster.core.state import State

MANAGED_BY, CONTROLLER = "endpoints.kubernetes.io/managed-by", "endpoint-controller"
OWN_LABELS = (MANAGED_BY, endpoints.HEADLESS)
OVER_CAPACITY, MOST_ADDRESSES = "endpoints.kubernetes.io/over-capacity", 1000
Json = dict[str, Any]
Offered = list[tuple[str, str, Json, bool]]  # (the pod's IP, its uid, the address, whether the pod is ready)


def sync(state: State, key: str, now: float) -> list[Change]:
    """One pass over the Service `key` (namespace/name). If the Service is gone, deletes the Endpoints that this controller
    wrote."""
    service = state.services.find(key)
    place, name = state.services.place(key)
    held = place.endpoints.get(name)
    if service is None:
        is_ours = held is not None and labels_of(held).get(MANAGED_BY) == CONTROLLER
        return endpoints.deletion(held, now) if held is not None and is_ours else []
    if not service.selector or (held is None and endpoints.is_going(service.kept)):
        return []
    subsets = subsets_of(state, service)
    labels = endpoints.shared_labels(service.kept, {MANAGED_BY: CONTROLLER}, OWN_LABELS)
    if held is not None and (held.manifest.get("subsets") or [], labels_of(held)) == (subsets, labels):
        return []
    times = became(state, held.manifest if held else {}, subsets)
    first = endpoints.creation_time(service.kept) if held is None else None
    before = (held.manifest["metadata"].get("annotations") or {}) if held else {}
    annotations = endpoints.trigger_annotations(before, times, first)
    annotations.pop(OVER_CAPACITY, None)
    if truncate(subsets):
        annotations[OVER_CAPACITY] = "truncated"
        if held is not None and (held.manifest.get("subsets"), labels_of(held)) == (subsets, labels):
            return []
    return [put(service.kept, held, subsets, labels, annotations, now)]


def put(service: Kept, held: Kept | None, subsets: list[Json], labels: Json, annotations: Json, now: float) -> Change:
    about: Json = dict(held.manifest["metadata"]) if held else {"name": service.name, "namespace": service.namespace}
    about.pop("annotations", None)
    metadata = {**about, "labels": labels, **({"annotations": annotations} if annotations else {})}
    manifest: Json = {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata}
    if subsets:
        manifest["subsets"] = subsets
    if held is not None:
        return Update(object=replace(held, manifest=manifest))
    uid = names.derive_uid(f"{service.uid}/endpoints/{now!r}", 0)
    metadata["uid"] = uid
    made = Kept(uid=uid, resource=ENDPOINTS, name=service.name, namespace=service.namespace, manifest=manifest)
    return Create(object=made)


def subsets_of(state: State, service: Service) -> list[Json]:
    """The addresses grouped by the ports that they offer; ports with the same addresses share a subset (RepackSubsets). A
    headless Service may have no ports."""
    by_numbers: dict[tuple[int | None, ...], Offered] = {}
    is_tolerant = endpoints.publishes_unready(service.kept)
    for each in endpoints.listing(state, service):
        if is_tolerant or each.pod.deleted_at is None:
            one = (each.address["ip"], each.pod.uid, each.address, is_tolerant or each.pod.ready)
            by_numbers.setdefault(each.numbers, []).append(one)
    by_port: dict[str, tuple[Json | None, dict[tuple[int | None, ...], Offered]]] = {}
    for numbers, found in by_numbers.items():
        for port in offered_ports(service.kept, numbers):
            by_port.setdefault(spewed(port), (port, {}))[1][numbers] = found
    together: dict[frozenset[tuple[int | None, ...]], tuple[list[Json], list[Offered]]] = {}
    for _, (port, groups) in sorted(by_port.items(), key=lambda each: digest(each[0])):
        ports, _ = together.setdefault(frozenset(groups), ([], list(groups.values())))
        ports.extend([port] if port else [])
    return [subset(ports, [one for found in groups for one in found]) for ports, groups in together.values()]


def offered_ports(service: Kept, numbers: tuple[int | None, ...]) -> list[Json | None]:
    ports = endpoints.ports_of(service)
    if not ports:
        return [None] if endpoints.is_headless(service) else []
    pairs = zip(ports, numbers, strict=True)
    return [endpoint_port(each, number) for each, number in pairs if number is not None]


def endpoint_port(port: Manifest, number: int) -> Json:
    name, application = port.get("name"), port.get("appProtocol")
    return {
        **({"name": name} if name else {}),
        "port": number,
        "protocol": port.get("protocol") or "TCP",
        **({"appProtocol": application} if application else {}),
    }


def subset(ports: list[Json], offered: Offered) -> Json:
    found = sorted(offered, key=itemgetter(0, 1))
    ready, unready = ([address for _, _, address, is_ready in found if is_ready is wanted] for wanted in (True, False))
    lists = {"addresses": ready, "notReadyAddresses": unready, "ports": ports}
    return {key: each for key, each in lists.items() if each}


def spewed(port: Json | None) -> str:
    """A port as Go's spew prints it; ports are sorted by the hash of this text."""
    if port is None:
        return ""
    application = f"(*string){port['appProtocol']}" if "appProtocol" in port else "(*string)<nil>"
    return (
        f"(v1.EndpointPort){{Name:(string){port.get('name', '')} Port:(int32){port['port']} "
        f"Protocol:(v1.Protocol){port['protocol']} AppProtocol:{application}}}"
    )


def digest(text: str) -> bytes:
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()


def became(state: State, before: Manifest, subsets: list[Json]) -> list[float]:
    """The last Ready transition times of the pods that are new or whose readiness has changed."""
    old, new = readiness(before.get("subsets") or []), readiness(subsets)
    changed = (uid for uid in new if old.get(uid) is not new[uid])
    return [endpoints.became(state.pods[uid]) for uid in changed if uid in state.pods]


def readiness(subsets: list[Json]) -> dict[str, bool]:
    lists = (
        (each.get(key) or [], key == "addresses") for each in subsets for key in ("notReadyAddresses", "addresses")
    )
    return {one["targetRef"]["uid"]: is_ready for found, is_ready in lists for one in found if one.get("targetRef")}


def truncate(subsets: list[Json]) -> bool:
    """Cuts the subsets to MOST_ADDRESSES addresses, ready ones first, each subset in proportion to its size. Returns whether
    addresses were left out (truncateEndpoints)."""
    ready, unready = (sum(len(each.get(key) or ()) for each in subsets) for key in ("addresses", "notReadyAddresses"))
    if ready + unready <= MOST_ADDRESSES:
        return False
    key, total, most = (
        ("addresses", ready, MOST_ADDRESSES)
        if ready > MOST_ADDRESSES
        else ("notReadyAddresses", unready, MOST_ADDRESSES - ready)
    )
    left = most
    for each in subsets:
        if key == "addresses":
            each.pop("notReadyAddresses", None)
        found = each.get(key) or []
        count = min(ceil(len(found) / total * most), left)
        left -= min(count, len(found))
        each[key] = found[:count]
        if not each[key]:
            del each[key]
    return True
