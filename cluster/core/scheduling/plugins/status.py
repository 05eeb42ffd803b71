"""A filter's result for a node that it refuses (kube-scheduler/framework, Status)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """`is_final`: upstream's UnschedulableAndUnresolvable, removing pods from the node would not help. `is_of_all_nodes`: a
    PreFilter's status, given for the pod before the nodes were checked."""

    plugin: str
    reasons: tuple[str, ...]
    is_final: bool = False
    is_of_all_nodes: bool = False
