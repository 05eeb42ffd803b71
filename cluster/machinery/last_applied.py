"""`kubectl apply` before and after server-side apply: the annotation in which the client kept the applied configuration.

Upstream: apimachinery pkg/util/managedfields/internal lastappliedmanager.go and lastappliedupdater.go. Both functions are used
for the manager "kubectl" only.
"""

import json

from cluster.machinery.fields import NOTHING, FieldSet
from cluster.machinery.schemas import Json, Schema
from cluster.machinery.typed import compare, field_set

KUBECTL = "kubectl"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MAX_ANNOTATION_BYTES = 256 * 1024


def taken_over(live: Json, schema: Schema) -> FieldSet:
    """The fields that client-side apply set and that have not changed since: no conflict when kubectl sets them."""
    try:
        given = json.loads(live["metadata"]["annotations"][LAST_APPLIED])
    except (KeyError, TypeError, ValueError):
        return NOTHING
    if not isinstance(given, dict) or given.get("apiVersion") != live.get("apiVersion"):
        return NOTHING
    changes = compare(given, live, schema)
    return field_set(given, schema) - changes.modified - changes.added - changes.removed


def with_annotation(manifest: Json, config: Json) -> Json:
    """The object with its annotation, if it has one, updated to the configuration applied now. Drops the annotation if all would
    exceed MAX_ANNOTATION_BYTES."""
    annotations = manifest.get("metadata", {}).get("annotations") or {}
    if not annotations.get(LAST_APPLIED):
        return manifest
    kept = {**annotations, LAST_APPLIED: text_of(config)}
    if sum(len(key) + len(value) for key, value in kept.items()) > MAX_ANNOTATION_BYTES:
        del kept[LAST_APPLIED]
    if kept == annotations:
        return manifest
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": kept}}


def text_of(config: Json) -> str:
    """The configuration as the annotation's text: compact, sorted, on one line."""
    metadata = {key: value for key, value in config.get("metadata", {}).items() if key != "managedFields"}
    if metadata.get("annotations"):
        metadata["annotations"] = {key: value for key, value in metadata["annotations"].items() if key != LAST_APPLIED}
    return (
        json.dumps({**config, "metadata": metadata}, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"
    )
