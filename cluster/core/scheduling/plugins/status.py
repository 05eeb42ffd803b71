"""What a filter says of a node that it refuses (kube-scheduler/framework, Status)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """`is_final`: upstream's UnschedulableAndUnresolvable, taking pods off the node would not help. `is_of_all_nodes`: said of
    the pod before the nodes were looked at (a PreFilter's status)."""

    plugin: str
    reasons: tuple[str, ...]
    is_final: bool = False
    is_of_all_nodes: bool = False
