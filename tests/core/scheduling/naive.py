"""The scheduler again, as plainly as can be: every decision looks at all pods on all nodes, as upstream's plugins are written.
It shares with the package only how manifests are read and how one label selector is matched."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cluster.core.scheduling.nodes import NodeSpec
from cluster.core.scheduling.pods import HOSTNAME, PodInfo, PodSpec, SpreadConstraint, Term
from cluster.core.scheduling.taints import Taint

Said = tuple[str, tuple[str, ...]]


@dataclass
class World:
    nodes: dict[str, NodeSpec] = field(default_factory=dict)
    pods: dict[str, PodInfo] = field(default_factory=dict)
    namespaces: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def on(self, name: str) -> list[PodInfo]:
        return [pod for pod in self.pods.values() if pod.node == name]

    def is_about(self, term: Term, pod: PodInfo) -> bool:
        labels = self.namespaces.get(pod.namespace, {})
        named = pod.namespace in term.pods.namespaces or term.pods.namespace_selector.matches(labels)
        return named and term.pods.selector.matches(pod.spec.labels)

    def placed(self) -> Iterable[tuple[PodInfo, Mapping[str, str]]]:
        """Those whose node is there; the others are counted again when a node of that name comes back."""
        return ((pod, self.nodes[pod.node].labels) for pod in self.pods.values() if pod.node in self.nodes)


def refusals(world: World, pod: PodInfo) -> dict[str, Said | None]:
    return {name: refusal(world, pod, node) for name, node in world.nodes.items()}


def refusal(world: World, pod: PodInfo, node: NodeSpec) -> Said | None:
    spec = pod.spec
    checks = (
        ("NodeUnschedulable", unschedulable(spec, node)),
        ("TaintToleration", tainted(spec, node)),
        ("NodeAffinity", unselected(spec, node)),
        ("NodePorts", ports_taken(world, spec, node)),
        ("NodeResourcesFit", no_room(world, spec, node)),
        ("PodTopologySpread", skewed(world, pod, node)),
        ("InterPodAffinity", apart(world, pod, node)),
    )
    return next(((plugin, tuple(reasons)) for plugin, reasons in checks if reasons), None)


def tolerates(spec: PodSpec, taint: Taint) -> bool:
    for each in spec.tolerations:
        same = each.key in ("", taint.key) and each.effect in ("", taint.effect)
        if same and (each.operator == "Exists" or each.value == taint.value):
            return True
    return False


def unschedulable(spec: PodSpec, node: NodeSpec) -> list[str]:
    taint = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")
    return ["node(s) were unschedulable"] if node.unschedulable and not tolerates(spec, taint) else []


def repels(spec: PodSpec, node: NodeSpec) -> bool:
    return any(each.effect != "PreferNoSchedule" and not tolerates(spec, each) for each in node.taints)


def tainted(spec: PodSpec, node: NodeSpec) -> list[str]:
    return ["node(s) had untolerated taint(s)"] if repels(spec, node) else []


def selects(spec: PodSpec, node: NodeSpec) -> bool:
    return all(node.labels.get(each.key) in each.values for each in spec.node_affinity.labels)


def unselected(spec: PodSpec, node: NodeSpec) -> list[str]:
    return [] if selects(spec, node) else ["node(s) didn't match Pod's node affinity/selector"]


def ports_taken(world: World, spec: PodSpec, node: NodeSpec) -> list[str]:
    used = {port for pod in world.on(node.name) for port in pod.spec.ports}
    return ["node(s) didn't have free ports for the requested pod ports"] if used & set(spec.ports) else []


def no_room(world: World, spec: PodSpec, node: NodeSpec) -> list[str]:
    there = world.on(node.name)
    found = ["Too many pods"] if len(there) + 1 > node.pods else []
    for name, said in (("cpu", "Insufficient cpu"), ("memory", "Insufficient memory")):
        wanted = getattr(spec.requests, name)
        free = getattr(node.allocatable, name) - sum(getattr(pod.spec.requests, name) for pod in there)
        found += [said] if wanted > 0 and wanted > free else []
    return found


def is_included(spec: PodSpec, constraint: SpreadConstraint, keys: Iterable[str], node: NodeSpec) -> bool:
    if any(key not in node.labels for key in keys) or (constraint.honours_affinity and not selects(spec, node)):
        return False
    return not (constraint.honours_taints and repels(spec, node))


def matching(world: World, pod: PodInfo, constraint: SpreadConstraint, name: str) -> int:
    if constraint.pods.selector.is_empty():
        return 0
    alive = [each for each in world.on(name) if not each.is_terminating and each.namespace == pod.namespace]
    return sum(constraint.pods.selector.matches(each.spec.labels) for each in alive)


def by_domain(world: World, pod: PodInfo, constraint: SpreadConstraint, keys: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, node in world.nodes.items():
        if is_included(pod.spec, constraint, keys, node):
            found[node.labels.get(constraint.topology_key, "")] += matching(world, pod, constraint, name)
    return found


def skewed(world: World, pod: PodInfo, node: NodeSpec) -> list[str]:
    words = "node(s) didn't match pod topology spread constraints"
    keys = [each.topology_key for each in pod.spec.spread]
    for each in pod.spec.spread:
        if each.topology_key not in node.labels:
            return [f"{words} (missing required label)"]
        domains = by_domain(world, pod, each, keys)
        least = min(domains.values(), default=0) if len(domains) >= each.min_domains else 0
        itself = each.pods.selector.matches(pod.spec.labels)
        if domains[node.labels[each.topology_key]] + itself - least > each.max_skew:
            return [words]
    return []


def apart(world: World, pod: PodInfo, node: NodeSpec) -> list[str]:
    if not friends_near(world, pod, node):
        return ["node(s) didn't match pod affinity rules"]
    for other, labels in world.placed():
        if any(world.is_about(term, other) and shares(term, labels, node) for term in pod.spec.anti_affinity):
            return ["node(s) didn't match pod anti-affinity rules"]
    for other, labels in world.placed():
        if any(world.is_about(term, pod) and shares(term, labels, node) for term in other.spec.anti_affinity):
            return ["node(s) didn't satisfy existing pods anti-affinity rules"]
    return []


def shares(term: Term, labels: Mapping[str, str], node: NodeSpec) -> bool:
    value = node.labels.get(term.topology_key)
    return value is not None and labels.get(term.topology_key) == value


def friends_near(world: World, pod: PodInfo, node: NodeSpec) -> bool:
    terms = pod.spec.affinity
    if any(term.topology_key not in node.labels for term in terms):
        return False
    friends = [labels for other, labels in world.placed() if all(world.is_about(term, other) for term in terms)]
    if all(any(shares(term, labels, node) for labels in friends) for term in terms):
        return True
    reachable = any(term.topology_key in labels for labels in friends for term in terms)
    return not reachable and all(world.is_about(term, pod) for term in terms)


def totals(world: World, pod: PodInfo, names: list[str]) -> dict[str, int]:
    nodes = [world.nodes[name] for name in names]
    columns = [
        [least_allocated(world, pod.spec, node) for node in nodes],
        [balanced(world, pod.spec, node) for node in nodes],
        [2 * score for score in near_scores(world, pod, nodes)],
        [2 * score for score in spread_scores(world, pod, nodes)],
        [3 * score for score in taint_scores(pod.spec, nodes)],
    ]
    return {name: sum(column[place] for column in columns) for place, name in enumerate(names)}


def least_allocated(world: World, spec: PodSpec, node: NodeSpec) -> int:
    scores = []
    for name, nonzero in (("cpu", "nonzero_cpu"), ("memory", "nonzero_memory")):
        has = getattr(node.allocatable, name)
        used = getattr(spec, nonzero) + sum(getattr(pod.spec, nonzero) for pod in world.on(node.name))
        scores.append(0 if used > has else (has - used) * 100 // has)
    return sum(scores) // 2


def balanced(world: World, spec: PodSpec, node: NodeSpec) -> int:
    if not spec.requests.cpu and not spec.requests.memory:
        return 0
    there = [pod.spec for pod in world.on(node.name)]
    return 50 + (50 + evenness([*there, spec], node) - evenness(there, node)) // 2


def evenness(specs: list[PodSpec], node: NodeSpec) -> int:
    shares = [
        min(1.0, sum(getattr(spec.requests, name) for spec in specs) / getattr(node.allocatable, name))
        for name in ("cpu", "memory")
    ]
    return int((1 - abs((shares[0] - shares[1]) / 2)) * 100)


def near_scores(world: World, pod: PodInfo, nodes: list[NodeSpec]) -> list[int]:
    found: dict[tuple[str, str], int] = {}
    for other, labels in world.placed():
        own = [(term, term.weight) for term in pod.spec.preferred_terms if world.is_about(term, other)]
        theirs = [(term, term.weight) for term in other.spec.preferred_terms if world.is_about(term, pod)]
        hard = [(term, 1) for term in other.spec.affinity if world.is_about(term, pod)]
        for term, weight in own + theirs + hard:
            if term.topology_key in labels:
                pair = (term.topology_key, labels[term.topology_key])
                found[pair] = found.get(pair, 0) + weight
    sums = [sum(found.get(pair, 0) for pair in node.labels.items()) for node in nodes]
    span = max(sums) - min(sums)
    return [int(100.0 * ((each - min(sums)) / span)) if span else 0 for each in sums]


def spread_scores(world: World, pod: PodInfo, nodes: list[NodeSpec]) -> list[int]:
    soft = pod.spec.soft_spread
    if not soft:
        return [0] * len(nodes)
    keys = [] if pod.spec.is_spread_by_default else [each.topology_key for each in soft]
    counted = [node for node in nodes if all(key in node.labels for key in keys)]
    raw = {node.name: math.floor(spread_sum(world, pod, node, counted, keys) + 0.5) for node in counted}
    least, greatest = min(raw.values(), default=0), max(raw.values(), default=0)
    return [
        0 if node.name not in raw else 100 if not greatest else 100 * (greatest + least - raw[node.name]) // greatest
        for node in nodes
    ]


def spread_sum(world: World, pod: PodInfo, node: NodeSpec, counted: list[NodeSpec], keys: list[str]) -> float:
    total = 0.0
    for each in pod.spec.soft_spread:
        if each.topology_key not in node.labels:
            continue
        if each.topology_key == HOSTNAME:
            size, number = len(counted), matching(world, pod, each, node.name)
        else:
            size = len({one.labels.get(each.topology_key, "") for one in counted})
            number = by_domain(world, pod, each, keys)[node.labels[each.topology_key]]
        total += number * math.log(size + 2) + each.max_skew - 1
    return total


def taint_scores(spec: PodSpec, nodes: list[NodeSpec]) -> list[int]:
    counts = [
        sum(each.effect == "PreferNoSchedule" and not tolerates(spec, each) for each in node.taints) for node in nodes
    ]
    return [100 - 100 * count // max(counts) if max(counts) else 100 for count in counts]
