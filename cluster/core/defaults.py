"""Defaults of a Deployment per API version, and of its pod template (pkg/apis/*/defaults.go)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.objects import IntOrPercent, Manifest

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionDefaults:
    """What a version fills in; None: nothing, which means unlimited."""

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
    version = API_VERSIONS.get(manifest.get("apiVersion", ""), NEWEST)
    spec = dict(manifest.get("spec") or {})
    template = default_template(spec.get("template") or {})
    labels = (template.get("metadata") or {}).get("labels") or {}
    spec["template"] = template
    if version.selector_from_labels and not spec.get("selector") and labels:
        spec["selector"] = {"matchLabels": dict(labels)}
    _fill(spec, replicas=1, strategy={})
    spec["strategy"] = _strategy(spec["strategy"] or {}, version)
    if version.history_limit is not None:
        _fill(spec, revisionHistoryLimit=version.history_limit)
    if version.deadline_seconds is not None:
        _fill(spec, progressDeadlineSeconds=version.deadline_seconds)
    metadata = dict(manifest.get("metadata") or {})
    if version.selector_from_labels and not metadata.get("labels") and labels:
        metadata["labels"] = dict(labels)
    return {**manifest, "metadata": metadata, "spec": spec}


def default_template(template: Manifest) -> Json:
    spec = dict(template.get("spec") or {})
    for key in ("initContainers", "containers"):
        if spec.get(key):
            spec[key] = [_container(each) for each in spec[key]]
    _fill(
        spec,
        restartPolicy="Always",
        terminationGracePeriodSeconds=30,
        dnsPolicy="ClusterFirst",
        securityContext={},
        schedulerName="default-scheduler",
    )
    metadata = {"creationTimestamp": None, **(template.get("metadata") or {})}
    return {**template, "metadata": metadata, "spec": spec}


def _strategy(strategy: Manifest, version: VersionDefaults) -> Json:
    full = dict(strategy)
    _fill(full, type="RollingUpdate")
    if full["type"] == "RollingUpdate":
        rolling = dict(full.get("rollingUpdate") or {})
        _fill(rolling, maxUnavailable=version.unavailable, maxSurge=version.surge)
        full["rollingUpdate"] = rolling
    return full


def _container(container: Manifest) -> Json:
    full = dict(container)
    if full.get("ports"):
        full["ports"] = [{**each, "protocol": each.get("protocol") or "TCP"} for each in full["ports"]]
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if full.get(probe):
            full[probe] = _probe(full[probe])
    _fill(
        full,
        resources={},
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy=pull_policy(full.get("image") or ""),
    )
    return full


def _probe(probe: Manifest) -> Json:
    full = dict(probe)
    if full.get("httpGet"):
        full["httpGet"] = {**full["httpGet"], "scheme": full["httpGet"].get("scheme") or "HTTP"}
        _fill(full["httpGet"], path="/")
    _fill(full, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    return full


def pull_policy(image: str) -> str:
    """Always for :latest and for no tag at all."""
    name = image.rsplit("/", 1)[-1]
    tagged = "@" in name or ":" in name
    return "Always" if not tagged or name.endswith(":latest") else "IfNotPresent"


def _fill(holder: Json, **defaults: Any) -> None:
    for key, value in defaults.items():
        if holder.get(key) is None:
            holder[key] = value
