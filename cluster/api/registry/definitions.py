"""CustomResourceDefinitions: the conditions of a definition, and what becomes of its objects when it is deleted
(apiextensions-apiserver pkg/controller/status, pkg/controller/finalizer)."""

from datetime import UTC, datetime
from typing import Any

from cluster import models
from cluster.api.kept import custom
from cluster.api.registry.common import Json
from cluster.api.served import DEFINITIONS
from cluster.api.targets import Target
from cluster.core.manifests.deployments import timestamp
from cluster.records import journal
from cluster.statuses import Refused, failure

MOST_DEFINITIONS = 200
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
IN_PROGRESS = "CustomResource deletion is in progress"


def with_status(manifest: Json, target: Target, before: Json | None) -> Json:
    """With the status that its controllers would give it at once. Raises Refused for a definition too many."""
    others = others_of(target, manifest["metadata"]["name"])
    if before is None and len(others) >= MOST_DEFINITIONS:
        message = f"exceeded quota: {MOST_DEFINITIONS} definitions are the most that a cluster may have"
        raise Refused(failure(403, "Forbidden", message, kind="customresourcedefinitions"))
    status = custom.status_of(manifest, others, (before or {}).get("status") or {}, now())
    return {**manifest, "status": status}


def others_of(target: Target, name: str) -> list[Json]:
    rows = models.KeptObject.objects.filter(cluster__name=target.cluster, resource=DEFINITIONS).exclude(name=name)
    return list(rows.values_list("manifest", flat=True))


def remove_objects(definition: models.KeptObject, writer: journal.Writer) -> bool:
    """Deletes the objects of a definition; True if none is held by a finalizer."""
    free = True
    for row in objects_of(definition):
        if row.manifest["metadata"].get("finalizers"):
            free = False
            if not row.manifest["metadata"].get("deletionTimestamp"):
                write(row, {"deletionTimestamp": now(), "deletionGracePeriodSeconds": 0}, writer)
        else:
            append(row, "DELETED", writer)
            row.delete()
    return free


def terminate(definition: models.KeptObject, writer: journal.Writer) -> None:
    """It stays, and says so, until the last of its objects is gone."""
    status: Json = definition.manifest.get("status") or {}
    told = {
        "type": "Terminating",
        "status": "True",
        "lastTransitionTime": now(),
        "reason": "InstanceDeletionInProgress",
    }
    conditions = [each for each in status.get("conditions") or () if each["type"] != "Terminating"]
    told["message"] = IN_PROGRESS
    definition.manifest = {**definition.manifest, "status": {**status, "conditions": [*conditions, told]}}
    finalizers = list(dict.fromkeys([*(definition.manifest["metadata"].get("finalizers") or ()), FINALIZER]))
    write(definition, {"deletionTimestamp": now(), "finalizers": finalizers}, writer)


def finish(target: Target, writer: journal.Writer) -> None:
    """Called when an object of a custom kind has gone: its definition may have waited for that."""
    definition = definition_of(target)
    if definition is None or not definition.manifest["metadata"].get("deletionTimestamp"):
        return
    if objects_of(definition).exists():
        return
    finalizers = [each for each in definition.manifest["metadata"]["finalizers"] if each != FINALIZER]
    if finalizers:
        write(definition, {"finalizers": finalizers}, writer)
        return
    append(definition, "DELETED", writer)
    definition.delete()


def check_alive(target: Target) -> None:
    """Nothing new of a kind that is being taken away. Raises Refused (405)."""
    definition = definition_of(target)
    if definition is not None and definition.manifest["metadata"].get("deletionTimestamp"):
        message = "create not allowed while custom resource definition is terminating"
        raise Refused(failure(405, "MethodNotAllowed", message, kind=target.kind.plural, group=target.group))


def definition_of(target: Target) -> models.KeptObject | None:
    rows = models.KeptObject.objects.filter(cluster__name=target.cluster, resource=DEFINITIONS)
    return rows.filter(namespace="", name=target.kind.resource).first()


def objects_of(definition: models.KeptObject) -> Any:
    return models.KeptObject.objects.filter(cluster_id=definition.cluster_id, resource=definition.name)


def write(row: models.KeptObject, about: Json, writer: journal.Writer) -> None:
    row.manifest = {**row.manifest, "metadata": {**row.manifest["metadata"], **about}}
    append(row, "MODIFIED", writer)
    row.save(update_fields=["manifest", "resource_version"])


def append(row: models.KeptObject, verb: str, writer: journal.Writer) -> None:
    state = {"uid": row.uid, "manifest": row.manifest}
    row.resource_version = writer.append(verb, row.recorded_as, state, name=row.name, namespace=row.namespace)


def now() -> str:
    return timestamp(datetime.now(UTC).timestamp())
