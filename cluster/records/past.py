"""The past of a Deployment and of the Services of its namespace, from the journal: their State at a resource version, and the
changes since."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Max, Min

from cluster import models
from cluster.core.objects import Change, Create, Delete, Kept, Object, Pod, Update
from cluster.core.services import index as services
from cluster.core.state import State
from cluster.records import blueprints, journal, kept, loading
from cluster.records.rows import deployment_value, replicaset_value

KINDS = ("Deployment", "ReplicaSet", "Pod", services.RESOURCES[services.SERVICE], services.RESOURCES[services.SLICE])
CHUNK: Final = 500
COLUMNS = ("rv", "verb", "kind", "namespace", "uid", "name", "root", "at", "state", "blueprint", "cluster_id")
VERBS: Mapping[str, Callable[..., Change]] = {"ADDED": Create, "MODIFIED": Update, "DELETED": Delete}
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Place:
    """The part of a cluster to read: these kinds, in one namespace or all (None)."""

    cluster: models.Cluster
    namespace: str | None = None
    kinds: Sequence[str] = KINDS

    @property
    def changes(self) -> Any:
        found = models.Change.objects.filter(cluster=self.cluster, kind__in=self.kinds)
        return found if self.namespace is None else found.filter(namespace=self.namespace)


def changes_between(place: Place, since: int, upto: int) -> Iterator[tuple[int, float, Change]]:
    """(resource version, simulated seconds, change) in order, after `since` and up to and including `upto`. Raises
    journal.Gone."""
    for rows in chunks_between(place, since, upto):
        for row, thing in values(rows):
            yield row["rv"], row["at"], VERBS[row["verb"]](object=thing)


def chunks_between(place: Place, since: int, upto: int) -> Iterator[list[Row]]:
    while rows := fetch(place.changes.filter(rv__gt=since, rv__lte=upto).order_by("rv")[:CHUNK]):
        yield rows
        since = rows[-1]["rv"]


Watch = Callable[[], None]
"""Called between queries; may raise to end the work."""


def state_at(place: Place, rv: int, watch: Watch = lambda: None) -> State:
    """The objects of KINDS in a namespace at rv, computed from the present rows and the changes since. An object whose state at
    rv the journal no longer has is taken from its first change after rv, without a deletion in that change. Raises
    journal.Gone."""
    if place.namespace is None:
        raise ValueError("a State at a version is of one namespace")
    rows, known = changed_since(place, rv, watch)
    loaded = loading.empty(place.cluster)
    unchanged = {"namespace__cluster": place.cluster, "namespace__name": place.namespace, "resource_version__lte": rv}
    for kind in KINDS[:3]:
        model, put_rows = loading.REREAD[kind]
        watch()
        put_rows(loaded, model.objects.filter(**unchanged))
        put(loaded.state, [each for each in rows if each["kind"] == kind], known)
    resources = (services.SERVICE, services.SLICE)
    still = kept.read(place.cluster, namespace=place.namespace, resource__in=resources, resource_version__lte=rv)
    loaded.state.apply(Create(object=each) for each in still)
    put(loaded.state, [each for each in rows if each["kind"] in KINDS[3:]], known)
    return loaded.state


def changed_since(place: Place, rv: int, watch: Watch = lambda: None) -> tuple[list[Row], set[str]]:
    """(for each object that existed at rv and has changed since: its last change up to rv or, if the journal no longer has that,
    its first change after rv; the uids of the former)."""
    changed = changed_after(place, rv, watch)
    found = {row["uid"]: row for row in before(place, rv, changed, watch)}
    missing = [first for uid, (_, first) in changed.items() if uid not in found]
    return [*found.values(), *in_chunks(place.changes, missing, watch)], set(found)


def changed_after(place: Place, rv: int, watch: Watch) -> dict[str, tuple[str, int]]:
    """uid -> (root, first change after rv) of objects that existed at rv and have changed since."""
    later = place.changes.filter(rv__gt=rv).order_by().values("uid").annotate(first=Min("rv"))
    firsts = sorted(later.values_list("first", flat=True))
    found: dict[str, tuple[str, int]] = {}
    for start in range(0, len(firsts), CHUNK):
        watch()
        rows = place.changes.filter(rv__in=firsts[start : start + CHUNK]).exclude(verb="ADDED").order_by("rv")
        found |= {uid: (root, first) for uid, root, first in rows.values_list("uid", "root", "rv")}
    return found


def before(place: Place, rv: int, changed: Mapping[str, tuple[str, int]], watch: Watch) -> Iterator[Row]:
    """The last change up to rv of each of these objects. `changed`: their roots, by uid."""
    roots = sorted({root for root, _ in changed.values()})
    for start in range(0, len(roots), CHUNK):
        own = place.changes.filter(root__in=roots[start : start + CHUNK], rv__lte=rv).order_by()
        watch()
        newest = own.values("uid").annotate(last=Max("rv")).values_list("uid", "last")
        yield from in_chunks(place.changes, [last for uid, last in newest if uid in changed], watch)


def in_chunks(changes: Any, versions: list[int], watch: Watch) -> Iterator[Row]:
    for start in range(0, len(versions), CHUNK):
        watch()
        yield from fetch(changes.filter(rv__in=versions[start : start + CHUNK]).order_by("rv"))


def put(state: State, rows: list[Row], known: Iterable[str]) -> None:
    for row, thing in values(rows):
        state.apply([Create(object=thing if row["uid"] in known else as_before(state, thing))])


def as_before(state: State, thing: Object) -> Object:
    """The object before the first of its changes that the journal still has."""
    if isinstance(thing, Pod):
        return replace(thing, deleted_at=None, grace_seconds=None)
    return settled(state, thing) if isinstance(thing, Kept) and thing.resource == services.SLICE else thing


def settled(state: State, kept_slice: Kept) -> Kept:
    """An EndpointSlice as its controller wrote it for the pods of `state`."""
    pods = {uid: pod for uid, pod in state.pods.items() if pod.deleted_at is None}
    listed = [
        (each, pods.get(str((each.get("targetRef") or {}).get("uid"))))
        for each in kept_slice.manifest.get("endpoints") or ()
    ]
    endpoints = [
        {**each, "conditions": {"ready": pod.ready, "serving": pod.ready, "terminating": False}}
        for each, pod in listed
        if pod is not None
    ]
    return replace(kept_slice, manifest={**kept_slice.manifest, "endpoints": endpoints})


def fetch(changes: Any) -> list[Row]:
    return list(changes.values(*COLUMNS))


def values(rows: list[Row]) -> Iterator[tuple[Row, Object]]:
    known = blueprints.read({(row["cluster_id"], row["blueprint"]) for row in rows if row["blueprint"]})
    for row in rows:
        yield row, value(row, known.get(row["blueprint"]))


def value(row: Row, blueprint: Any) -> Object:
    kind = row["kind"]
    if kind in services.RESOURCES.values():
        resource = next(each for each, its in services.RESOURCES.items() if its == kind)
        about = {"uid": row["uid"], "name": row["name"], "namespace": row["namespace"]}
        return Kept(resource=resource, manifest=row["state"]["manifest"], **about)
    if blueprint is None:
        raise journal.Gone(f"the journal does not tell {row['rv']} whole")
    if kind == "Pod":
        return blueprints.pod_of(row, blueprint)
    if kind == "ReplicaSet":
        return replicaset_value(blueprints.row_of(models.ReplicaSet, row, blueprint, None), row["namespace"])
    return deployment_value(blueprints.row_of(models.Deployment, row, blueprint, None), row["namespace"])
