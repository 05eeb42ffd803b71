"""What a filter says of a node that it refuses (kube-scheduler/framework, Status)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """`is_final`: upstream's UnschedulableAndUnresolvable, taking pods off the node would not help."""

    plugin: str
    reasons: tuple[str, ...]
    is_final: bool = False
