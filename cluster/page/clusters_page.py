"""The clusters that a person may see, with the states of their Deployments in miniature."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from cluster import models

MOST_DEPLOYMENTS = 12
Json = dict[str, Any]


def rows(names: Sequence[str]) -> list[Json]:
    """[{name, owner, pace, deployments, more}], by name; three queries."""
    found = models.Cluster.objects.filter(name__in=names).select_related("owner")
    deployments = defaultdict(list)
    columns = ("namespace__cluster__name", "namespace__name", "name", "replicas", "paused", "status")
    for cluster, namespace, name, replicas, paused, status in (
        models.Deployment.objects.filter(namespace__cluster__name__in=names)
        .order_by("namespace__name", "name")
        .values_list(*columns)
    ):
        deployments[cluster].append(
            {"namespace": namespace, "name": name, **miniature(replicas, status), "paused": paused}
        )
    return [
        {
            "name": row.name,
            "owner": row.owner,
            "pace": row.pace,
            "old_versions": row.old_versions,
            "deployments": deployments[row.name][:MOST_DEPLOYMENTS],
            "more": max(len(deployments[row.name]) - MOST_DEPLOYMENTS, 0),
        }
        for row in found
    ]


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
