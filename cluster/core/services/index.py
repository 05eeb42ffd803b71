"""The Services of a cluster with the pods that they select, and what the endpoint controllers have written for them; kept up to
date as pods and kept objects change (endpointslice util/controller_utils.go)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cluster.core.nodes.addresses import address_of
from cluster.core.objects import Change, Event, Kept, Labels, Pod
from cluster.core.queue import Key

if TYPE_CHECKING:
    from cluster.core.state import State

SERVICE, SLICE, ENDPOINTS = "services", "endpointslices.discovery.k8s.io", "endpoints"
RESOURCES: Mapping[str, str] = {SERVICE: "Service", SLICE: "EndpointSlice", ENDPOINTS: "Endpoints"}
SERVICE_NAME, MANAGED_BY = "kubernetes.io/service-name", "endpointslice.kubernetes.io/managed-by"
CONTROLLER = "endpointslice-controller.k8s.io"
MOST_REMEMBERED = 1000
LabelSet = frozenset[tuple[str, str]]


@dataclass(slots=True)
class Service:
    """`pods`: the uids of the pods that its selector matches; none without a selector. `listed`: what `endpoints.listing` has
    computed for each of them; the entries of `stale` are out of date."""

    kept: Kept
    selector: LabelSet
    pods: dict[str, None] = field(default_factory=dict)
    listed: dict[str, Any] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)

    def copy(self) -> "Service":
        return Service(self.kept, self.selector, dict(self.pods), dict(self.listed), set(self.stale))


@dataclass(slots=True)
class Place:
    """One namespace. `services` and `endpoints` are by name, `slices` by the name of their Service and by uid. `memberships`:
    the names of the Services that select a pod, by its uid; `_found`: the same by labels."""

    services: dict[str, Service] = field(default_factory=dict)
    slices: dict[str, dict[str, Kept]] = field(default_factory=dict)
    endpoints: dict[str, Kept] = field(default_factory=dict)
    memberships: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _found: dict[LabelSet, tuple[str, ...]] = field(default_factory=dict)

    def selecting(self, labels: Labels) -> tuple[str, ...]:
        """The names of the Services that select pods with these labels."""
        borne = frozenset(labels.items())
        names = self._found.get(borne)
        if names is None:
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            there = self.services.items()
            names = tuple(name for name, each in there if each.selector and each.selector <= borne)
            self._found[borne] = names
        return names

    def forget_labels(self) -> None:
        self._found.clear()

    def is_empty(self) -> bool:
        return not (self.services or self.slices or self.endpoints)


class Services:
    """`places`: the namespaces that have any. `uids`: those of the Services. `owned`: the slices of a Service, by its uid.
    `expected`: the slices that their controller has just written; these writes don't queue its key
    (endpointslice_tracker.go)."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.uids: set[str] = set()
        self.owned: dict[str, dict[str, Kept]] = {}
        self.expected: dict[str, Kept] = {}
        self._slices: dict[str, Kept] = {}

    def put(self, state: "State", kept: Kept, *, gone: bool) -> Iterator[Key]:
        """Adds, replaces or (`gone`) removes an object; yields the keys to be queued."""
        place = self.places.setdefault(kept.namespace, Place())
        if kept.resource == SERVICE:
            self._put_service(state, place, kept, gone=gone)
            yield from keys(kept.namespace, [kept.name])
            if gone:
                yield "Garbage", kept.uid
        elif kept.resource == SLICE:
            names = self._put_slice(place, kept, gone=gone)
            if self.expected.pop(kept.uid, None) is not kept:
                yield from (("EndpointSlice", f"{kept.namespace}/{name}") for name in names)
            yield from (("Garbage", uid) for uid in owners(kept) if not gone and uid not in self.uids)
        else:
            replace_in(place.endpoints, kept.name, kept, gone=gone)
            if gone or kept.name not in place.services:
                yield "Endpoints", f"{kept.namespace}/{kept.name}"
        if place.is_empty():
            del self.places[kept.namespace]

    def pod(self, old: Pod | None, new: Pod | None) -> Iterator[Key]:
        """Replaces a pod, which stays in its namespace; yields the keys to be queued."""
        pod = new or old
        place = self.places.get(pod.namespace) if pod is not None else None
        if place is None or pod is None or (old is not None and new is not None and not is_listed_anew(old, new)):
            return
        before = place.memberships.get(pod.uid, ())
        after = place.selecting(new.labels) if new is not None else ()
        if before != after:
            self._move(place, pod.uid, before, after)
        for name in after:
            place.services[name].stale.add(pod.uid)
        if old is not None and new is not None and not is_told(old, new):
            return
        is_same = old is not None and new is not None and not is_changed(old, new)
        names = set(before) ^ set(after) if is_same else {*before, *after}
        yield from keys(pod.namespace, sorted(names))

    def find(self, key: str) -> Service | None:
        """The Service of a key namespace/name; None without one."""
        place, name = self.place(key)
        return place.services.get(name)

    def place(self, key: str) -> tuple[Place, str]:
        """Returns (the namespace's Place, the name) of a key namespace/name."""
        namespace, _, name = key.partition("/")
        return self.places.get(namespace) or Place(), name

    def slices(self, key: str) -> list[Kept]:
        """The controller's slices of the Service of that namespace/name, oldest first."""
        place, name = self.place(key)
        return [each for each in place.slices.get(name, {}).values() if labels_of(each).get(MANAGED_BY) == CONTROLLER]

    def expect(self, changes: list[Change]) -> None:
        """Notes the slices that their controller is about to write."""
        for each in changes:
            if not isinstance(each, Event) and isinstance(each.object, Kept):
                self.expected[each.object.uid] = each.object

    def copy(self) -> "Services":
        twin = Services()
        twin.uids, twin._slices = set(self.uids), dict(self._slices)
        twin.owned = {uid: dict(each) for uid, each in self.owned.items()}
        for namespace, place in self.places.items():
            twin.places[namespace] = Place(
                services={name: each.copy() for name, each in place.services.items()},
                slices={name: dict(each) for name, each in place.slices.items()},
                endpoints=dict(place.endpoints),
                memberships=dict(place.memberships),
            )
        return twin

    def _put_service(self, state: "State", place: Place, kept: Kept, *, gone: bool) -> None:
        held, selector = place.services.get(kept.name), selector_of(kept)
        if gone and (held is None or held.kept.uid != kept.uid):
            return
        if gone:
            self.uids.discard(kept.uid)
            del place.services[kept.name]
        else:
            self.uids.add(kept.uid)
            pods = held.pods if held else {}
            place.services[kept.name] = Service(kept, selector, pods, stale=set(pods))
        if gone or held is None or held.selector != selector:
            place.forget_labels()
            for pod in state.pods.values():
                if pod.namespace == kept.namespace:
                    self._move(place, pod.uid, place.memberships.get(pod.uid, ()), place.selecting(pod.labels))

    def _put_slice(self, place: Place, kept: Kept, *, gone: bool) -> set[str]:
        """Adds, replaces or removes a slice; returns the names of the Services that its labels name now and named before."""
        old, new = self._slices.get(kept.uid), None if gone else kept
        replace_in(self._slices, kept.uid, kept, gone=gone)
        names = set()
        for each, is_gone in ((old, True), (new, False)):
            if each is None:
                continue
            name = labels_of(each).get(SERVICE_NAME, "")
            names.add(name)
            put_under(place.slices, name, each, gone=is_gone)
            for uid in owners(each):
                put_under(self.owned, uid, each, gone=is_gone)
        return names - {""}

    @staticmethod
    def _move(place: Place, uid: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
        for name in before:
            if name not in after and name in place.services:
                service = place.services[name]
                service.pods.pop(uid, None)
                service.listed.pop(uid, None)
                service.stale.discard(uid)
        for name in after:
            place.services[name].pods[uid] = None
            place.services[name].stale.add(uid)
        if after:
            place.memberships[uid] = after
        else:
            place.memberships.pop(uid, None)


def keys(namespace: str, names: list[str]) -> Iterator[Key]:
    for name in names:
        yield "EndpointSlice", f"{namespace}/{name}"
        yield "Endpoints", f"{namespace}/{name}"


def is_listed_anew(old: Pod, new: Pod) -> bool:
    """Whether the pod's endpoint has to be computed again."""
    return old.phase != new.phase or is_told(old, new)


def is_told(old: Pod, new: Pod) -> bool:
    """Whether the change of a pod queues the keys of its Services (podEndpointsChanged); a change of the phase alone does not."""
    return is_changed(old, new) or old.labels != new.labels


def is_changed(old: Pod, new: Pod) -> bool:
    return (
        old.ready is not new.ready
        or old.deleted_at != new.deleted_at
        or (old.started_at is None) is not (new.started_at is None)
        or (old.reported is not new.reported and address_of(old) != address_of(new))
    )


def selector_of(kept: Kept) -> LabelSet:
    spec = kept.manifest.get("spec") or {}
    return frozenset((spec.get("selector") or {}).items()) if spec.get("type") != "ExternalName" else frozenset()


def labels_of(kept: Kept) -> Labels:
    found: Labels = (kept.manifest.get("metadata") or {}).get("labels") or {}
    return found


def owners(kept: Kept) -> list[str]:
    """The uids of the Services that own an object."""
    references = (kept.manifest.get("metadata") or {}).get("ownerReferences") or ()
    return [each["uid"] for each in references if (each.get("apiVersion"), each.get("kind")) == ("v1", "Service")]


def replace_in(things: dict[str, Kept], key: str, kept: Kept, *, gone: bool) -> None:
    """Puts the object under the key or, if `gone`, removes it, unless a different object has the key now."""
    if not gone:
        things[key] = kept
    elif key in things and things[key].uid == kept.uid:
        del things[key]


def put_under(groups: dict[str, dict[str, Kept]], key: str, kept: Kept, *, gone: bool) -> None:
    group = groups.setdefault(key, {})
    replace_in(group, kept.uid, kept, gone=gone)
    if not group:
        del groups[key]
