"""Conversion between core values and manifests as the API shows them."""

from datetime import UTC, datetime
from typing import Any

from cluster.core.controllers.revisions import REVISION
from cluster.core.manifests.null_times import told_template
from cluster.core.objects import Deployment, Manifest

Json = dict[str, Any]


def deployment_from_manifest(manifest: Manifest, *, uid: str, now: float) -> Deployment:
    """A Deployment from a defaulted, valid manifest."""
    metadata, spec = manifest["metadata"], manifest["spec"]
    rolling = spec["strategy"].get("rollingUpdate") or {}
    return Deployment(
        uid=uid,
        name=metadata["name"],
        namespace=metadata.get("namespace") or "default",
        api_version=manifest["apiVersion"],
        labels=dict(metadata.get("labels") or {}),
        annotations=dict(metadata.get("annotations") or {}),
        created_at=now,
        finalizers=tuple(metadata.get("finalizers") or ()),
        replicas=spec["replicas"],
        selector=spec["selector"],
        template=spec["template"],
        strategy=spec["strategy"]["type"],
        max_surge=rolling.get("maxSurge", "25%"),
        max_unavailable=rolling.get("maxUnavailable", "25%"),
        min_ready_seconds=spec.get("minReadySeconds") or 0,
        revision_history_limit=spec.get("revisionHistoryLimit"),
        progress_deadline_seconds=spec.get("progressDeadlineSeconds"),
        paused=bool(spec.get("paused")),
    )


def deployment_manifest(deployment: Deployment) -> Json:
    """The object in the API version that it was written in, without its status."""
    metadata = {
        "name": deployment.name,
        "namespace": deployment.namespace,
        "uid": deployment.uid,
        "generation": deployment.generation,
        "creationTimestamp": timestamp(deployment.created_at),
        "labels": dict(deployment.labels),
        "annotations": dict(deployment.annotations),
    }
    return {
        "apiVersion": deployment.api_version,
        "kind": "Deployment",
        "metadata": {key: value for key, value in metadata.items() if value != {}},
        "spec": deployment_spec(deployment),
    }


def deployment_spec(deployment: Deployment) -> Json:
    optional = {
        "minReadySeconds": deployment.min_ready_seconds or None,
        "paused": deployment.paused or None,
        "revisionHistoryLimit": deployment.revision_history_limit,
        "progressDeadlineSeconds": deployment.progress_deadline_seconds,
    }
    strategy: Json = {"type": deployment.strategy}
    if deployment.strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {
            "maxSurge": deployment.max_surge,
            "maxUnavailable": deployment.max_unavailable,
        }
    return {
        "replicas": deployment.replicas,
        "selector": deployment.selector,
        "template": told_template(deployment.template),
        "strategy": strategy,
        **{key: value for key, value in optional.items() if value is not None},
    }


def editable(deployment: Deployment) -> Json:
    """The manifest that a person edits: without uid, generation and whatever controllers write."""
    manifest = deployment_manifest(deployment)
    metadata = {
        key: manifest["metadata"][key] for key in ("name", "namespace", "labels") if manifest["metadata"].get(key)
    }
    annotations = {key: value for key, value in deployment.annotations.items() if key != REVISION}
    if annotations:
        metadata["annotations"] = annotations
    return {**manifest, "metadata": metadata}


def timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
