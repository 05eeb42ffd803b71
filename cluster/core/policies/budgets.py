"""A PodDisruptionBudget and the pods that it covers (pkg/controller/disruption/disruption.go; policy/v1/types.go)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cluster.core.objects import Kept, Labels, Manifest, Pod
from cluster.core.selectors import matches

RESOURCE = "poddisruptionbudgets.policy"
DELETION_SECONDS = 120.0  # within which an evicted pod should be terminating
ALLOWED = "DisruptionAllowed"
Json = dict[str, Any]


@dataclass(slots=True)
class Budget:
    """`members` are the pods whose labels the selector matches, `owners` their number by ReplicaSet, `ready` the number of
    those that are ready and not being deleted."""

    kept: Kept
    members: dict[str, Pod] = field(default_factory=dict)
    owners: Counter[str | None] = field(default_factory=Counter)
    ready: int = 0

    def covers(self, labels: Labels) -> bool:
        return covers(self.kept.manifest, labels)

    def put(self, old: Pod | None, new: Pod | None) -> bool:
        """Replaces a pod; returns whether the budget covers the pod, or did."""
        was = self.members.pop(old.uid, None) if old is not None else None
        if was is not None:
            self.count(was, -1)
        if new is not None and self.covers(new.labels):
            self.members[new.uid] = new
            self.count(new, 1)
            return True
        return was is not None

    def count(self, pod: Pod, sign: int) -> None:
        self.owners[pod.owner_uid] += sign
        if not self.owners[pod.owner_uid]:
            del self.owners[pod.owner_uid]
        self.ready += sign * is_healthy(pod)


def is_healthy(pod: Pod) -> bool:
    return pod.ready and pod.deleted_at is None


def covers(manifest: Manifest, labels: Labels) -> bool:
    """Whether the budget's selector matches; one that is missing or empty covers nothing."""
    selector = (manifest.get("spec") or {}).get("selector") or {}
    return bool(selector.get("matchLabels") or selector.get("matchExpressions")) and matches(selector, labels)


def generation_of(manifest: Manifest) -> int:
    return int((manifest.get("metadata") or {}).get("generation") or 0)


def status_of(manifest: Manifest) -> Json:
    return dict(manifest.get("status") or {})


def with_status(manifest: Manifest, status: Json, now: float) -> Json:
    """The manifest with this status and the condition that follows from disruptionsAllowed (UpdateDisruptionAllowedCondition)."""
    is_allowed = status["disruptionsAllowed"] > 0
    reason = "SufficientPods" if is_allowed else "InsufficientPods"
    return {**manifest, "status": with_condition(status, is_allowed, reason, "", now)}


def with_condition(status: Json, is_allowed: bool, reason: str, message: str, now: float) -> Json:
    word = "True" if is_allowed else "False"
    held: Json = next((each for each in status.get("conditions") or () if each["type"] == ALLOWED), {})
    since = held["lastTransitionTime"] if held.get("status") == word else written(now)
    condition = {
        "lastTransitionTime": since,
        "message": message,
        "observedGeneration": status.get("observedGeneration", 0),
        "reason": reason,
        "status": word,
        "type": ALLOWED,
    }
    others = [each for each in status.get("conditions") or () if each["type"] != ALLOWED]
    return {**status, "conditions": [*others, condition]}


def disrupted(status: Mapping[str, Any]) -> dict[str, float]:
    """The evicted pods that are not gone yet: name -> time of the eviction."""
    return {name: moment(time) for name, time in (status.get("disruptedPods") or {}).items()}


def written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
