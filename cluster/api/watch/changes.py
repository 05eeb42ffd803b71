"""The journal's changes for watches: each with the whole object after it, and the object's former state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max, Min

from cluster import models
from cluster.api import reading
from cluster.api.printers import manifests
from cluster.api.targets import Target
from cluster.core.objects import ReplicaSet
from cluster.records import blueprints, journal, states

Json = dict[str, Any]
COLUMNS = (
    "rv",
    "verb",
    "kind",
    "namespace",
    "uid",
    "name",
    "state",
    "blueprint",
    "before",
    "root",
    "wall",
    "cluster_id",
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One change. `before`: the former values of labels and selectable fields that it changed; `previous`: the object before it,
    if needed."""

    rv: int
    verb: str
    manifest: Json
    before: Json | None = None
    previous: Json | None = None


def since(
    target: Target,
    rv: int,
    *,
    upto: int | None = None,
    limit: int = 1000,
    selected: bool = False,
    of: int | None = None,
) -> tuple[list[Item], int]:
    """At most `limit` changes of a kind's objects after rv, oldest first, and the version up to which they are complete.
    `selected`: with the objects' previous states. `of`: the key of the cluster to which rv belongs. Raises journal.Gone."""
    with journal.reading():
        _, tail, newest = journal.bounds_of(target.cluster, of)
        head = newest if upto is None else upto
        rows = fetch(of_kind(target).filter(rv__gt=rv, rv__lte=head).order_by("rv")[:limit])
        if rv < tail:
            raise journal.Gone(f"too old resource version: {rv} ({tail})")
        earlier = previous(rows) if selected else {}
        items = [
            Item(row["rv"], row["verb"], whole, row["before"], earlier.get(row["rv"])) for row, whole in wholes(rows)
        ]
    return items, rows[-1]["rv"] if len(rows) == limit else max(head, rv)


def at(target: Target, rv: int) -> list[Json]:
    """The objects as they were at rv, which must not be newer than the journal. Raises journal.Gone."""
    with journal.reading():
        found = [each for each in reading.read(target) if int(each["metadata"]["resourceVersion"]) <= rv]
        later = of_kind(target).filter(rv__gt=rv).values("uid").annotate(first=Min("rv"))
        firsts = {each["first"] for each in later}
        born = set(of_kind(target).filter(rv__in=firsts, verb="ADDED").values_list("uid", flat=True))
        changed = {each["uid"] for each in later} - born
        lasts = of_kind(target).filter(rv__lte=rv, uid__in=changed).values("uid").annotate(last=Max("rv"))
        rows = fetch(of_kind(target).filter(rv__in={each["last"] for each in lasts}))
        if rv < journal.tail(target.cluster) or changed - {row["uid"] for row in rows}:
            raise journal.Gone(f"the journal does not reach back to {rv}")
        found += [whole for row, whole in wholes(rows) if row["verb"] != "DELETED"]
    return sorted(found, key=reading.sort_key)


def any_since(target: Target, rv: int) -> bool:
    """Whether these objects have changed since rv, or the journal no longer has the changes since."""
    return rv < journal.tail(target.cluster) or of_kind(target).filter(rv__gt=rv).exists()


def of_kind(target: Target) -> Any:
    changes = models.Change.objects.filter(cluster__name=target.cluster, kind=target.kind.recorded_as)
    return changes.filter(namespace=target.namespace) if target.namespace and target.kind.namespaced else changes


def fetch(changes: Any) -> list[Row]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in changes.values_list(*COLUMNS)]


def previous(rows: list[Row]) -> dict[int, Json]:
    """rv -> the object just before that change, for changes that a selector may depend on."""
    found: dict[int, Row] = {}
    last: dict[str, Row] = {}
    for row in rows:
        if row["before"]:
            earlier = last.get(row["uid"]) or before(row)
            if earlier:
                found[row["rv"]] = earlier
        last[row["uid"]] = row
    wanted = {each["rv"]: each for each in found.values()}
    made = {row["rv"]: whole for row, whole in wholes(list(wanted.values()))}
    return {rv: made[each["rv"]] for rv, each in found.items() if each["rv"] in made}


def before(row: Row) -> Row | None:
    """The object's change before this one; `root` is used as it is indexed."""
    own = models.Change.objects.filter(cluster_id=row["cluster_id"], root=row["root"], uid=row["uid"])
    return next(iter(fetch(own.filter(rv__lt=row["rv"]).order_by("-rv")[:1])), None)


def wholes(rows: list[Row]) -> Iterable[tuple[Row, Json]]:
    known = blueprints.read({(row["cluster_id"], row["blueprint"]) for row in rows if row["blueprint"]})
    for row in rows:
        yield row, WHOLE.get(row["kind"], kept)(row, known.get(row["blueprint"]))


def deployment(row: Row, blueprint: Json | None) -> Json:
    made = blueprints.row_of(models.Deployment, row, needed(row, blueprint), moment(row["state"]["created"]))
    return manifests.deployment(made, row["namespace"])


def replicaset(row: Row, blueprint: Json | None) -> Json:
    known = needed(row, blueprint)
    state = {**row["state"], "status": {"conditions": [], **row["state"]["status"]}}
    made = blueprints.row_of(models.ReplicaSet, {**row, "state": state}, known, moment(state["created"]))
    return manifests.replicaset(made, row["namespace"], known["owner"])


def pod(row: Row, blueprint: Json | None) -> Json:
    known, state = needed(row, blueprint), row["state"]
    value = blueprints.pod_of(row, known)
    owner = None
    if known["owner"]:
        owner = ReplicaSet(
            uid=state["owner_uid"], name=known["owner"], namespace=row["namespace"], template=known["template"]
        )
    owners = known.get("managed_fields")
    return manifests.pod(value, owner, created=moment(state["created"]), rv=row["rv"], managed_fields=owners)


def namespace(row: Row, blueprint: Json | None) -> Json:  # noqa: ARG001 the shape of WHOLE
    state = row["state"]
    deleted = moment(state["deleted"]) if "deleted" in state else None
    return manifests.namespace(
        models.Namespace(**described(row), deleted=deleted, conditions=state.get("conditions", []))
    )


def node(row: Row, blueprint: Json | None) -> Json:  # noqa: ARG001
    state = row["state"]
    own = {name: state[name] for name in states.NODE_COLUMNS if name in state}
    return manifests.node(models.Node(**described(row), **own))


def described(row: Row) -> Json:
    state = row["state"]
    told = ("uid", "name", "labels", "annotations", "managed_fields")
    if not state.keys() >= set(told):
        raise journal.Gone(f"the journal does not tell {row['rv']} whole")
    return {**{name: state[name] for name in told}, "created": moment(state["created"]), "resource_version": row["rv"]}


def event(row: Row, blueprint: Json | None) -> Json:  # noqa: ARG001 the shape of WHOLE
    state = row["state"]
    told = ("uid", "kind", "object_uid", "object_name", "type", "reason", "message", "source", "count", "at")
    made = models.Event(
        **{name: state[name] for name in told},
        name=row["name"],
        first_seen=moment(state["first_seen"]),
        last_seen=moment(state["last_seen"]),
        resource_version=row["rv"],
    )
    return manifests.event(made, row["namespace"])


WHOLE = {
    "Deployment": deployment,
    "ReplicaSet": replicaset,
    "Pod": pod,
    "Event": event,
    "Namespace": namespace,
    "Node": node,
}


def kept(row: Row, blueprint: Json | None) -> Json:  # noqa: ARG001
    return reading.at_version(row["state"]["manifest"], row["rv"])


def needed(row: Row, blueprint: Json | None) -> Json:
    """The blueprint. Raises journal.Gone for a change without one, as old journals have."""
    if blueprint is None:
        raise journal.Gone(f"the journal does not tell {row['rv']} whole")
    return blueprint


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
