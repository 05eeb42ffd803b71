"""A cluster's nodes and the resources requested of them: read from rows once, then kept up to date from the journal."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import orjson

from cluster import models
from cluster.core.nodes.reported import is_external
from cluster.core.objects import Manifest
from cluster.core.policies import budgets
from cluster.core.scheduling.pods import ZONE
from cluster.core.scheduling.requested import Amount, Place, Requested, amount_of
from cluster.core.scheduling.resources import amounts, resources
from cluster.core.scheduling.scheduler import FINISHED
from cluster.core.scheduling.taints import UNSCHEDULABLE
from cluster.records import journal, kept
from cluster.spaces import Space

MOST_CHANGES = 5_000  # more are not read one by one
MOST_BLUEPRINTS = 4_096
NODE, POD, BUDGET = "Node", "Pod", "PodDisruptionBudget"
FOLLOWED = (NODE, POD, "Deployment", "ReplicaSet", BUDGET)
CHANGE_FIELDS = ("verb", "kind", "uid", "name", "state", "blueprint")
Json = dict[str, Any]


class Stale(Exception):
    """Raised when the journal can't bring the known nodes up to date: everything must be read again."""


@dataclass(kw_only=True)
class Known:
    """`key` of the cluster, `rv` of its journal; `nodes` by name, as sent to browsers; `asked`: the requests of one pod, by the
    digest of its blueprint."""

    key: int
    rv: int
    nodes: dict[str, Json] = field(default_factory=dict)
    requested: Requested = field(default_factory=Requested)
    asked: dict[str, Amount] = field(default_factory=dict)


@dataclass(kw_only=True)
class News:
    """`nodes`: the names of nodes that were changed, added or deleted, or whose sums changed. `kinds`: other kinds that
    changed."""

    nodes: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)


def load(cluster: str) -> Known:
    """Four queries, whatever the cluster's size. Raises Refused (404)."""
    with journal.reading():
        key, _, head = journal.bounds_of(cluster)
        known = Known(key=key, rv=head)
        known.nodes = {row.name: node_facts(row) for row in models.Node.objects.filter(cluster=key).order_by("name")}
        put_pods(known, models.Pod.objects.filter(namespace__cluster=key))
    return known


def put_pods(known: Known, rows: Any) -> None:
    """Adds the requests of the pods that have a node and are not finished."""
    templates = dict(models.ReplicaSet.objects.filter(namespace__cluster=known.key).values_list("uid", "template"))
    amount_by_owner: dict[str, Amount] = {}
    placed = rows.exclude(node="").exclude(phase__in=FINISHED)
    for uid, node, owner_uid, spec in placed.order_by().values_list("uid", "node", "owner_uid", "spec"):
        owner = owner_uid or ""
        if spec is None and owner not in amount_by_owner:
            amount_by_owner[owner] = amount_of(templates.get(owner, {}).get("spec") or {})
        known.requested.put(uid, Place(node, owner, amount_by_owner[owner] if spec is None else amount_of(spec)))


def catch_up(cluster: str, known: Known) -> News:
    """Applies the journal's changes since. Raises Stale, and Refused (404)."""
    key, tail, head = journal.bounds_of(cluster)
    if key != known.key or not tail <= known.rv <= head:
        raise Stale
    news = News()
    if head == known.rv:
        return news
    rows = models.Change.objects.filter(cluster=key, rv__gt=known.rv, rv__lte=head, kind__in=FOLLOWED).order_by("rv")
    changes = list(rows.values(*CHANGE_FIELDS)[: MOST_CHANGES + 1])
    if len(changes) > MOST_CHANGES:
        raise Stale
    read_blueprints(known, {each["blueprint"] for each in changes if each["kind"] == POD})
    for change in changes:
        take(known, change, news)
    known.rv = head
    return news


def take(known: Known, change: Mapping[str, Any], news: News) -> None:
    kind, state, is_gone = change["kind"], change["state"], change["verb"] == "DELETED"
    if kind == POD:
        news.nodes |= take_pod(known, change, state, is_gone=is_gone)
    elif kind == NODE:
        news.nodes.add(change["name"])
        if is_gone:
            known.nodes.pop(change["name"], None)
        else:
            known.nodes[change["name"]] = node_facts(SimpleNamespace(**state))
    else:
        news.kinds.add(kind)


def take_pod(known: Known, change: Mapping[str, Any], state: Mapping[str, Any], *, is_gone: bool) -> set[str]:
    if is_gone or not state.get("node") or state["phase"] in FINISHED:
        return known.requested.drop(change["uid"])
    place = Place(state["node"], state["owner_uid"] or "", known.asked[change["blueprint"]])
    return known.requested.put(change["uid"], place)


def read_blueprints(known: Known, digests: Collection[str]) -> None:
    """Reads each blueprint once; raises Stale if one is deleted."""
    if len(known.asked) > MOST_BLUEPRINTS:
        known.asked.clear()
    missing = [each for each in digests if each not in known.asked]
    rows = models.Blueprint.objects.filter(cluster=known.key, digest__in=missing).values_list("digest", "value")
    for digest, text in rows if missing else ():
        value = orjson.loads(text)
        known.asked[digest] = amount_of(value["spec"] or value["template"].get("spec") or {})
    if any(each not in known.asked for each in missing):
        raise Stale


def node_facts(row: Any) -> Json:
    """The properties of a node that do not depend on its pods; empty ones are left out."""
    has = resources(amounts(row.allocatable))
    facts = {
        "zone": row.labels.get(ZONE, ""),
        "unschedulable": row.unschedulable,
        "external": is_external(row.annotations),
        "taints": [written(each) for each in row.taints if each["key"] != UNSCHEDULABLE.key],
    }
    allocatable = [has.cpu, has.memory, row.slots]
    return {"name": row.name, "allocatable": allocatable, **{key: value for key, value in facts.items() if value}}


def written(taint: Manifest) -> str:
    """A taint as kubectl describe prints it: dedicated=web:NoSchedule, spot:NoExecute (Taint.ToString)."""
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint['key']}{value}:{taint.get('effect') or ''}".removesuffix(":")


def asks(space: Space, deployment: str) -> dict[str, Amount]:
    """The requests of a pod of each of a Deployment's ReplicaSets, by the ReplicaSet's uid. Where admission may add to pods (a
    LimitRange), the requests of the newest pod with a spec of its own."""
    owner = models.Deployment.objects.filter(
        namespace__cluster__name=space.cluster, namespace__name=space.namespace, name=deployment
    ).values_list("pk", "namespace__limited")
    uid, is_limited = owner.first() or ("", False)
    rows = models.ReplicaSet.objects.filter(owner_uid=uid).order_by("number") if uid else ()
    found = {row.uid: amount_of(row.template.get("spec") or {}) for row in rows}
    if is_limited:
        found |= {each: amount_of(spec) for each, spec in own_specs(found)}
    return found


def own_specs(owners: Iterable[str]) -> list[tuple[str, Manifest]]:
    """The spec of the newest pod with a spec of its own, for each owner that has one."""
    rows = models.Pod.objects.filter(spec__isnull=False).order_by("-created_at").values_list("spec", flat=True)
    newest = ((owner, rows.filter(owner_uid=owner).first()) for owner in owners)
    return [(owner, spec) for owner, spec in newest if spec is not None]


def budgets_of(space: Space, deployment: str) -> list[Json]:
    """The PodDisruptionBudgets that cover the pods of a Deployment's template, with the disruptions now allowed."""
    rows = models.Deployment.objects.filter(
        namespace__cluster__name=space.cluster, namespace__name=space.namespace, name=deployment
    )
    row = rows.select_related("namespace__cluster").first()
    if row is None:
        return []
    labels = row.template.get("metadata", {}).get("labels", {})
    rules = kept.rules(row.namespace.cluster, namespace=space.namespace, resource=budgets.RESOURCE)
    return [budget(each.name, each.manifest) for each in rules if budgets.covers(each.manifest, labels)]


def budget(name: str, manifest: Manifest) -> Json:
    status = budgets.status_of(manifest)
    return {
        "name": name,
        "allowed": status.get("disruptionsAllowed", 0),
        "healthy": status.get("currentHealthy", 0),
        "desired": status.get("desiredHealthy", 0),
    }
