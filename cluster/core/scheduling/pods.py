"""What the scheduler reads of a pod (pkg/scheduler/framework/types.go, PodInfo; plugins/podtopologyspread/common.go)."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cluster.core.objects import Labels, Manifest
from cluster.core.scheduling.labels import (
    EVERYTHING,
    NOTHING,
    NodeSelectorTerm,
    RequiredNodeAffinity,
    Requirement,
    Selector,
    label_selector,
    preferred_node_terms,
    required_node_affinity,
)
from cluster.core.scheduling.resources import NONZERO, Resources, pod_amounts, resources
from cluster.core.scheduling.taints import Toleration, tolerations

HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
EVERY_ADDRESS = "0.0.0.0"
DEFAULT_SCHEDULER = "default-scheduler"
REQUIRED, PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
MOST_SPECS = 4096

Port = tuple[str, str, int]  # address, protocol, port
Admit = Callable[[Manifest], Manifest]
Identity = tuple[str, frozenset[tuple[str, str]]]  # namespace, labels


@dataclass(frozen=True, kw_only=True, slots=True)
class PodSelector:
    """Which pods a pod affinity term or a spread constraint selects: those that `selector` matches, in one of `namespaces` or
    in a namespace whose labels `namespace_selector` matches."""

    namespaces: frozenset[str]
    selector: Selector
    namespace_selector: Selector = NOTHING

    def matches(self, namespace: str, labels: Labels, namespace_labels: Labels) -> bool:
        if namespace not in self.namespaces and not self.namespace_selector.matches(namespace_labels):
            return False
        return self.selector.matches(labels)


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A pod affinity term; `weight` is that of a preferred term, negative for anti-affinity."""

    pods: PodSelector
    topology_key: str
    weight: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SpreadConstraint:
    max_skew: int
    topology_key: str
    pods: PodSelector
    min_domains: int = 1
    honours_affinity: bool = True
    honours_taints: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PodSpec:
    """All that scheduling depends on apart from the fields of PodInfo; pods of one template share a PodSpec.

    `node_names` are the only nodes that its node affinity names (None: any). `nonzero_cpu` and `nonzero_memory` count
    containers without a request as 100m and 200Mi. `preferred_terms` are those of affinity and, with negative weights, of
    anti-affinity. `spread` are the constraints that filter, `soft_spread` those that score; with `is_spread_by_default` the
    latter are the scheduler's own."""

    namespace: str
    labels: Labels
    identity: Identity
    requests: Resources
    nonzero_cpu: int
    nonzero_memory: int
    priority: int
    preempts: bool
    scheduler_name: str
    gates: tuple[str, ...]
    node_name: str
    node_affinity: RequiredNodeAffinity
    node_names: frozenset[str] | None
    preferred_nodes: tuple[tuple[int, NodeSelectorTerm], ...]
    tolerations: tuple[Toleration, ...]
    ports: tuple[Port, ...]
    affinity: tuple[Term, ...]
    anti_affinity: tuple[Term, ...]
    preferred_terms: tuple[Term, ...]
    spread: tuple[SpreadConstraint, ...]
    soft_spread: tuple[SpreadConstraint, ...]
    is_spread_by_default: bool
    images: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PodInfo:
    """A pod as the scheduler sees it. `node` is empty until it is bound. `is_preempted`: deleted to make room for a pod of
    a higher priority."""

    uid: str
    name: str
    spec: PodSpec
    created_at: float = 0.0
    started_at: float | None = None
    node: str = ""
    nominated_node: str = ""
    is_terminating: bool = False
    is_preempted: bool = False

    @property
    def namespace(self) -> str:
        return self.spec.namespace

    @property
    def priority(self) -> int:
        return self.spec.priority


@dataclass(kw_only=True, slots=True)
class PodSpecs:
    """Reads pod specs and keeps the results, by object and by JSON: the same object again costs a look-up, an equal one its
    JSON. `admit` adds what admission adds to a pod."""

    admit: Admit = lambda spec: spec  # noqa: E731
    by_object: dict[Any, tuple[Manifest, PodSpec]] = field(default_factory=dict)
    by_value: dict[Any, PodSpec] = field(default_factory=dict)

    def read(self, spec: Manifest, namespace: str, labels: Labels, spread_with: Selector = EVERYTHING) -> PodSpec:
        """`spread_with` is the pod's `default_selector`."""
        about = (namespace, frozenset(labels.items()), spread_with)
        key = (id(spec), about)
        known = self.by_object.get(key)
        if known is None:
            self._make_room()
            known = self.by_object[key] = (spec, self._by_value(spec, namespace, labels, spread_with, about))
        return known[1]

    def _by_value(self, spec: Manifest, namespace: str, labels: Labels, spread_with: Selector, about: Any) -> PodSpec:
        key = (json.dumps(spec, sort_keys=True), about)
        if key not in self.by_value:
            self.by_value[key] = read_spec(self.admit(spec), namespace, labels, spread_with)
        return self.by_value[key]

    def _make_room(self) -> None:
        if len(self.by_object) >= MOST_SPECS:
            self.by_object.clear()
            self.by_value.clear()


def read_spec(spec: Manifest, namespace: str, labels: Labels, spread_with: Selector = EVERYTHING) -> PodSpec:
    """Reads a defaulted PodSpec in JSON. `spread_with`: see PodSpecs."""
    required, nonzero = resources(pod_amounts(spec)), resources(pod_amounts(spec, missing=NONZERO))
    node_affinity = required_node_affinity(spec)
    affinity = spec.get("affinity") or {}
    near, far = affinity.get("podAffinity") or {}, affinity.get("podAntiAffinity") or {}
    hard, soft, by_default = spread_constraints(spec, namespace, labels, spread_with)
    return PodSpec(
        namespace=namespace,
        labels=labels,
        identity=(namespace, frozenset(labels.items())),
        requests=required,
        nonzero_cpu=nonzero.cpu,
        nonzero_memory=nonzero.memory,
        priority=int(spec.get("priority") or 0),
        preempts=spec.get("preemptionPolicy") != "Never",
        scheduler_name=spec.get("schedulerName") or DEFAULT_SCHEDULER,
        gates=tuple(each["name"] for each in spec.get("schedulingGates") or ()),
        node_name=spec.get("nodeName") or "",
        node_affinity=node_affinity,
        node_names=node_affinity.names(),
        preferred_nodes=preferred_node_terms(spec),
        tolerations=tolerations(spec),
        ports=host_ports(spec),
        affinity=terms(near.get(REQUIRED), namespace, labels),
        anti_affinity=terms(far.get(REQUIRED), namespace, labels),
        preferred_terms=(
            *weighted(near.get(PREFERRED), namespace, labels, 1),
            *weighted(far.get(PREFERRED), namespace, labels, -1),
        ),
        spread=hard,
        soft_spread=soft,
        is_spread_by_default=by_default,
        images=tuple(str(each.get("image") or "") for each in every_container(spec)),
        claims=tuple(
            str(each["persistentVolumeClaim"].get("claimName") or "")
            for each in spec.get("volumes") or ()
            if each.get("persistentVolumeClaim")
        ),
    )


def every_container(spec: Manifest) -> list[Manifest]:
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def conflict(one: Port, other: Port) -> bool:
    """Whether two host ports can't be on one node: they have the same port and protocol, and the same address or, on either
    side, every address (HostPortInfo.CheckConflict)."""
    return one[1:] == other[1:] and (one[0] == other[0] or EVERY_ADDRESS in (one[0], other[0]))


def host_ports(spec: Manifest) -> tuple[Port, ...]:
    """The host ports of containers and sidecars (pkg/scheduler/util/utils.go, GetHostPorts)."""
    lasting = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    return tuple(
        (port.get("hostIP") or EVERY_ADDRESS, port.get("protocol") or "TCP", int(port["hostPort"]))
        for container in (*(spec.get("containers") or ()), *lasting)
        for port in container.get("ports") or ()
        if int(port.get("hostPort") or 0) > 0
    )


def terms(manifests: Iterable[Manifest] | None, namespace: str, labels: Labels) -> tuple[Term, ...]:
    return tuple(term(each, namespace, labels) for each in manifests or ())


def weighted(manifests: Iterable[Manifest] | None, namespace: str, labels: Labels, sign: int) -> tuple[Term, ...]:
    return tuple(
        term(each["podAffinityTerm"], namespace, labels, sign * int(each["weight"])) for each in manifests or ()
    )


def term(manifest: Manifest, namespace: str, labels: Labels, weight: int = 0) -> Term:
    """A pod affinity term. Without namespaces and a selector of namespaces, it selects pods of the pod's own namespace
    (getNamespacesFromPodAffinityTerm)."""
    named, among = manifest.get("namespaces") or (), manifest.get("namespaceSelector")
    namespaces = frozenset(named) if named or among is not None else frozenset([namespace])
    selector = label_selector(manifest.get("labelSelector")).with_more(
        (*by_keys(manifest, "matchLabelKeys", "In", labels), *by_keys(manifest, "mismatchLabelKeys", "NotIn", labels))
    )
    pods = PodSelector(namespaces=namespaces, selector=selector, namespace_selector=label_selector(among))
    return Term(pods=pods, topology_key=manifest["topologyKey"], weight=weight)


def by_keys(manifest: Manifest, field: str, operator: str, labels: Labels) -> tuple[Requirement, ...]:
    """Requirements for the pod's own values of these label keys; keys that the pod lacks are left out."""
    return tuple(
        Requirement(key=key, operator=operator, values=frozenset([labels[key]]))
        for key in manifest.get(field) or ()
        if key in labels
    )


def spread_constraints(
    spec: Manifest, namespace: str, labels: Labels, spread_with: Selector
) -> tuple[tuple[SpreadConstraint, ...], tuple[SpreadConstraint, ...], bool]:
    """Returns (the constraints that filter, those that score, whether the latter are the defaults)."""
    manifests = spec.get("topologySpreadConstraints") or ()
    if not manifests:
        return (), default_constraints(namespace, spread_with), True
    hard = [each for each in manifests if each["whenUnsatisfiable"] == "DoNotSchedule"]
    soft = [each for each in manifests if each["whenUnsatisfiable"] == "ScheduleAnyway"]
    read = [tuple(spread_constraint(each, namespace, labels) for each in some) for some in (hard, soft)]
    return read[0], read[1], False


def spread_constraint(manifest: Manifest, namespace: str, labels: Labels) -> SpreadConstraint:
    selector = label_selector(manifest.get("labelSelector")).with_more(
        by_keys(manifest, "matchLabelKeys", "In", labels)
    )
    return SpreadConstraint(
        max_skew=int(manifest["maxSkew"]),
        topology_key=manifest["topologyKey"],
        pods=PodSelector(namespaces=frozenset([namespace]), selector=selector),
        min_domains=int(manifest.get("minDomains") or 1),
        honours_affinity=(manifest.get("nodeAffinityPolicy") or "Honor") == "Honor",
        honours_taints=manifest.get("nodeTaintsPolicy") == "Honor",
    )


def default_constraints(namespace: str, selector: Selector) -> tuple[SpreadConstraint, ...]:
    """The system's default constraints: maxSkew 3 by host name and 5 by zone, for pods that a Service or a controller selects."""
    if selector.is_empty():
        return ()
    pods = PodSelector(namespaces=frozenset([namespace]), selector=selector)
    return (
        SpreadConstraint(max_skew=3, topology_key=HOSTNAME, pods=pods),
        SpreadConstraint(max_skew=5, topology_key=ZONE, pods=pods),
    )
