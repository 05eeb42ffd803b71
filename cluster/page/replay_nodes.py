"""The node usage during a recorded rollout: the frames that the nodes' socket would have sent."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Max

from cluster import models, statuses
from cluster.core.scheduling.requested import Amount, amount_of
from cluster.live.nodes import in_lists, row
from cluster.page import history, rollouts, sharing, stretches
from cluster.page.stretches import Stretch
from cluster.records import blueprints, journal, past, requested
from cluster.records.requested import NODE, POD, Known, News, Stale

BUDGET_SECONDS = 30.0
MOST_CHANGES = 20_000  # of the cluster's pods and nodes during the rollout; the frames end there
MOST_PODS = 20_000
shared = sharing.Shared()
Json = dict[str, Any]


def of_rollout(cluster: str, rv: int) -> list[Json]:
    """The frames, each with the `rv` and the time `at` from which it holds; the first one has all nodes. Raises Refused, also
    after BUDGET_SECONDS; empty for a rollout that was pinned before they were kept."""
    pinned = rollouts.pinned_rollout(cluster, rv)
    if pinned is not None:
        return pinned.film.get("nodes") or []
    stretch = stretches.recorded(cluster, rv)
    found: list[Json] = shared.get(
        stretch.place, lambda: stretch.newest_rv, lambda: compute(stretch), patience=BUDGET_SECONDS
    )
    return found


def compute(stretch: Stretch) -> list[Json]:
    pods = models.Pod.objects.filter(namespace__cluster=stretch.cluster).count()
    if pods > MOST_PODS:
        message = f"the cluster has {pods:,} pods, a replay of its nodes takes {MOST_PODS:,} at most"
        raise statuses.Refused(statuses.bad_request(message))
    try:
        with journal.reading():
            return list(frames(stretch))
    except (journal.Gone, Stale) as gone:
        raise statuses.Refused(
            statuses.failure(410, "Expired", f"the journal does not tell it whole: {gone}")
        ) from gone


def frames(stretch: Stretch) -> Iterator[Json]:
    budget = sharing.Budget(BUDGET_SECONDS, "the replay of the nodes")
    owners, known = asked_of(stretch), known_at(stretch, budget)
    rows = [row(known, name, owners) for name in sorted(known.nodes)]
    first = {"all": True, "nodes": rows, "asks": in_lists(owners), "budgets": []}
    yield {"rv": stretch.since, "at": stretch.began, **first}
    left = MOST_CHANGES
    for changes in past.chunks_between(place_of(stretch), stretch.since, stretch.end_rv):
        budget.check()
        requested.read_blueprints(known, {each["blueprint"] for each in changes if each["kind"] == POD})
        for change in changes[:left]:
            yield from frame(known, change, owners)
        left -= len(changes)
        if left <= 0:
            return


def frame(known: Known, change: past.Row, owners: dict[str, Amount]) -> Iterator[Json]:
    """The frame for a change that affects the nodes' sums; none for others."""
    news = News()
    requested.take(known, change, news)
    told = [row(known, name, owners) for name in sorted(news.nodes & known.nodes.keys())]
    gone = sorted(news.nodes - known.nodes.keys())
    if told or gone:
        parts = (("nodes", told), ("gone", gone))
        yield {"rv": change["rv"], "at": change["at"], **{key: each for key, each in parts if each}}


def place_of(stretch: Stretch) -> past.Place:
    return past.Place(cluster=stretch.cluster, kinds=(NODE, POD))


def known_at(stretch: Stretch, budget: sharing.Budget) -> Known:
    """The nodes and pods just before the rollout."""
    cluster, unchanged = stretch.cluster, {"resource_version__lte": stretch.since}
    known = Known(key=cluster.pk, rv=stretch.since)
    nodes = models.Node.objects.filter(cluster=cluster, **unchanged)
    known.nodes = {each.name: requested.node_facts(each) for each in nodes}
    requested.put_pods(known, models.Pod.objects.filter(namespace__cluster=cluster, **unchanged))
    rows, _ = past.changed_since(place_of(stretch), stretch.since, budget.check)
    requested.read_blueprints(known, {each["blueprint"] for each in rows if each["kind"] == POD})
    for each in rows:
        requested.take(known, {**each, "verb": "ADDED"}, News())
    return known


def asked_of(stretch: Stretch) -> dict[str, Amount]:
    """The requests of a pod of each of the Deployment's ReplicaSets, including deleted ones."""
    rows = models.ReplicaSet.objects.filter(owner_uid=stretch.uid).values_list("uid", "template")
    found = {uid: amount_of(template.get("spec") or {}) for uid, template in rows}
    own = history.changes_of(stretch.cluster.pk, stretch.uid).filter(kind="ReplicaSet", rv__lte=stretch.end_rv)
    lasts = own.order_by().values("uid").annotate(last=Max("rv")).values("last")
    digests = dict(own.filter(rv__in=lasts).exclude(uid__in=found).values_list("uid", "blueprint"))
    known = blueprints.read({(stretch.cluster.pk, each) for each in digests.values()})
    gone = {uid: known[digest]["template"].get("spec") or {} for uid, digest in digests.items() if digest in known}
    return found | {uid: amount_of(spec) for uid, spec in gone.items()}
