"""What a client writes besides a spec: statuses, and rollbacks of the old API versions (pkg/apis/apps/validation)."""

from cluster.core.objects import Manifest
from cluster.core.validation.errors import Errors, FieldError, invalid, required
from cluster.core.validation.metadata import annotations
from cluster.core.validation.resources import NOT_NEGATIVE

DEPLOYMENT_COUNTS = (
    "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas",
    "terminatingReplicas", "collisionCount",
)  # fmt: skip
REPLICASET_COUNTS = (
    "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "terminatingReplicas", "observedGeneration",
)  # fmt: skip


def validate_deployment_status(old: Manifest, new: Manifest) -> list[FieldError]:
    """The errors of a new status; `old` is the stored one."""
    found = [*_counts(new, DEPLOYMENT_COUNTS), *_at_most_replicas(new, "updatedReplicas")]
    before, after = old.get("collisionCount"), new.get("collisionCount")
    if before is not None and (after is None or after < before):
        found.append(invalid("status.collisionCount", after or 0, "cannot be decremented"))
    return found


def validate_replicaset_status(status: Manifest) -> list[FieldError]:
    return [*_counts(status, REPLICASET_COUNTS), *_at_most_replicas(status, "fullyLabeledReplicas")]


def _counts(status: Manifest, keys: tuple[str, ...]) -> Errors:
    for key in keys:
        if (status.get(key) or 0) < 0:
            yield invalid(f"status.{key}", status[key], NOT_NEGATIVE)


def _at_most_replicas(status: Manifest, also: str) -> Errors:
    replicas, ready, available = (status.get(key) or 0 for key in ("replicas", "readyReplicas", "availableReplicas"))
    for key in (also, "readyReplicas", "availableReplicas"):
        if (status.get(key) or 0) > replicas:
            yield invalid(f"status.{key}", status[key], "cannot be greater than status.replicas")
    if available > ready:
        yield invalid("status.availableReplicas", available, "cannot be greater than readyReplicas")


def validate_rollback(rollback: Manifest) -> list[FieldError]:
    """The errors of a DeploymentRollback of the old API versions."""
    found = [*annotations(rollback.get("updatedAnnotations") or {}, "updatedAnnotations")]
    if not rollback.get("name"):
        found.append(required("name", "name is required"))
    revision = (rollback.get("rollbackTo") or {}).get("revision") or 0
    if revision < 0:
        found.append(invalid("rollback.version", revision, NOT_NEGATIVE))
    return found
