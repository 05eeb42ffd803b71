"""Taints and tolerations (api/core/v1/toleration.go; component-helpers scheduling/corev1/helpers.go)."""

from collections.abc import Iterable
from dataclasses import dataclass

from cluster.core.objects import Manifest

NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "PreferNoSchedule", "NoExecute"
REPELLING = frozenset([NO_SCHEDULE, NO_EXECUTE])


@dataclass(frozen=True, kw_only=True, slots=True)
class Taint:
    key: str
    value: str = ""
    effect: str = NO_SCHEDULE


@dataclass(frozen=True, kw_only=True, slots=True)
class Toleration:
    """`seconds` None tolerates a NoExecute taint forever."""

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
    return Taint(key=manifest["key"], value=manifest.get("value") or "", effect=manifest.get("effect") or "")


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
