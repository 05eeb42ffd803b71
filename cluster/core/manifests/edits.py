"""kubectl's edits of a Deployment, as pure functions (staging/src/k8s.io/kubectl/pkg/cmd and pkg/polymorphichelpers)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cluster.core.controllers.revisions import (
    DESIRED_REPLICAS,
    LAST_APPLIED,
    MAX_REPLICAS,
    REVISION,
    REVISION_HISTORY,
    find_new,
    has_readable_revision,
    revision_of,
    without_hash,
)
from cluster.core.manifests.defaults import default_deployment
from cluster.core.manifests.deployments import deployment_from_manifest, deployment_manifest
from cluster.core.manifests.merging import apply_patch, strategic_merge
from cluster.core.objects import Deployment, Manifest, ReplicaSet
from cluster.core.validation import decoding_status, validate_deployment, validate_update

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
SPEC_FIELDS = (
    "replicas", "selector", "template", "strategy", "max_surge", "max_unavailable", "min_ready_seconds",
    "revision_history_limit", "progress_deadline_seconds", "paused",
)  # fmt: skip
KEPT_ON_UNDO = frozenset({LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS})


class EditError(Exception):
    """Raised when an edit can't be made; the text is kubectl's."""


def set_images(deployment: Deployment, images: Mapping[str, str]) -> Deployment:
    """`images` maps container names to images; `*` means every container."""
    spec = deployment.template["spec"]
    known = {each["name"] for each in spec["containers"]} | {each["name"] for each in spec.get("initContainers") or ()}
    for name in images:
        if name != "*" and name not in known:
            raise EditError(f'error: unable to find container named "{name}"')
    changed = {
        key: [_with_image(each, images) for each in spec[key]]
        for key in ("initContainers", "containers")
        if spec.get(key)
    }
    return _with_spec(deployment, template={**deployment.template, "spec": {**spec, **changed}})


def scale(deployment: Deployment, replicas: int) -> Deployment:
    return _with_spec(deployment, replicas=replicas)


def tune(deployment: Deployment, **changes: Any) -> Deployment:
    """Changes any of the LIMITS of `verbs`."""
    return _with_spec(deployment, **changes)


def pause(deployment: Deployment) -> Deployment:
    if deployment.paused:
        raise EditError(f'error: deployments.apps "{deployment.name}" is already paused')
    return _with_spec(deployment, paused=True)


def resume(deployment: Deployment) -> Deployment:
    if not deployment.paused:
        raise EditError(f'error: deployments.apps "{deployment.name}" is not paused')
    return _with_spec(deployment, paused=False)


def restart(deployment: Deployment, at_iso: str) -> Deployment:
    """Sets a new annotation on the template, which leads to new pods."""
    if deployment.paused:
        name = deployment.name
        raise EditError(f'error: deployments.apps "{name}" can\'t restart paused deployment (run rollout resume first)')
    metadata = deployment.template.get("metadata") or {}
    before = metadata.get("annotations") or {}
    if before.get(RESTARTED_AT) == at_iso:
        raise EditError(
            "error: if restart has already been triggered within the past second, please wait before attempting to trigger another"
        )
    annotations = {**before, RESTARTED_AT: at_iso}
    template = {**deployment.template, "metadata": {**metadata, "annotations": annotations}}
    return _with_spec(deployment, template=template)


def patch(deployment: Deployment, patch: Manifest) -> Deployment:
    """The Deployment after a strategic merge patch of its manifest."""
    return _become(deployment, strategic_merge(deployment_manifest(deployment), patch))


def apply(deployment: Deployment, manifest: Manifest) -> Deployment:
    """The Deployment after `kubectl apply`: fields that neither this manifest nor the one applied last names stay as they are."""
    try:
        last = json.loads(deployment.annotations.get(LAST_APPLIED, "{}"))
    except ValueError:
        last = {}
    return patch(deployment, apply_patch(last if isinstance(last, dict) else {}, with_last_applied(manifest)))


def with_last_applied(manifest: Manifest) -> dict[str, Any]:
    """The manifest with the annotation from which the next `kubectl apply` reads what this one has set."""
    metadata = manifest["metadata"]
    given = {key: each for key, each in (metadata.get("annotations") or {}).items() if key != LAST_APPLIED}
    plain = {**manifest, "metadata": {**metadata, "annotations": given}}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    return {**plain, "metadata": {**metadata, "annotations": {**given, LAST_APPLIED: text}}}


def undo(deployment: Deployment, owned: Iterable[ReplicaSet], to_revision: int = 0) -> Deployment:
    """The Deployment with the template and annotations of a revision of its ReplicaSets; 0: the one before the newest."""
    if deployment.paused:
        command = f"kubectl rollout resume deployment/{deployment.name}"
        raise EditError(
            f"error: you cannot rollback a paused deployment; resume it first with '{command}' and try again"
        )
    target = _rollback_target(deployment, owned, to_revision)
    template = without_hash(target.template)
    kept = {key: value for key, value in deployment.annotations.items() if key in KEPT_ON_UNDO}
    copied = {key: value for key, value in target.annotations.items() if key not in KEPT_ON_UNDO}
    return replace(_with_spec(deployment, template=template), annotations={**kept, **copied})


def replace_spec(deployment: Deployment, wanted: Deployment) -> Deployment:
    """The Deployment with the labels, annotations and spec of `wanted`; status, uid and revision stay. Changed annotations
    increment the generation too (pkg/registry/apps/deployment/strategy.go)."""
    spec = {name: getattr(wanted, name) for name in SPEC_FIELDS}
    kept = {key: value for key, value in deployment.annotations.items() if key == REVISION}
    annotations = {**wanted.annotations, **kept}
    changed = _with_spec(deployment, **spec)
    if annotations != deployment.annotations:
        changed = replace(changed, generation=deployment.generation + 1)
    return replace(changed, labels=wanted.labels, annotations=annotations)


def check(before: Deployment, after: Deployment) -> None:
    """Raises EditError if the API server would refuse the edit."""
    _check(deployment_manifest(before), deployment_manifest(after))


def _become(deployment: Deployment, manifest: Manifest) -> Deployment:
    """The Deployment after a change of its manifest. Raises EditError if the manifest is not valid."""
    problem = decoding_status(manifest)
    if problem:
        raise EditError(f"error: {problem['message']}")
    full = default_deployment(manifest)
    _check(deployment_manifest(deployment), full)
    return replace_spec(deployment, deployment_from_manifest(full, uid=deployment.uid, now=deployment.created_at))


def _check(old: Manifest, new: Manifest) -> None:
    errors = [*validate_deployment(new), *validate_update(old, new)]
    if errors:
        raise EditError(f'error: The Deployment "{old["metadata"]["name"]}" is invalid: {"; ".join(map(str, errors))}')


def _rollback_target(deployment: Deployment, owned: Iterable[ReplicaSet], to_revision: int) -> ReplicaSet:
    """The ReplicaSet of the revision; with 0 that of the second highest, whether or not the present template has a ReplicaSet
    (rollback.go, deploymentRevision)."""
    if to_revision < 0:
        raise EditError(f"revision must be a positive integer: {to_revision}")
    found = [each for each in owned if has_readable_revision(each)]
    current = find_new(deployment, found)
    ordered = sorted(found, key=lambda each: (-revision_of(each), each is current))
    if to_revision > 0:
        target = next((each for each in ordered if revision_of(each) == to_revision), None)
        if target is None:
            raise EditError(f"error: unable to find specified revision {to_revision} in history")
        return target
    if len(ordered) < 2:
        raise EditError(f'error: no rollout history found for deployment "{deployment.name}"')
    return ordered[1]


def _with_image(container: Mapping[str, Any], images: Mapping[str, str]) -> dict[str, Any]:
    image = images.get(container["name"], images.get("*"))
    return {**container, "image": image} if image is not None else dict(container)


def _with_spec(deployment: Deployment, **changes: Any) -> Deployment:
    """Changes the spec, and increments the generation if the spec differs."""
    changed = replace(deployment, **changes)
    if all(getattr(changed, name) == getattr(deployment, name) for name in SPEC_FIELDS):
        return deployment
    return replace(changed, generation=deployment.generation + 1)


def with_pre_stop(template: Manifest, seconds: int) -> Manifest:
    """The pod template with a preStop hook in each container that sleeps for so many seconds; 0: without the hook."""
    spec = template.get("spec") or {}
    return {
        **template,
        "spec": {**spec, "containers": [pre_stopping(each, seconds) for each in spec.get("containers") or ()]},
    }


def pre_stopping(container: Manifest, seconds: int) -> Manifest:
    lifecycle = {key: each for key, each in (container.get("lifecycle") or {}).items() if key != "preStop"}
    if seconds:
        lifecycle["preStop"] = {"sleep": {"seconds": seconds}}
    others = {key: each for key, each in container.items() if key != "lifecycle"}
    return {**others, **({"lifecycle": lifecycle} if lifecycle else {})}
