"""Taints, tolerations, and which pods a NoExecute taint drives away (api/core/v1/toleration.go; component-helpers
scheduling/corev1/helpers.go; pkg/controller/tainteviction/taint_eviction.go)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cluster.core.objects import Manifest

NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "PreferNoSchedule", "NoExecute"
REPELLING = frozenset([NO_SCHEDULE, NO_EXECUTE])


@dataclass(frozen=True, kw_only=True, slots=True)
class Taint:
    """`added_at` in seconds since the epoch; only NoExecute taints have one."""

    key: str
    value: str = ""
    effect: str = NO_SCHEDULE
    added_at: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Toleration:
    """`seconds` None tolerates a NoExecute taint for ever."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    seconds: int | None = None

    def tolerates(self, taint: Taint) -> bool:
        if self.effect not in ("", taint.effect) or self.key not in ("", taint.key):
            return False
        return self.operator == "Exists" or (self.operator in ("", "Equal") and self.value == taint.value)


UNSCHEDULABLE = Taint(key="node.kubernetes.io/unschedulable")


def taint(manifest: Manifest) -> Taint:
    added = manifest.get("timeAdded")
    return Taint(
        key=manifest["key"],
        value=manifest.get("value") or "",
        effect=manifest.get("effect") or "",
        added_at=datetime.fromisoformat(added).timestamp() if added else None,
    )


def tolerations(spec: Manifest) -> tuple[Toleration, ...]:
    return tuple(
        Toleration(
            key=each.get("key") or "",
            operator=each.get("operator") or "Equal",
            value=each.get("value") or "",
            effect=each.get("effect") or "",
            seconds=each.get("tolerationSeconds"),
        )
        for each in spec.get("tolerations") or ()
    )


def is_tolerated(taint: Taint, tolerations: Iterable[Toleration]) -> bool:
    return any(each.tolerates(taint) for each in tolerations)


def has_untolerated(taints: Iterable[Taint], tolerations: Iterable[Toleration]) -> bool:
    """True if a taint of effect NoSchedule or NoExecute is not tolerated."""
    return any(each.effect in REPELLING and not is_tolerated(each, tolerations) for each in taints)


def eviction_time(taints: Iterable[Taint], tolerations: tuple[Toleration, ...], bound_at: float) -> float | None:
    """When a pod bound at `bound_at` is to be deleted from a node with these taints; None: never.

    At once if a NoExecute taint is not tolerated; else after the shortest of the tolerations' seconds. The time runs from
    the first of the taints, but not before the pod was bound (processPodOnNode, getMinTolerationTime)."""
    driving = [each for each in taints if each.effect == NO_EXECUTE]
    if not driving:
        return None
    used = [(each, next((one for one in tolerations if one.tolerates(each)), None)) for each in driving]
    hated = [each.added_at or 0.0 for each, toleration in used if toleration is None]
    if hated:
        return max(bound_at, min(hated))
    limits = [max(one.seconds, 0) for _, one in used if one is not None and one.seconds is not None]
    since = max(bound_at, min(each.added_at or 0.0 for each in driving))
    return since + min(limits) if limits else None


def evictions(
    taints: Iterable[Taint], pods: Iterable[tuple[str, tuple[Toleration, ...], float]]
) -> list[tuple[str, float]]:
    """(uid, when) of the pods that the taints of their node drive away, the first to go first. `pods` are
    (uid, tolerations, bound at)."""
    known = tuple(taints)
    found = [(uid, eviction_time(known, tolerations, bound_at)) for uid, tolerations, bound_at in pods]
    return sorted(((uid, when) for uid, when in found if when is not None), key=lambda each: (each[1], each[0]))
