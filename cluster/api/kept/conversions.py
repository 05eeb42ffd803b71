"""Conversion of kinds whose versions have different fields: HorizontalPodAutoscaler, stored as autoscaling/v2 and also served as
v1 (pkg/apis/autoscaling/v1/conversion.go)."""

import json
from typing import Any

Json = dict[str, Any]
OLD, NEW = "autoscaling/v1", "autoscaling/v2"
PREFIX = "autoscaling.alpha.kubernetes.io/"
METRICS, CURRENT = f"{PREFIX}metrics", f"{PREFIX}current-metrics"
CONDITIONS, BEHAVIOR = f"{PREFIX}conditions", f"{PREFIX}behavior"
TARGET = "targetCPUUtilizationPercentage"


def stored(manifest: Json) -> Json:
    """The manifest in the stored version."""
    if (manifest.get("apiVersion"), manifest.get("kind")) != (OLD, "HorizontalPodAutoscaler"):
        return manifest
    metadata, spec = dict(manifest.get("metadata") or {}), dict(manifest.get("spec") or {})
    annotations = dict(metadata.get("annotations") or {})
    others = read(annotations.pop(METRICS, None), [])
    behavior = read(annotations.pop(BEHAVIOR, None), None)
    percent = spec.pop(TARGET, None)
    target = {"type": "Utilization", "averageUtilization": percent}
    own = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}] if percent is not None else []
    if own or others:
        spec["metrics"] = [*others, *own]
    if behavior is not None:
        spec["behavior"] = behavior
    annotations = {key: each for key, each in annotations.items() if key not in (CURRENT, CONDITIONS)}
    return {**manifest, "apiVersion": NEW, "metadata": annotated(metadata, annotations), "spec": spec}


def shown(manifest: Json, api_version: str) -> Json:
    """A stored autoscaler in v1: fields that v1 does not have become annotations."""
    if api_version != OLD or manifest["apiVersion"] != NEW:
        return manifest
    spec, status = dict(manifest.get("spec") or {}), dict(manifest.get("status") or {})
    annotations = dict(manifest["metadata"].get("annotations") or {})
    metrics = spec.pop("metrics", None) or []
    cpu = next((each for each in metrics if is_of_cpu(each)), None)
    if cpu:
        spec[TARGET] = cpu["resource"]["target"]["averageUtilization"]
    told = {
        METRICS: [each for each in metrics if each is not cpu],
        BEHAVIOR: spec.pop("behavior", None),
        CURRENT: status.pop("currentMetrics", None),
        CONDITIONS: status.pop("conditions", None),
    }
    annotations |= {key: json.dumps(each, separators=(",", ":")) for key, each in told.items() if each}
    found = {**manifest, "apiVersion": OLD, "metadata": annotated(manifest["metadata"], annotations), "spec": spec}
    return {**found, "status": status} if "status" in manifest else found


def is_of_cpu(metric: Json) -> bool:
    resource = metric.get("resource") or {}
    target = resource.get("target") or {}
    return metric.get("type") == "Resource" and resource.get("name") == "cpu" and "averageUtilization" in target


def annotated(metadata: Json, annotations: Json) -> Json:
    plain = {key: each for key, each in metadata.items() if key != "annotations"}
    return {**plain, "annotations": annotations} if annotations else plain


def read(text: str | None, otherwise: Any) -> Any:
    """The value of an annotation; `otherwise` if it is missing or not JSON."""
    try:
        return json.loads(text) if text else otherwise
    except ValueError:
        return otherwise
