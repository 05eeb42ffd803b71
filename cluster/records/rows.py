"""Conversions between values and the columns of their rows, and statements that write many rows at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

import orjson
from django.db import DatabaseError, connection
from django.db.models import DateTimeField, JSONField

from cluster import models
from cluster.core.objects import Deployment, IntOrPercent, Manifest, Node, Pod, ReplicaSet
from cluster.records import states
from cluster.records.sharing import shared

# Columns with the same names and values as the fields.
SHARED = (
    "uid", "name", "generation", "labels", "annotations", "created_at", "deleted_at", "replicas", "selector", "template",
    "min_ready_seconds",
)  # fmt: skip
OF_DEPLOYMENT = (
    "api_version", "strategy", "revision_history_limit", "progress_deadline_seconds", "paused", "replicasets_created",
)  # fmt: skip
OF_REPLICASET = ("number", "owner_uid", "pods_created")
OF_POD = (
    "owner_uid", "created_at", "deleted_at", "node", "phase", "ready", "ready_since", "started_at", "reason", "message",
    "restarts", "attempts", "stage", "next_at", "grace_seconds", "scheduled_at", "nominated_node",
)  # fmt: skip
OF_POD_ENCODED = (
    "labels", "annotations", "spec", "finalizers", "containers", "disruption", "reported", "client_conditions",
)  # fmt: skip
POD_COLUMNS = ("uid", "name", *OF_POD, *OF_POD_ENCODED)
HOT_COLUMNS = (*OF_POD, *OF_POD_ENCODED, "resource_version")
EVENT_COLUMNS = (
    "uid", "name", "namespace_id", "kind", "object_uid", "object_name", "type", "reason", "message",
    "source", "count", "first_seen", "last_seen", "at", "why", "resource_version",
)  # fmt: skip
ROWS_AT_ONCE = 50
WRITTEN_ONCE = ("created", "namespace")
CONVERTED = (JSONField, DateTimeField)
read_pod = attrgetter(*OF_POD)
Columns = dict[str, Any]
Adapt = Callable[[Any, Any], Any]


def deployment_value(row: models.Deployment, namespace: str) -> Deployment:
    return Deployment(
        namespace=namespace,
        finalizers=tuple(row.finalizers),
        max_surge=int_or_percent(row.max_surge),
        max_unavailable=int_or_percent(row.max_unavailable),
        status=states.deployment_status(row.status),
        **{**columns_of(row, SHARED, OF_DEPLOYMENT), "template": shared(row.template)},
    )


def replicaset_value(row: models.ReplicaSet, namespace: str) -> ReplicaSet:
    return ReplicaSet(
        namespace=namespace,
        finalizers=tuple(row.finalizers),
        status=states.replicaset_status(row.status),
        **{**columns_of(row, SHARED, OF_REPLICASET), "template": shared(row.template)},
    )


def columns_of(thing: Any, *names: tuple[str, ...]) -> Columns:
    """The named attributes of a row or a value."""
    return {name: getattr(thing, name) for group in names for name in group}


def pod_value(values: Iterable[Any], namespace: str, replicasets: Mapping[str, ReplicaSet]) -> Pod:
    """A pod from the values of POD_COLUMNS. Labels and annotations that are null are those of its ReplicaSet's template."""
    columns = dict(zip(POD_COLUMNS, values, strict=True))
    owner = replicasets.get(columns["owner_uid"])
    metadata = owner.template.get("metadata", {}) if owner else {}
    for name in ("labels", "annotations"):
        if columns[name] is None:
            columns[name] = metadata.get(name, {})
    columns["finalizers"] = tuple(columns["finalizers"] or ())
    columns["client_conditions"] = tuple(columns["client_conditions"] or ())
    columns["containers"] = states.containers_value(columns["containers"] or ())
    columns["disruption"] = states.disruption(columns["disruption"])
    return Pod(namespace=namespace, **columns)


def node_value(row: models.Node) -> Node:
    return Node(
        name=row.name,
        labels=row.labels,
        taints=tuple(row.taints),
        slots=row.slots,
        allocatable=shared(row.allocatable),
        unschedulable=row.unschedulable,
        images=tuple(row.images),
        is_external=row.is_external,
    )


def deployment_columns(value: Deployment, beyond: Columns) -> Columns:
    """All columns of its row. `beyond`: those for which the value has no field."""
    return {
        **shared_columns(value),
        **columns_of(value, OF_DEPLOYMENT),
        "max_surge": str(value.max_surge),
        "max_unavailable": str(value.max_unavailable),
        **beyond,
    }


def replicaset_columns(value: ReplicaSet, beyond: Columns) -> Columns:
    return {**shared_columns(value), **columns_of(value, OF_REPLICASET), **beyond}


def shared_columns(value: Deployment | ReplicaSet) -> Columns:
    own = {"finalizers": list(value.finalizers), "status": states.status_json(value.status)}
    return {**columns_of(value, SHARED), **own}


def hot_columns(pod: Pod, template: Manifest, rv: int) -> tuple[Any, ...]:
    """The values of HOT_COLUMNS; labels and annotations are null where they are the template's."""
    metadata = template.get("metadata", {})
    return (
        *read_pod(pod),
        json_unless(pod.labels, metadata.get("labels", {})),
        json_unless(pod.annotations, metadata.get("annotations", {})),
        json_unless(pod.spec, None),
        json_unless(pod.finalizers, ()),
        json_unless(states.containers_state(pod), []),
        json_unless(pod.disruption, None),
        json_unless(pod.reported, None),
        json_unless(pod.client_conditions, ()),
        rv,
    )


def json_unless(value: Any, default: Any) -> str | None:
    return None if value == default else orjson.dumps(value).decode()


def save(model: type[models.ClusterObject], columns: Columns, *, born: bool) -> None:
    """Inserts a new row; updates an existing one except for the columns WRITTEN_ONCE."""
    sql, places = statement(model, born=born)
    values = [adapt(columns[name], connection) if adapt else columns[name] for name, adapt in places]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        if cursor.rowcount != 1:
            raise DatabaseError(f"{model.__name__} {columns['uid']} is not there to be written")


@cache
def statement(model: type[models.ClusterObject], *, born: bool) -> tuple[str, list[tuple[str, Adapt | None]]]:
    """(SQL, the column and the conversion of each of its parameters; None: the value is written as it is)."""
    table, key = model._meta.db_table, model._meta.pk
    fields = model._meta.concrete_fields
    if born:
        names, places = ", ".join(str(each.column) for each in fields), ", ".join(["%s"] * len(fields))
        return f"INSERT INTO {table} ({names}) VALUES ({places})", adapted(fields)
    again = [each for each in fields if not each.primary_key and each.name not in WRITTEN_ONCE]
    names = ", ".join(f"{each.column} = %s" for each in again)
    return f"UPDATE {table} SET {names} WHERE {key.column} = %s", adapted((*again, key))


def adapted(fields: Iterable[Any]) -> list[tuple[str, Adapt | None]]:
    return [(each.attname, each.get_db_prep_save if isinstance(each, CONVERTED) else None) for each in fields]


def insert_pods(rows: Sequence[Sequence[Any]]) -> None:
    """Rows of uid, name, the HOT_COLUMNS, the namespace's key and the creation time."""
    insert("cluster_pod", ("uid", "name", *HOT_COLUMNS, "namespace_id", "created"), rows)


def update_pods(rows: Sequence[Sequence[Any]]) -> None:
    """Rows of the HOT_COLUMNS and the uid. executemany over scalar columns: tens of times faster than bulk_update
    (docs/performance.md)."""
    if rows:
        places = ", ".join(f"{column} = %s" for column in HOT_COLUMNS)
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE cluster_pod SET {places} WHERE uid = %s", rows)


def write_events(rows: Sequence[Sequence[Any]]) -> None:
    """Rows of the EVENT_COLUMNS. An existing event gets the new count, message and times."""
    news = ", ".join(
        f"{column} = excluded.{column}" for column in ("count", "message", "last_seen", "at", "why", "resource_version")
    )
    insert("cluster_event", EVENT_COLUMNS, rows, f" ON CONFLICT (uid) DO UPDATE SET {news}")


def insert(table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]], on_conflict: str = "") -> None:
    """On SQLite ROWS_AT_ONCE in a statement, which takes two thirds of the time of as many statements, and the rest one by one.
    On PostgreSQL one by one: the driver sends them without waiting for answers, and one statement for many is slower."""
    if not rows:
        return
    whole = len(rows) - len(rows) % ROWS_AT_ONCE if connection.vendor == "sqlite" else 0
    with connection.cursor() as cursor:
        for start in range(0, whole, ROWS_AT_ONCE):
            values = chain.from_iterable(rows[start : start + ROWS_AT_ONCE])
            cursor.execute(insertion(table, columns, ROWS_AT_ONCE, on_conflict), list(values))
        if whole < len(rows):
            cursor.executemany(insertion(table, columns, 1, on_conflict), rows[whole:])


@cache
def insertion(table: str, columns: tuple[str, ...], count: int, on_conflict: str) -> str:
    """The statement for `count` rows."""
    places = f"({', '.join(['%s'] * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([places] * count)}{on_conflict}"


def write_nodes(cluster: models.Cluster, nodes: Mapping[str, Node]) -> None:
    for name, node in nodes.items():
        row = models.Node.objects.filter(cluster=cluster, name=name)
        row.update(images=list(node.images))


@lru_cache(maxsize=1024)
def as_column(moment: datetime) -> Any:
    """A parameter for statements that Django does not compile. Cached, as the rows of a pass share a few times."""
    return connection.ops.adapt_datetimefield_value(moment)


def int_or_percent(text: str) -> IntOrPercent:
    return text if text.endswith("%") else int(text)


@lru_cache(maxsize=1024)
def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
