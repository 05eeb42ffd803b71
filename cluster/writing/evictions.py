"""Evicting pods within their disruption budgets (pkg/registry/core/pod/storage/eviction.go)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cluster import models
from cluster.core.objects import Change, Pod, Update
from cluster.core.policies import budgets, evictions
from cluster.records import journal, kept
from cluster.records.loading import Loaded, load_part
from cluster.spaces import Space
from cluster.statuses import Refused, failure, not_found
from cluster.writing import writes

Stop = Callable[[Loaded, Pod], list[Change]]


def evict(space: Space, name: str, stop: Stop, *, actor: str) -> writes.Result:
    """Deletes a pod by calling `stop`, and counts the disruption in its budget. Raises Refused: 429 while the budget does not
    allow a disruption."""
    with journal.exclusive(space.cluster) as cluster:
        uid = (
            models.Pod.objects.filter(namespace=writes.find_namespace(space), name=name)
            .values_list("pk", flat=True)
            .first()
        )
        if uid is None:
            raise Refused(not_found("pods", name))
        loaded = load_part(cluster, pods=[uid])
        pod = loaded.state.pods[uid]
        rules = kept.rules(cluster, namespace=space.namespace, resource=budgets.RESOURCE)
        covering = [each for each in rules if budgets.covers(each.manifest, pod.labels)]
        try:
            evicted = evictions.evict(pod, covering, loaded.now)
        except evictions.NotEvicted as error:
            raise Refused(refusal(error)) from error
        counted: list[Change] = [Update(object=evicted.budget)] if evicted.budget else []
        gone = stop(loaded, replace(pod, disruption=evicted.disruption))
        return writes.write(loaded, [*counted, *gone], f"pod/{name} evicted", actor=actor)


def refusal(error: evictions.NotEvicted) -> dict[str, Any]:
    reason = {429: "TooManyRequests", 403: "Forbidden"}.get(error.code, "")
    status = failure(error.code, reason, str(error), retryAfterSeconds=error.retry_seconds)
    if error.cause:
        details = status.setdefault("details", {})
        details["causes"] = [{"reason": "DisruptionBudget", "message": error.cause}]
    elif error.code == 403:
        status["details"] = {"name": error.budget, "group": "policy", "kind": "poddisruptionbudget"}
    return status
