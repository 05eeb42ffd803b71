"""Addresses and ports that Services have, each in a row of its own: whether one is free is one look at an index."""

from collections.abc import Mapping
from typing import Any

from cluster import models

SERVICES = "services"


def values_of(manifest: Mapping[str, Any]) -> set[str]:
    """Of a Service: what it has alone."""
    spec = manifest.get("spec") or {}
    addresses = [*(spec.get("clusterIPs") or ()), spec.get("clusterIP")]
    ports = [each.get("nodePort") for each in spec.get("ports") or ()]
    return {each for each in addresses if each and each != "None"} | {of_port(each) for each in ports if each}


def of_port(port: int) -> str:
    return f"port/{port}"


def is_taken(cluster: str, value: str, but_uid: str = "") -> bool:
    """By another Service than that of `but_uid`."""
    found = models.Allocation.objects.filter(cluster__name=cluster, value=value)
    return found.exclude(uid=but_uid).exists()


def taken(cluster: str) -> set[str]:
    return set(models.Allocation.objects.filter(cluster__name=cluster).values_list("value", flat=True))


def keep(row: models.KeptObject, before: Mapping[str, Any] | None = None) -> None:
    """What a Service has now; `before` is its manifest until now. What another Service has stays with that one."""
    if row.resource != SERVICES:
        return
    old, new = values_of(before or {}), values_of(row.manifest)
    if old - new:
        models.Allocation.objects.filter(cluster=row.cluster, uid=row.uid, value__in=old - new).delete()
    made = [models.Allocation(cluster=row.cluster, uid=row.uid, value=each) for each in sorted(new - old)]
    if made:
        models.Allocation.objects.bulk_create(made, ignore_conflicts=True)


def free(uids: list[str]) -> None:
    """What Services had that are no more."""
    if uids:
        models.Allocation.objects.filter(uid__in=uids).delete()
