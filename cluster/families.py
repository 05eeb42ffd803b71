"""Which family an object belongs to: the one that could adopt it, else one of its own. A pass sees one family, so what
Kubernetes' controllers could adopt must be in it before they look (pkg/controller/controller_ref_manager.go)."""

from collections.abc import Mapping
from typing import Any

from cluster import models
from cluster.core.selectors import matches

Labels = Mapping[str, str]


def home_of(space: models.Namespace, kind: str, labels: Labels) -> models.Family:
    """Of an object without an owner. A ReplicaSet may belong to a Deployment, a pod to a ReplicaSet."""
    found = adopter(space, kind, labels)
    if found is None:
        return models.Family.objects.create(namespace=space, due=0.0)
    return of_key(found)


def adopter(space: models.Namespace, kind: str, labels: Labels) -> int | None:
    """The family with a controller that selects such labels; the oldest, if there are several."""
    owners: Any = models.Deployment if kind == "ReplicaSet" else models.ReplicaSet
    rows = owners.objects.filter(namespace=space, deleted_at=None).order_by("created_at", "name")
    return next(
        (family for family, selector in rows.values_list("family", "selector") if matches(selector, labels)), None
    )


def gather_replicasets(family: models.Family, selector: Mapping[str, Any]) -> int:
    """Moves ReplicaSets without an owner, with their pods, to the new Deployment that will adopt them; returns how many."""
    rows = models.ReplicaSet.objects.filter(namespace=family.namespace, owner_uid=None, deleted_at=None)
    found = [row for row in rows.exclude(family=family).order_by("created_at", "name") if matches(selector, row.labels)]
    due_now({row.family_id for row in found})
    for number, row in enumerate(found, start=1):
        models.ReplicaSet.objects.filter(pk=row.pk).update(family=family, number=number)
        models.Pod.objects.filter(owner_uid=row.pk).update(family=family)
    return len(found)


def gather_pods(family: models.Family, selector: Mapping[str, Any]) -> None:
    """Moves pods without an owner to the new ReplicaSet that will adopt them."""
    rows = models.Pod.objects.filter(namespace=family.namespace, owner_uid=None, deleted_at=None).exclude(family=family)
    found = [
        (pk, home) for pk, home, labels in rows.values_list("pk", "family", "labels") if matches(selector, labels or {})
    ]
    due_now({home for _, home in found})
    models.Pod.objects.filter(pk__in=[pk for pk, _ in found]).update(family=family)


def due_now(families: set[int]) -> None:
    """One that is empty is cleared away at its next pass."""
    models.Family.objects.filter(pk__in=families).update(due=0.0)


def of_key(pk: int) -> models.Family:
    """With its namespace and cluster; to be read under the cluster's lock."""
    return models.Family.objects.select_related("namespace__cluster").get(pk=pk)
