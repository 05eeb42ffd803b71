"""Addresses and ports of Services, each in a row of its own, so that one index lookup tells whether a value is free."""

from collections.abc import Mapping
from typing import Any

from cluster import models

SERVICES = "services"


def values_of(manifest: Mapping[str, Any]) -> set[str]:
    """The addresses and ports of a Service that no other Service may have."""
    spec = manifest.get("spec") or {}
    addresses = [*(spec.get("clusterIPs") or ()), spec.get("clusterIP")]
    ports = [each.get("nodePort") for each in spec.get("ports") or ()]
    return {each for each in addresses if each and each != "None"} | {of_port(each) for each in ports if each}


def of_port(port: int) -> str:
    return f"port/{port}"


def is_taken(cluster: str, value: str, but_uid: str = "") -> bool:
    """Whether a Service other than `but_uid` has the value."""
    found = models.Allocation.objects.filter(cluster__name=cluster, value=value)
    return found.exclude(uid=but_uid).exists()


def taken(cluster: str) -> set[str]:
    return set(models.Allocation.objects.filter(cluster__name=cluster).values_list("value", flat=True))


def keep(row: models.KeptObject, before: Mapping[str, Any] | None = None) -> None:
    """Stores the values of a Service; `before` is its previous manifest. A value of another Service is not taken over."""
    if row.resource != SERVICES:
        return
    old, new = values_of(before or {}), values_of(row.manifest)
    if old - new:
        models.Allocation.objects.filter(cluster=row.cluster, uid=row.uid, value__in=old - new).delete()
    made = [models.Allocation(cluster=row.cluster, uid=row.uid, value=each) for each in sorted(new - old)]
    if made:
        models.Allocation.objects.bulk_create(made, ignore_conflicts=True)


def free(uids: list[str]) -> None:
    """Frees the values of deleted Services."""
    if uids:
        models.Allocation.objects.filter(uid__in=uids).delete()
