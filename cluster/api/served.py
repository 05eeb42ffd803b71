"""The kinds that a cluster serves: the built-in ones, the old API versions if enabled, and those of its
CustomResourceDefinitions."""

import threading
from collections import OrderedDict

from django.db.models import Count, Max, Min

from cluster import models
from cluster.api.kept import custom
from cluster.api.kinds import MODERN, SERVED, Kind, Table

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
MOST_TABLES = 64
Stamp = tuple[bool, int, int, str, str]  # with uids, as a database may be restored to an older state
_tables: OrderedDict[int, tuple[Stamp, Table]] = OrderedDict()  # by cluster key, least recently used first
_lock = threading.Lock()


def find(cluster: str, group: str, version: str, plural: str) -> Kind | None:
    """Kinds that every cluster serves are found without a query."""
    return MODERN.find(group, version, plural) or table_of(cluster).find(group, version, plural)


def table_of(cluster: str) -> Table:
    """Three queries at most; the table is rebuilt when the definitions have changed."""
    row = models.Cluster.objects.filter(name=cluster).values_list("pk", "old_versions").first()
    if row is None:
        return MODERN
    pk, old = row
    rows = models.KeptObject.objects.filter(cluster_id=pk, resource=DEFINITIONS)
    newest, count, first, last = rows.aggregate(Max("resource_version"), Count("pk"), Min("uid"), Max("uid")).values()
    if not count:
        return SERVED if old else MODERN
    stamp = (old, newest, count, first, last)
    with _lock:
        kept = _tables.get(pk)
        if kept and kept[0] == stamp:
            _tables.move_to_end(pk)
            return kept[1]
    made = made_of(list(rows.order_by("name").values_list("manifest", flat=True)), old=old)
    with _lock:
        _tables[pk] = stamp, made
        _tables.move_to_end(pk)
        while len(_tables) > MOST_TABLES:
            _tables.popitem(last=False)
    return made


def made_of(definitions: list[custom.Json], *, old: bool) -> Table:
    established = [each for each in definitions if custom.is_established(each)]
    return custom.with_definitions(SERVED if old else MODERN, established)
