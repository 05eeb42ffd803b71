"""CustomResourceDefinitions: the conditions of a definition, and the deletion of its objects with it (apiextensions-apiserver
pkg/controller/status, pkg/controller/finalizer)."""

from datetime import UTC, datetime
from typing import Any

from cluster import models
from cluster.api.kept import custom
from cluster.api.registry.common import Json
from cluster.api.served import DEFINITIONS
from cluster.api.targets import Target
from cluster.core.manifests.deployments import timestamp
from cluster.records import journal, kept
from cluster.statuses import Refused, failure
from cluster.writing import capacity

MOST_DEFINITIONS = 200
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
IN_PROGRESS = "CustomResource deletion is in progress"


def with_status(manifest: Json, target: Target, before: Json | None) -> Json:
    """The definition with the status that its controllers would set. Raises Refused if there are too many definitions."""
    others = others_of(target, manifest["metadata"]["name"])
    if before is None and len(others) >= MOST_DEFINITIONS:
        whose = f'the cluster "{target.cluster}"'
        capacity.check(
            DEFINITIONS, manifest["metadata"]["name"], whose, "definitions", 1, len(others), MOST_DEFINITIONS
        )
    status = custom.status_of(manifest, others, (before or {}).get("status") or {}, now())
    return {**manifest, "status": status}


def others_of(target: Target, name: str) -> list[Json]:
    rows = models.KeptObject.objects.filter(cluster__name=target.cluster, resource=DEFINITIONS).exclude(name=name)
    return list(rows.values_list("manifest", flat=True))


def remove_objects(definition: models.KeptObject, writer: journal.Writer) -> bool:
    """Deletes the objects of a definition; True if none is kept by a finalizer."""
    free = True
    for row in objects_of(definition):
        if row.manifest["metadata"].get("finalizers"):
            free = False
            if not row.manifest["metadata"].get("deletionTimestamp"):
                write(row, {"deletionTimestamp": now(), "deletionGracePeriodSeconds": 0}, writer)
        else:
            kept.delete(writer, row)
    return free


def terminate(definition: models.KeptObject, writer: journal.Writer) -> None:
    """Marks a definition as Terminating; it stays until the last of its objects is gone."""
    status: Json = definition.manifest.get("status") or {}
    told = {
        "type": "Terminating",
        "status": "True",
        "lastTransitionTime": now(),
        "reason": "InstanceDeletionInProgress",
    }
    conditions = [each for each in status.get("conditions") or () if each["type"] != "Terminating"]
    told["message"] = IN_PROGRESS
    finalizers = list(dict.fromkeys([*(definition.manifest["metadata"].get("finalizers") or ()), FINALIZER]))
    metadata = {**definition.manifest["metadata"], "deletionTimestamp": now(), "finalizers": finalizers}
    new = {"metadata": metadata, "status": {**status, "conditions": [*conditions, told]}}
    kept.update(writer, definition, {**definition.manifest, **new})


def finish(target: Target, writer: journal.Writer) -> None:
    """Called after an object of a custom kind was deleted: if the kind's definition waited for its last object, removes FINALIZER
    and, unless other finalizers are left, the definition."""
    definition = definition_of(target)
    if definition is None or not definition.manifest["metadata"].get("deletionTimestamp"):
        return
    if objects_of(definition).exists():
        return
    finalizers = [each for each in definition.manifest["metadata"]["finalizers"] if each != FINALIZER]
    if finalizers:
        write(definition, {"finalizers": finalizers}, writer)
        return
    kept.delete(writer, definition)


def check_alive(target: Target) -> None:
    """Refuses new objects of a kind whose definition is being deleted. Raises Refused (405)."""
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
    kept.update(writer, row, {**row.manifest, "metadata": {**row.manifest["metadata"], **about}})


def now() -> str:
    return timestamp(datetime.now(UTC).timestamp())
