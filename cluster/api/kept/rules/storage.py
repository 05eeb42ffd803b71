"""Volumes and claims (pkg/apis/core/validation)."""

from cluster.api.kept.rules.shared import Json
from cluster.core.manifests import quantities
from cluster.core.validation.errors import Errors, forbidden, invalid, required


def claim(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    amount = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if amount is None:
        yield required("spec.resources[storage]")
    elif quantities.nanos(str(amount)) <= 0:
        yield invalid("spec.resources[storage]", str(amount), "must be greater than zero")


def volume(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    if not spec.get("accessModes"):
        yield required("spec.accessModes")
    if not spec.get("capacity"):
        yield required("spec.capacity")


def same_claim(old: Json, new: Json) -> Errors:
    before, after = old.get("spec") or {}, new.get("spec") or {}
    for key in ("accessModes", "storageClassName", "volumeName", "volumeMode", "selector"):
        if before.get(key) is not None and before.get(key) != after.get(key):
            detail = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
            yield forbidden("spec", detail)
            return
