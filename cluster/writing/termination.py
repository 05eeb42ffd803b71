"""Deletes the content of terminating namespaces, then the namespaces (pkg/controller/namespace/deletion). The worker calls
`sweep` after each pass over a cluster, under the cluster's lock."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cluster import models
from cluster.core.controllers import garbage
from cluster.core.controllers.replicaset import terminate
from cluster.core.objects import Change, Deployment, ReplicaSet
from cluster.records import journal
from cluster.records import kept as records
from cluster.records.apply import apply
from cluster.records.loading import load_part
from cluster.records.prepared import Prepared
from cluster.writing import namespaces

MOST_AT_ONCE = 2_000  # objects of a kind in one sweep; the next pass continues
ACTOR = "namespace-controller"
Json = dict[str, Any]
Announce = Callable[[str, int], None]
# Conditions: type, reason and message without a failure; then the types for what remains.
DISCOVERED = ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered")
PARSED = (
    "NamespaceDeletionGroupVersionParsingFailure",
    "ParsedGroupVersions",
    "All legacy kube types successfully parsed",
)
DELETED = (
    "NamespaceDeletionContentFailure",
    "ContentDeleted",
    "All content successfully deleted, may be waiting on finalization",
)
REMAINING, FINALIZERS = "NamespaceContentRemaining", "NamespaceFinalizersRemaining"
FINALIZED = ("ContentHasNoFinalizers", "All content-preserving finalizers finished")
GOING = Prepared(
    lambda key: models.Namespace.objects.filter(cluster_id=key, deleted__isnull=False).order_by("name"), int
)


def sweep(cluster: models.Cluster, announce: Announce | None = None) -> bool:
    """Continues the deletion of terminating namespaces; True if anything changed. `cluster`: the locked row."""
    changed = [row.name for row in GOING(cluster.pk) if go_on(cluster, row, announce)]
    return bool(changed)


def go_on(cluster: models.Cluster, row: models.Namespace, announce: Announce | None) -> bool:
    changed = delete_content(cluster, row, announce)
    counts, finalizers = remaining(row)
    if not counts:
        namespaces.remove(row, actor=ACTOR)
        return True
    conditions = with_times(row.conditions, conditions_of(counts, finalizers))
    if conditions != row.conditions:
        row.conditions = conditions
        namespaces.record(row, "MODIFIED", actor=ACTOR)
        row.save(update_fields=["conditions", "resource_version"])
        return True
    return changed


def delete_content(cluster: models.Cluster, row: models.Namespace, announce: Announce | None) -> bool:
    """Requests the deletion of content where that is not done yet: pods have their grace period, kept objects their
    finalizers."""
    alive: Json = {"deleted_at": None}
    loaded = load_part(
        cluster,
        deployments=list(row.deployments.filter(**alive).values_list("pk", flat=True)[:MOST_AT_ONCE]),
        replicasets=list(row.replicasets.filter(**alive).values_list("pk", flat=True)[:MOST_AT_ONCE]),
        pods=list(row.pods.filter(**alive).values_list("pk", flat=True)[:MOST_AT_ONCE]),
    )
    state, now = loaded.state, loaded.now
    replicasets = (each for each in state.replicasets.values() if each.deleted_at is None)
    owners: list[Deployment | ReplicaSet] = [*state.deployments.values(), *replicasets]
    gone: list[Change] = [garbage.delete(each, "Background", now) for each in owners]
    kept_specs = garbage.keep_specs(gone, state)
    pods = [uid for uid, each in state.pods.items() if each.deleted_at is None]
    kept = models.KeptObject.objects.filter(cluster=cluster, namespace=row.name)[:MOST_AT_ONCE]
    with journal.write(cluster.name, row.name, actor=ACTOR, wall=time.time(), announce=announce) as writer:
        before = writer.head
        apply(loaded, [*kept_specs, *gone], writer)
        loaded.state.apply([*kept_specs, *gone])
        apply(loaded, [change for uid in pods for change in terminate(state.pods[uid], now)], writer)
        for each in kept:
            delete_kept(each, writer)
        return writer.head > before


def delete_kept(row: models.KeptObject, writer: journal.Writer) -> None:
    metadata = row.manifest["metadata"]
    if not metadata.get("finalizers"):
        records.delete(writer, row)
    elif not metadata.get("deletionTimestamp"):
        when = {"deletionTimestamp": moment(), "deletionGracePeriodSeconds": 0}
        records.update(writer, row, {**row.manifest, "metadata": {**metadata, **when}})


def remaining(row: models.Namespace) -> tuple[Counter[str], Counter[str]]:
    """(remaining objects by resource, in upstream's notation; remaining objects by finalizer)."""
    counts: Counter[str] = Counter()
    for resource, found in (
        ("pods.", row.pods), ("replicasets.apps", row.replicasets), ("deployments.apps", row.deployments),
    ):  # fmt: skip
        counts[resource] += found.count()
    finalizers: Counter[str] = Counter()
    kept = models.KeptObject.objects.filter(cluster=row.cluster, namespace=row.name)
    for resource, manifest in kept.values_list("resource", "manifest")[:MOST_AT_ONCE]:
        counts[resource if "." in resource else f"{resource}."] += 1
        finalizers.update(manifest["metadata"].get("finalizers") or ())
    return +counts, finalizers


def conditions_of(counts: Counter[str], finalizers: Counter[str]) -> list[Json]:
    told = [(kind, "False", reason, message) for kind, reason, message in (DISCOVERED, PARSED, DELETED)]
    listed = ", ".join(f"{resource} has {number} resource instances" for resource, number in sorted(counts.items()))
    told.append((REMAINING, "True", "SomeResourcesRemain", f"Some resources are remaining: {listed}"))
    if finalizers:
        held = ", ".join(f"{name} in {number} resource instances" for name, number in sorted(finalizers.items()))
        text = f"Some content in the namespace has finalizers remaining: {held}"
        told.append((FINALIZERS, "True", "SomeFinalizersRemain", text))
    else:
        told.append((FINALIZERS, "False", *FINALIZED))
    return [dict(zip(("type", "status", "reason", "message"), each, strict=True)) for each in told]


def with_times(before: list[Json], told: list[Json]) -> list[Json]:
    """A condition keeps its lastTransitionTime while its status is the same."""
    known = {each["type"]: each for each in before}
    now = moment()
    found = []
    for each in told:
        old = known.get(each["type"], {})
        since = old["lastTransitionTime"] if old.get("status") == each["status"] else now
        found.append({"type": each["type"], "status": each["status"], "lastTransitionTime": since, **each})
    return found


def moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
