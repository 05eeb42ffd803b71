"""The EndpointSlice controller (pkg/controller/endpointslice; k8s.io/endpointslice reconciler.go). Zone hints are not set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cluster.core import names
from cluster.core.controllers.step import SyncError
from cluster.core.objects import Change, Create, Kept, Pod, Update
from cluster.core.services import endpoints
from cluster.core.services.index import CONTROLLER, MANAGED_BY, SERVICE_NAME, SLICE, labels_of, owners
from cluster.core.state import State

MOST_ENDPOINTS = 100  # --max-endpoints-per-slice
MOST_NAME = 58  # what names.SimpleNameGenerator keeps of a name before the five random letters
OWN_LABELS = (SERVICE_NAME, MANAGED_BY, endpoints.HEADLESS)
Json = dict[str, Any]
PortMap = tuple[tuple[tuple[str, Any], ...], ...]


def sync(state: State, key: str, now: float) -> list[Change]:
    """One pass over the Service `key` (namespace/name). Raises SyncError where a pod's node does not exist, unless the Service
    publishes unready addresses."""
    service = state.services.find(key)
    if service is None or not service.selector:
        return []
    there = [each for each in state.services.slices(key) if not endpoints.is_going(each)]
    families = endpoints.spec_of_service(service.kept).get("ipFamilies") or ["IPv4"]
    listed = endpoints.listing(state, service)
    lost = {each.pod.node for each in listed} - state.nodes.keys()
    if lost and endpoints.publishes_unready(service.kept):
        lost = set()
    desired = by_ports(service.kept, [each for each in listed if each.pod.node not in lost] if lost else listed)
    changes: list[Change] = []
    for address_type in families:
        own = [each for each in there if each.manifest.get("addressType") == address_type]
        slices = Slices(service.kept, address_type, own, now)
        slices.reconcile(desired if address_type == "IPv4" else {})  # pods have no IPv6 addresses
        changes += slices.changes(state.pods, is_first=not there)
    strange = [each for each in there if each.manifest.get("addressType") not in families]
    changes += [change for each in strange for change in endpoints.deletion(each, now)]
    state.services.expect(changes)
    if lost:
        pod = next(each.pod for each in listed if each.pod.node in lost)
        raise SyncError(f"skipping Pod {pod.name} for Service {key}: Node {pod.node} Not Found", changes)
    return changes


def by_ports(service: Kept, listed: Iterable[endpoints.Listed]) -> dict[PortMap, dict[str, Json]]:
    """The endpoints grouped by the ports that they offer, then by pod uid."""
    by_numbers: dict[tuple[int | None, ...], dict[str, Json]] = {}
    for each in listed:
        by_numbers.setdefault(each.numbers, {})[each.pod.uid] = each.endpoint
    found: dict[PortMap, dict[str, Json]] = {}
    for numbers, group in by_numbers.items():
        found.setdefault(port_map(service, numbers), {}).update(group)
    return found


def serving(endpoint: Json | None) -> bool | None:
    """The endpoint's condition `serving`; None: there is no such endpoint."""
    return bool((endpoint.get("conditions") or {}).get("serving")) if endpoint else None


def port_map(service: Kept, numbers: tuple[int | None, ...]) -> PortMap:
    """The Service's ports with these numbers, in the controller's order: by the hash of what spew prints of each."""
    ports = []
    for each, number in zip(endpoints.ports_of(service), numbers, strict=True):
        if number is not None:
            port = {"name": each.get("name") or "", "port": number, "protocol": each.get("protocol") or "TCP"}
            ports.append(port | ({"appProtocol": each["appProtocol"]} if each.get("appProtocol") else {}))
    return tuple(tuple(sorted(each.items())) for each in sorted(ports, key=hash_of_port))


def hash_of_port(port: Json) -> str:
    value = 0x6C62272E07BB014262B821756295C58D  # FNV-128a
    for byte in spewed(port).encode():
        value = ((value ^ byte) * 0x0000000001000000000000000000013B) % (1 << 128)
    return f"{value:032x}"


def spewed(port: Json, package: str = "v1") -> str:
    """A port of discovery.k8s.io as Go's spew prints it."""
    application = f"(*string){port['appProtocol']}" if "appProtocol" in port else "(*string)<nil>"
    return (
        f"({package}.EndpointPort){{Name:(*string){port['name']} Protocol:(*v1.Protocol){port['protocol']} "
        f"Port:(*int32){port['port']} AppProtocol:{application}}}"
    )


@dataclass
class Slices:
    """The slices of a Service for one address type, and which to create, update and delete. The names of new slices are derived
    from `now`."""

    service: Kept
    address_type: str
    own: list[Kept]
    now: float
    create: list[Json] = field(default_factory=list)
    update: dict[str, tuple[Kept, Json]] = field(default_factory=dict)
    delete: list[Kept] = field(default_factory=list)

    def reconcile(self, desired: dict[PortMap, dict[str, Json]]) -> None:
        """Decides which slices to create, update and delete (reconcileByAddressType)."""
        by_ports: dict[PortMap, list[Kept]] = {}
        for each in self.own:
            if self.service.uid in owners(each):
                by_ports.setdefault(ports_in(each.manifest), []).append(each)
            else:
                self.delete.append(each)
        for ports, wanted in desired.items():
            self.fit(by_ports.get(ports, []), dict(wanted), ports)
        self.delete += [each for ports, found in by_ports.items() if ports not in desired for each in found]
        if len(self.own) == len(self.delete) and not self.create:
            self.hold_place()
        self.reuse()

    def fit(self, held: list[Kept], wanted: dict[str, Json], ports: PortMap) -> None:
        """Updates the existing slices, then fills them up, then adds new slices (reconcileByPortMapping)."""
        changed, unchanged = [], []
        for each in held:
            before = each.manifest.get("endpoints") or []
            after = [found for one in before if (found := wanted.pop(uid_of(one), None)) is not None]
            if before != after and not after:
                self.delete.append(each)
            elif before != after or self.labels() != labels_of(each):
                self.update[each.uid] = (each, {**each.manifest, "endpoints": after})
                changed.append(each.uid)
            else:
                unchanged.append(each)
        wanted = dict(sorted(wanted.items(), key=lambda each: each[1]["targetRef"]["name"])) if wanted else wanted
        for uid in sorted(changed, key=lambda uid: -len(self.update[uid][1]["endpoints"])):
            take(self.update[uid][1]["endpoints"], wanted)
        while wanted:
            self.add(closest(unchanged, len(wanted)), wanted, ports, unchanged)

    def add(self, roomy: Kept | None, wanted: dict[str, Json], ports: PortMap, unchanged: list[Kept]) -> None:
        if roomy is None:
            made: list[Json] = []
            take(made, wanted)
            self.create.append({"endpoints": made, "ports": [dict(each) for each in ports]})
            return
        unchanged.remove(roomy)
        filled = list(roomy.manifest.get("endpoints") or [])
        take(filled, wanted)
        self.update[roomy.uid] = (roomy, {**roomy.manifest, "endpoints": filled})

    def hold_place(self) -> None:
        """Keeps or creates one empty slice, for a Service without matching pods."""
        if len(self.delete) == 1 and is_placeholder(self.delete[0], self.labels(), self.service.uid):
            self.delete.clear()
        else:
            self.create.append({"endpoints": [], "ports": []})

    def reuse(self) -> None:
        """Updates the Service's own slices that would be deleted, in place of creating new ones (finalize)."""
        for each in [one for one in self.delete if self.service.uid in owners(one)]:
            if self.create:
                made = self.create.pop()
                self.update[each.uid] = (each, {**each.manifest, **made})
                self.delete.remove(each)

    def changes(self, pods: Mapping[str, Pod], *, is_first: bool) -> list[Change]:
        """The resulting changes. A Service that is being deleted gets no new slices."""
        first = endpoints.creation_time(self.service) if is_first else None
        times = [endpoints.became(pods[uid]) for uid in self.turned() if uid in pods]
        made = [] if endpoints.is_going(self.service) else self.create
        found: list[Change] = [Create(object=self.made(each, n, times, first)) for n, each in enumerate(made)]
        found += [Update(object=self.updated(held, after, times)) for held, after in self.update.values()]
        return [*found, *(change for each in self.delete for change in endpoints.deletion(each, self.now))]

    def turned(self) -> list[str]:
        """The uids of the pods that were added or removed, or whose condition `serving` changed."""
        old = (*(held for held, _ in self.update.values()), *self.delete)
        new = (*self.create, *(made for _, made in self.update.values()))
        before = {uid_of(one): one for each in old for one in endpoints_in(each.manifest)}
        after = {uid_of(one): one for each in new for one in endpoints_in(each)}
        changed = (uid for uid in {**before, **after} if before.get(uid) is not after.get(uid))
        return [uid for uid in changed if serving(before.get(uid)) is not serving(after.get(uid))]

    def labels(self) -> dict[str, str]:
        reserved = {SERVICE_NAME: self.service.name, MANAGED_BY: CONTROLLER}
        return endpoints.shared_labels(self.service, reserved, OWN_LABELS)

    def made(self, content: Json, number: int, times: list[float], first: str | None) -> Kept:
        seed = f"{self.service.uid}/{self.address_type}/{self.now!r}"
        prefix = f"{self.service.name}-"
        annotations = endpoints.trigger_annotations({}, times, first)
        metadata = {
            "generateName": prefix,
            "name": prefix[:MOST_NAME] + names.suffix(seed, number),
            "namespace": self.service.namespace,
            "uid": names.derive_uid(seed, number),
            "generation": 1,
            "labels": self.labels(),
            **({"annotations": annotations} if annotations else {}),
            "ownerReferences": [owner_reference(self.service)],
        }
        manifest = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": metadata,
            "addressType": self.address_type,
            **or_null(content),
        }
        return Kept(
            uid=metadata["uid"],  # type: ignore[arg-type]
            resource=SLICE,
            name=metadata["name"],  # type: ignore[arg-type]
            namespace=self.service.namespace,
            manifest=manifest,
        )

    def updated(self, held: Kept, content: Json, times: list[float]) -> Kept:
        about = held.manifest["metadata"]
        annotations = endpoints.trigger_annotations(about.get("annotations"), times, None)
        metadata = {**about, "labels": self.labels(), "generation": int(about.get("generation") or 0) + 1}
        metadata.pop("annotations", None)
        if annotations:
            metadata["annotations"] = annotations
        return replace(held, manifest={**content, **or_null(content), "metadata": metadata})


def or_null(content: Json) -> Json:
    """The content's endpoints and ports; empty lists are None, as in the API."""
    return {key: content.get(key) or None for key in ("endpoints", "ports")}


def take(endpoints: list[Json], wanted: dict[str, Json]) -> None:
    """Moves endpoints from `wanted` to `endpoints`, up to MOST_ENDPOINTS in all."""
    for uid in list(wanted)[: max(MOST_ENDPOINTS - len(endpoints), 0)]:
        endpoints.append(wanted.pop(uid))


def closest(slices: list[Kept], count: int) -> Kept | None:
    """The slice that is nearest to full once `count` endpoints are added; None where they fit in none (getSliceToFill)."""
    rooms = [(MOST_ENDPOINTS - count - len(endpoints_in(each.manifest)), each) for each in slices]
    fitting = [(room, each) for room, each in rooms if 0 <= room < MOST_ENDPOINTS]
    return min(fitting, key=lambda pair: pair[0])[1] if count < MOST_ENDPOINTS and fitting else None


def is_placeholder(held: Kept, labels: dict[str, str], owner: str) -> bool:
    manifest = held.manifest
    return (
        not endpoints_in(manifest) and not manifest.get("ports") and labels_of(held) == labels and owner in owners(held)
    )


def endpoints_in(manifest: Any) -> list[Json]:
    return manifest.get("endpoints") or []


def uid_of(endpoint: Json) -> str:
    """The uid of the endpoint's pod. Endpoints written by clients may have no pod: then the addresses as text."""
    try:
        return str(endpoint["targetRef"]["uid"])
    except (KeyError, TypeError):
        return str(endpoint.get("addresses"))


def ports_in(manifest: Any) -> PortMap:
    return tuple(tuple(sorted(each.items())) for each in manifest.get("ports") or ())


def owner_reference(service: Kept) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "name": service.name,
        "uid": service.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
