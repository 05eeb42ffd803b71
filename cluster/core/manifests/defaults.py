"""Defaults of a Deployment and a ReplicaSet per API version (pkg/apis/apps/*/defaults.go, pkg/apis/extensions)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.manifests.pod_defaults import default_pod_spec, fill, only_in_pods
from cluster.core.manifests.pod_defaults import default_template as default_template
from cluster.core.manifests.pod_defaults import pull_policy as pull_policy
from cluster.core.manifests.zeros import with_zeros
from cluster.core.objects import IntOrPercent, Manifest

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionDefaults:
    """The defaults of an API version; None: no default, which means unlimited."""

    selector_from_labels: bool
    surge: IntOrPercent
    unavailable: IntOrPercent
    history_limit: int | None
    deadline_seconds: int | None


NEWEST = VersionDefaults(
    selector_from_labels=False, surge="25%", unavailable="25%", history_limit=10, deadline_seconds=600
)
API_VERSIONS: Mapping[str, VersionDefaults] = {
    "apps/v1": NEWEST,
    "apps/v1beta2": NEWEST,
    "apps/v1beta1": VersionDefaults(
        selector_from_labels=True, surge="25%", unavailable="25%", history_limit=2, deadline_seconds=600
    ),
    "extensions/v1beta1": VersionDefaults(
        selector_from_labels=True, surge=1, unavailable=1, history_limit=None, deadline_seconds=None
    ),
}


def default_deployment(manifest: Manifest) -> Json:
    """A new manifest with every default of its apiVersion filled in. The manifest's types must be right already."""
    manifest = with_zeros(manifest, "Deployment")
    version = API_VERSIONS.get(manifest.get("apiVersion", ""), NEWEST)
    spec = dict(manifest.get("spec") or {})
    spec["template"] = default_template(spec.get("template") or {})
    metadata = dict(manifest.get("metadata") or {})
    if version.selector_from_labels:
        _take_labels(metadata, spec)
    fill(spec, replicas=1, strategy={})
    spec["strategy"] = _strategy(spec["strategy"] or {}, version)
    if version.history_limit is not None:
        fill(spec, revisionHistoryLimit=version.history_limit)
    if version.deadline_seconds is not None:
        fill(spec, progressDeadlineSeconds=version.deadline_seconds)
    return {**manifest, "metadata": metadata, "spec": spec}


def default_replicaset(manifest: Manifest) -> Json:
    """The same for a ReplicaSet (SetDefaults_ReplicaSet)."""
    manifest = with_zeros(manifest, "ReplicaSet")
    version = API_VERSIONS.get(manifest.get("apiVersion", ""), NEWEST)
    metadata, spec = dict(manifest.get("metadata") or {}), dict(manifest.get("spec") or {})
    spec["template"] = default_template(spec.get("template") or {})
    if version.selector_from_labels:
        _take_labels(metadata, spec)
    fill(spec, replicas=1)
    return {**manifest, "metadata": metadata, "spec": spec}


def default_pod(manifest: Manifest) -> Json:
    """The same for a bare pod, which gets more defaults than a template (SetDefaults_Pod)."""
    manifest = with_zeros(manifest, "Pod")
    metadata = dict(manifest.get("metadata") or {})
    return {**manifest, "metadata": metadata, "spec": only_in_pods(default_pod_spec(manifest.get("spec") or {}))}


def _take_labels(metadata: Json, spec: Json) -> None:
    """The old versions use the template's labels where selector or labels are absent."""
    labels = spec["template"]["metadata"].get("labels") or {}
    if labels and not spec.get("selector"):
        spec["selector"] = {"matchLabels": dict(labels)}
    if labels and not metadata.get("labels"):
        metadata["labels"] = dict(labels)


def _strategy(strategy: Manifest, version: VersionDefaults) -> Json:
    full = dict(strategy)
    fill(full, type="RollingUpdate")
    if full["type"] == "RollingUpdate":
        rolling = dict(full.get("rollingUpdate") or {})
        fill(rolling, maxUnavailable=version.unavailable, maxSurge=version.surge)
        full["rollingUpdate"] = rolling
    return full
