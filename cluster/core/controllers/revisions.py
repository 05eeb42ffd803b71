"""Revisions: which ReplicaSet is the new one, its number, its annotations, and which old ones are kept
(pkg/controller/deployment/sync.go and util/deployment_util.go)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cluster.core import names
from cluster.core.controllers import conditions
from cluster.core.controllers.rolling_limits import max_surge, new_replicas
from cluster.core.controllers.step import Conflict, Step, SyncError
from cluster.core.manifests.template_hash import template_hash
from cluster.core.objects import Deployment, Explanation, Manifest, ReplicaSet
from cluster.core.selectors import with_label

HASH_LABEL = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
ROLLBACK_TO = "deprecated.deployment.rollback.to"
NOT_COPIED = frozenset({LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, ROLLBACK_TO})
RESOURCE, CREATE_ERROR = "replicasets.apps", "ReplicaSetCreateError"
HISTORY_CHARACTERS = 2000
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def sync_revision(step: Step, *, create: bool) -> tuple[ReplicaSet | None, list[ReplicaSet]]:
    """Returns (new, old): the ReplicaSet of the Deployment's template, created with `create`, else None if missing; and the
    others, oldest first."""
    new = find_new(step.deployment, step.owned())
    old = [each for each in step.owned() if new is None or each.uid != new.uid]
    revision = max((revision_of(each) for each in old), default=0) + 1
    if new is not None:
        return _take_existing(step, new, revision), old
    return (_create_new(step, old, revision) if create else None), old


def find_new(deployment: Deployment, replicasets: Iterable[ReplicaSet]) -> ReplicaSet | None:
    """The first of the ReplicaSets, given oldest first, whose template equals the Deployment's except for the hash label."""
    wanted = without_hash(deployment.template)
    return next((each for each in replicasets if without_hash(each.template) == wanted), None)


def without_hash(template: Manifest) -> Manifest:
    metadata = template.get("metadata") or {}
    labels = metadata.get("labels") or {}
    if HASH_LABEL not in labels:
        return template
    kept = {key: value for key, value in labels.items() if key != HASH_LABEL}
    return {**template, "metadata": {**metadata, "labels": kept}}


def revision_of(thing: Deployment | ReplicaSet) -> int:
    """The revision in the annotation; 0 where it is missing or not a number."""
    return read_integer(thing.annotations.get(REVISION, "")) or 0


def has_readable_revision(thing: ReplicaSet) -> bool:
    """Whether the annotated revision is a number; a missing one counts as 0."""
    text = thing.annotations.get(REVISION, "")
    return not text or read_integer(text) is not None


def read_integer(text: str) -> int | None:
    """The integer that Go's strconv reads from the text; None where it is none."""
    return int(text) if INTEGER.fullmatch(text) else None


def list_revisions(owned: Iterable[ReplicaSet]) -> list[tuple[int, ReplicaSet]]:
    """A Deployment's ReplicaSets as (revision, ReplicaSet), lowest revision first."""
    return sorted(((revision_of(each), each) for each in owned), key=lambda pair: pair[0])


def replicas_annotations(deployment: Deployment) -> dict[str, str]:
    desired = deployment.replicas
    return {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(desired + max_surge(deployment))}


def clean_up_old(step: Step, old: Iterable[ReplicaSet]) -> None:
    """Deletes the oldest revisions beyond revisionHistoryLimit that have no pods left."""
    limit = step.deployment.revision_history_limit
    alive = oldest_first(each for each in old if each.deleted_at is None)
    if limit is None:
        return
    for each in alive[: max(len(alive) - limit, 0)]:
        if each.status.replicas == 0 and each.replicas == 0 and each.generation <= each.status.observed_generation:
            numbers = {"old": len(alive), "limit": limit, "name": each.name}
            text = f"{len(alive)} old ReplicaSets exist, revisionHistoryLimit keeps {limit}: {each.name} is the oldest"
            step.delete_replicaset(each, Explanation(rule="history-limit", inputs=numbers, text=text))


def oldest_first(replicasets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Lowest revision first (ReplicaSetsByRevision)."""
    return sorted(replicasets, key=revision_of)


def _take_existing(step: Step, new: ReplicaSet, revision: int) -> ReplicaSet:
    deployment = step.deployment
    annotations = _annotations_for(deployment, new.annotations, revision)
    if annotations != new.annotations or new.min_ready_seconds != deployment.min_ready_seconds:
        return step.update_replicaset(
            replace(new, annotations=annotations, min_ready_seconds=deployment.min_ready_seconds)
        )
    noted = _note_revision(deployment, new.annotations.get(REVISION, ""))
    if has_deadline(deployment) and conditions.find(deployment.status.conditions, conditions.PROGRESSING) is None:
        noted = _note_progress(noted, "FoundNewReplicaSet", f'Found new replica set "{new.name}"', step.now)
    if noted != deployment:
        step.update_deployment(noted)
    return new


def _create_new(step: Step, old: list[ReplicaSet], revision: int) -> ReplicaSet:
    new = _new_replicaset(step, revision)
    _ask(step, new)
    _avoid_collision(step, new.name)
    size = new_replicas(step.deployment, [*old, new], new)
    new = replace(new, replicas=size.replicas)
    step.create_replicaset(new, size.why)
    if new.replicas > 0:
        step.emit("ScalingReplicaSet", f"Scaled up replica set {new.name} from 0 to {new.replicas}", size.why)
    deployment = _note_revision(step.deployment, str(revision))
    if has_deadline(deployment):
        deployment = _note_progress(
            deployment, "NewReplicaSetCreated", f'Created new replica set "{new.name}"', step.now
        )
    step.update_deployment(deployment)
    return new


def _ask(step: Step, new: ReplicaSet) -> None:
    """Raises SyncError where a quota that counts ReplicaSets is used up. The Deployment gets an event and a condition, and the
    key is retried."""
    there = len(step.state.replicasets_in(new.namespace))
    problem = step.state.rules.object_refusal(new.namespace, RESOURCE, there)
    if not problem:
        return
    message = f'Failed to create new replica set "{new.name}": {RESOURCE} "{new.name}" is forbidden: {problem}'
    deployment = step.deployment
    if has_deadline(deployment) and deployment.uid not in step.outdated:
        failed = conditions.make(conditions.PROGRESSING, "False", CREATE_ERROR, message, step.now)
        status = replace(deployment.status, conditions=conditions.put(deployment.status.conditions, failed))
        if status != deployment.status:
            step.update_deployment(replace(deployment, status=status))
    step.emit(CREATE_ERROR, message, None, "Warning")
    raise SyncError(message, step.changes)


def _avoid_collision(step: Step, name: str) -> None:
    """Where a ReplicaSet with this name exists already, increments the collision count, which is part of the hash, and
    raises Conflict."""
    if step.state.named("ReplicaSet", step.deployment.namespace, name):
        status = step.deployment.status
        status = replace(status, collision_count=(status.collision_count or 0) + 1)
        step.update_deployment(replace(step.deployment, status=status))
        raise Conflict(step.changes)


def _new_replicaset(step: Step, revision: int) -> ReplicaSet:
    deployment = step.deployment
    number = deployment.replicasets_created + 1
    digest = template_hash(
        deployment.template, api_version=deployment.api_version, collision_count=deployment.status.collision_count
    )
    template = _with_hash(deployment.template, digest)
    annotations = _annotations_for(deployment, {}, revision) | replicas_annotations(deployment)
    return ReplicaSet(
        uid=names.derive_uid(deployment.uid, number),
        name=f"{deployment.name}-{digest}",
        namespace=deployment.namespace,
        number=number,
        owner_uid=deployment.uid,
        labels=template["metadata"]["labels"],
        annotations=annotations,
        created_at=step.now,
        replicas=0,
        selector=with_label(deployment.selector, HASH_LABEL, digest),
        template=template,
        min_ready_seconds=deployment.min_ready_seconds,
    )


def _with_hash(template: Manifest, digest: str) -> dict[str, Any]:
    metadata = template.get("metadata") or {}
    return {**template, "metadata": {**metadata, "labels": {**(metadata.get("labels") or {}), HASH_LABEL: digest}}}


def _annotations_for(deployment: Deployment, current: Mapping[str, str], revision: int) -> dict[str, str]:
    """The annotations of the Deployment's newest ReplicaSet. One whose revision is not a number keeps its own
    (SetNewReplicaSetAnnotations)."""
    before = current.get(REVISION, "")
    if before and read_integer(before) is None:
        return dict(current)
    copied = {key: value for key, value in deployment.annotations.items() if key not in NOT_COPIED}
    annotations = {**current, **copied}
    if (read_integer(before) or 0) < revision:
        annotations[REVISION] = str(revision)
        if before:
            annotations[REVISION_HISTORY] = _append_history(current.get(REVISION_HISTORY, ""), before)
    return annotations


def _append_history(history: str, revision: str) -> str:
    numbers = [*(history.split(",") if history else []), revision]
    while len(",".join(numbers)) > HISTORY_CHARACTERS and len(numbers) > 1:
        del numbers[0]
    return ",".join(numbers)


def _note_revision(deployment: Deployment, revision: str) -> Deployment:
    if deployment.annotations.get(REVISION) == revision:
        return deployment
    return replace(deployment, annotations={**deployment.annotations, REVISION: revision})


def _note_progress(deployment: Deployment, reason: str, message: str, now: float) -> Deployment:
    condition = conditions.make(conditions.PROGRESSING, "True", reason, message, now)
    status = replace(deployment.status, conditions=conditions.put(deployment.status.conditions, condition))
    return replace(deployment, status=status)


def has_deadline(deployment: Deployment) -> bool:
    """Whether a progress deadline is set; None and the largest int32 both mean no deadline."""
    seconds = deployment.progress_deadline_seconds
    return seconds is not None and seconds != 2**31 - 1
