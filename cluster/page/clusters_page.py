"""The clusters that a person may see, with the states of their Deployments in miniature."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from cluster import models

MOST_CLUSTERS = 60  # on one page
MOST_DEPLOYMENTS = 12  # of each cluster
Json = dict[str, Any]


def page(names: Sequence[str], number: str) -> Page[str]:
    """Those of the page that is asked for; the nearest one where there is no such page."""
    return Paginator(sorted(names), MOST_CLUSTERS).get_page(number)


def rows(names: Sequence[str]) -> list[Json]:
    """[{name, owner, pace, deployments, more}], by name; two queries."""
    deployments, totals = defaultdict(list), defaultdict(int)
    for each in first_deployments(names):
        cluster = each["namespace__cluster_id"]
        totals[cluster] = each["total"]
        told = {"namespace": each["namespace__name"], "name": each["name"], "paused": each["paused"]}
        deployments[cluster].append({**told, **miniature(each["replicas"], each["status"])})
    found = models.Cluster.objects.filter(name__in=names).select_related("owner").order_by("name")
    return [
        {
            "name": row.name,
            "owner": row.owner,
            "pace": row.pace,
            "deployments": deployments[row.pk],
            "more": totals[row.pk] - len(deployments[row.pk]),
        }
        for row in found
    ]


def first_deployments(names: Sequence[str]) -> Any:
    """MOST_DEPLOYMENTS of each cluster, by namespace and name, each with the `total` of its cluster."""
    order = ("namespace__name", "name")
    numbered = Window(RowNumber(), partition_by=F("namespace__cluster"), order_by=order)
    total = Window(Count("pk"), partition_by=F("namespace__cluster"))
    there = models.Deployment.objects.filter(namespace__cluster__name__in=names).annotate(place=numbered, total=total)
    columns = ("namespace__cluster_id", "namespace__name", "name", "replicas", "paused", "status", "total")
    return there.filter(place__lte=MOST_DEPLOYMENTS).order_by(*order).values(*columns)


def miniature(replicas: int, status: Json) -> Json:
    """Counts of a Deployment's pods, and its state in a word."""
    available, updated = status.get("available_replicas", 0), status.get("updated_replicas", 0)
    total = status.get("replicas", 0)
    reasons = {each["type"]: (each["status"], each["reason"]) for each in status.get("conditions", [])}
    is_complete = available == updated == total == replicas
    if reasons.get("Progressing", ("", ""))[1] == "ProgressDeadlineExceeded":
        state = "stuck"
    elif reasons.get("Available", ("True", ""))[0] == "False":
        state = "below"
    else:
        state = "complete" if is_complete else "progressing"
    return {"replicas": replicas, "available": available, "updated": updated, "state": state}
