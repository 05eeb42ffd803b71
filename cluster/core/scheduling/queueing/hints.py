"""Which events may help a pod that a plugin has refused (each plugin's EventsToRegister and QueueingHintFn)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from cluster.core.scheduling.labels import NOTHING
from cluster.core.scheduling.nodes import NodeInfo, NodeSpec
from cluster.core.scheduling.plugins import local
from cluster.core.scheduling.pods import PodInfo, PodSelector, SpreadConstraint, Term, conflict
from cluster.core.scheduling.resources import Resources


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeEvent:
    """`old` None: added; `new` None: removed."""

    old: NodeSpec | None = None
    new: NodeSpec | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PodEvent:
    """A change of a pod that is bound to a node. `old` None: added (bound); `new` None: deleted."""

    old: PodInfo | None = None
    new: PodInfo | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnEvent:
    """A change of the waiting pod itself, in its labels or tolerations."""

    old: PodInfo
    new: PodInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimEvent:
    """A volume claim has been created."""

    namespace: str
    name: str


Event: TypeAlias = NodeEvent | PodEvent | OwnEvent | ClaimEvent
Hint: TypeAlias = Callable[[PodInfo, Event], bool]


def may_help(pod: PodInfo, plugins: Iterable[str], event: Event) -> bool:
    return any(HINTS[plugin](pod, event) for plugin in plugins if plugin in HINTS)


def concerned(event: Event) -> Iterable[str]:
    """The plugins that may react to an event of its kind (EventsToRegister)."""
    if isinstance(event, NodeEvent):
        return HINTS if event.new is not None else ("PodTopologySpread",)
    if isinstance(event, PodEvent):
        return AMONG_PODS if event.old is None else (*AMONG_PODS, "NodePorts", "NodeResourcesFit")
    return ("VolumeRestrictions",) if isinstance(event, ClaimEvent) else (*AMONG_PODS, *TOLERANT)


def begins_to_pass(check: local.Filter) -> Hint:
    """A hint: a node that the filter refused, or that is new, passes; or the pod's tolerations have changed."""

    def hint(pod: PodInfo, event: Event) -> bool:
        if isinstance(event, OwnEvent):
            return event.old.spec.tolerations != event.new.spec.tolerations
        if not isinstance(event, NodeEvent) or event.new is None or refuses(check, pod, event.new):
            return False
        return event.old is None or refuses(check, pod, event.old)

    return hint


def refuses(check: local.Filter, pod: PodInfo, node: NodeSpec) -> bool:
    return check(pod.spec, NodeInfo(node)) is not None


def is_node_added(event: Event) -> bool:
    return isinstance(event, NodeEvent) and event.old is None and event.new is not None


def node_name(pod: PodInfo, event: Event) -> bool:  # noqa: ARG001
    return is_node_added(event)


def node_ports(pod: PodInfo, event: Event) -> bool:
    if isinstance(event, PodEvent):
        freed = event.old.spec.ports if event.old is not None and event.new is None else ()
        return any(conflict(one, other) for one in pod.spec.ports for other in freed)
    return is_node_added(event)


def node_resources_fit(pod: PodInfo, event: Event) -> bool:
    """A pod is deleted or requests less; a node that would be enough when empty is added, or offers more of what the pod
    requests."""
    if isinstance(event, PodEvent):
        if event.old is None:
            return False
        return event.new is None or asks_less(pod, event.old.spec.requests, event.new.spec.requests)
    if not isinstance(event, NodeEvent) or event.new is None or refuses(local.node_resources_fit, pod, event.new):
        return False
    return event.old is None or offers_more(pod, event.old, event.new)


def asks_less(pod: PodInfo, old: Resources, new: Resources) -> bool:
    return any(before > after for before, after in compared(pod.spec.requests, old, new))


def offers_more(pod: PodInfo, old: NodeSpec, new: NodeSpec) -> bool:
    grown = compared(pod.spec.requests, old.allocatable, new.allocatable)
    return new.pods > old.pods or any(after > before for before, after in grown)


def compared(wanted: Resources, old: Resources, new: Resources) -> list[tuple[int, int]]:
    """(before, after) of each resource that is requested."""
    plain = ("cpu", "memory", "ephemeral_storage")
    return [
        *((getattr(old, name), getattr(new, name)) for name in plain if getattr(wanted, name)),
        *((old.scalar.get(name, 0), new.scalar.get(name, 0)) for name, value in wanted.scalar.items() if value),
    ]


def pod_topology_spread(pod: PodInfo, event: Event) -> bool:
    """A pod starts or stops matching a constraint; a node with the topology keys is added or removed, or has other values of
    these or other taints; or the pod's own labels have changed."""
    constraints = pod.spec.spread
    if isinstance(event, PodEvent):
        return any(matches(event.old, each.pods) != matches(event.new, each.pods) for each in constraints)
    if not isinstance(event, NodeEvent):
        return isinstance(event, OwnEvent) and event.old.spec.labels != event.new.spec.labels
    before, after = has_keys(event.old, constraints), has_keys(event.new, constraints)
    return before != after or (after and has_moved(event, constraints))


def matches(other: PodInfo | None, pods: PodSelector) -> bool:
    return other is not None and is_about(pods, other)


def has_keys(node: NodeSpec | None, constraints: Iterable[SpreadConstraint]) -> bool:
    return node is not None and all(each.topology_key in node.labels for each in constraints)


def has_moved(event: NodeEvent, constraints: Iterable[SpreadConstraint]) -> bool:
    old, new = event.old, event.new
    if old is None or new is None:
        return False
    keys = [each.topology_key for each in constraints]
    return old.taints != new.taints or any(old.labels.get(key) != new.labels.get(key) for key in keys)


def inter_pod_affinity(pod: PodInfo, event: Event) -> bool:
    """A pod starts to match the affinity or stops matching the anti-affinity, a node has a topology key, or the pod's own
    labels have changed."""
    spec = pod.spec
    if isinstance(event, PodEvent):
        comes = not matches_all(event.old, spec.affinity) and matches_all(event.new, spec.affinity)
        goes = matches_all(event.old, spec.anti_affinity) and not matches_all(event.new, spec.anti_affinity)
        return comes or goes or releases(pod, event)
    if not isinstance(event, NodeEvent):
        return isinstance(event, OwnEvent) and event.old.spec.labels != event.new.spec.labels
    keys = (term.topology_key for term in (*spec.affinity, *spec.anti_affinity))
    return event.new is not None and any(key in event.new.labels for key in keys)


def releases(pod: PodInfo, event: PodEvent) -> bool:
    """A pod is deleted whose own anti-affinity selects this one."""
    old = event.old
    return event.new is None and old is not None and any(is_about(term.pods, pod) for term in old.spec.anti_affinity)


def matches_all(other: PodInfo | None, terms: tuple[Term, ...]) -> bool:
    return bool(terms) and all(matches(other, term.pods) for term in terms)


def is_about(pods: PodSelector, pod: PodInfo) -> bool:
    """Whether the selector selects the pod. A selector of namespaces is assumed to match, whatever their labels: at worst the
    pod is tried in vain."""
    is_there = pod.namespace in pods.namespaces or pods.namespace_selector != NOTHING
    return is_there and pods.selector.matches(pod.spec.labels)


def volume_restrictions(pod: PodInfo, event: Event) -> bool:
    return isinstance(event, ClaimEvent) and event.namespace == pod.namespace and event.name in pod.spec.claims


AMONG_PODS = ("PodTopologySpread", "InterPodAffinity")
TOLERANT = ("NodeUnschedulable", "TaintToleration")
HINTS: Mapping[str, Hint] = {
    "NodeUnschedulable": begins_to_pass(local.node_unschedulable),
    "NodeName": node_name,
    "TaintToleration": begins_to_pass(local.taint_toleration),
    "NodeAffinity": begins_to_pass(local.node_affinity),
    "NodePorts": node_ports,
    "NodeResourcesFit": node_resources_fit,
    "PodTopologySpread": pod_topology_spread,
    "InterPodAffinity": inter_pod_affinity,
    "VolumeRestrictions": volume_restrictions,
}
