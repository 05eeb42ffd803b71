"""The scores of the default profile, 0 to 100 each, with their weights (pkg/scheduler/apis/config/v1/default_plugins.go).

A score that needs no comparison between nodes is computed when a node has changed (`own_score`), the others for all
feasible nodes at each decision (`affinity_scores`, `spread_scores` ...).
"""

import math
from collections.abc import Mapping, Sequence

from cluster.core.scheduling.nodes import NodeInfo, normalised
from cluster.core.scheduling.plugins.spread import Domains
from cluster.core.scheduling.pods import HOSTNAME, PodSpec
from cluster.core.scheduling.taints import PREFER_NO_SCHEDULE, is_tolerated

MOST = 100
WEIGHTS: Mapping[str, int] = {
    "NodeResourcesFit": 1,
    "NodeResourcesBalancedAllocation": 1,
    "ImageLocality": 1,
    "InterPodAffinity": 2,
    "NodeAffinity": 2,
    "PodTopologySpread": 2,
    "TaintToleration": 3,
}
MEGABYTE = 2**20
SMALLEST_IMAGE, LARGEST_IMAGE = 23 * MEGABYTE, 1000 * MEGABYTE


def own_score(spec: PodSpec, node: NodeInfo, images: Mapping[str, int], nodes: int) -> int:
    """The weighted sum of the scores that depend on this node alone. `images`: how many of the `nodes` have each image."""
    return least_allocated(spec, node) + balanced_allocation(spec, node) + image_locality(spec, node, images, nodes)


def least_allocated(spec: PodSpec, node: NodeInfo) -> int:
    """The mean of the free shares of CPU and memory; containers without requests count 100m and 200Mi."""
    shares = [
        (allocatable - requested) * MOST // allocatable if requested <= allocatable else 0
        for requested, allocatable in (
            (node.nonzero_cpu + spec.nonzero_cpu, node.spec.allocatable.cpu),
            (node.nonzero_memory + spec.nonzero_memory, node.spec.allocatable.memory),
        )
        if allocatable
    ]
    return sum(shares) // len(shares) if shares else 0


def balanced_allocation(spec: PodSpec, node: NodeInfo) -> int:
    """How much the pod evens out the shares of CPU and memory: 75 if it changes nothing, 0 for a pod that requests neither."""
    wanted = spec.requests
    if not wanted.cpu and not wanted.memory:
        return 0
    with_pod = balanced_score(node, node.cpu + wanted.cpu, node.memory + wanted.memory)
    return MOST // 2 + (MOST // 2 + with_pod - balanced_score(node, node.cpu, node.memory)) // 2


def balanced_score(node: NodeInfo, cpu: int, memory: int) -> int:
    """100 minus the standard deviation of the two shares in percent (balancedResourceScore)."""
    has = node.spec.allocatable
    if not has.cpu or not has.memory:
        return MOST
    return int((1 - abs((min(cpu / has.cpu, 1.0) - min(memory / has.memory, 1.0)) / 2)) * MOST)


def image_locality(spec: PodSpec, node: NodeInfo, images: Mapping[str, int], nodes: int) -> int:
    """The score for the bytes of the pod's images that the node has, each scaled by the share of nodes that have the image."""
    if not node.spec.images:
        return 0
    names = [normalised(image) for image in spec.images]
    total = sum(int(node.spec.images[name] * (images[name] / nodes)) for name in names if name in node.spec.images)
    largest = LARGEST_IMAGE * len(names)
    return MOST * (min(max(total, SMALLEST_IMAGE), largest) - SMALLEST_IMAGE) // (largest - SMALLEST_IMAGE)


def intolerable_taints(spec: PodSpec, node: NodeInfo) -> int:
    """How many PreferNoSchedule taints the pod does not tolerate."""
    fitting = [each for each in spec.tolerations if each.effect in ("", PREFER_NO_SCHEDULE)]
    return sum(each.effect == PREFER_NO_SCHEDULE and not is_tolerated(each, fitting) for each in node.spec.taints)


def preferred_terms_weight(spec: PodSpec, node: NodeInfo) -> int:
    """The weights of the preferred node affinity terms that match."""
    return sum(weight for weight, term in spec.preferred_nodes if term.matches(node.spec.name, node.spec.labels))


def normalise(scores: Sequence[int], *, reverse: bool = False) -> list[int]:
    """Scales the scores so that the greatest becomes 100; `reverse`: 100 minus that (plugins/helper, DefaultNormalizeScore)."""
    greatest = max(scores, default=0)
    if greatest == 0:
        return [MOST if reverse else 0] * len(scores)
    shares = [MOST * score // greatest for score in scores]
    return [MOST - share for share in shares] if reverse else shares


def affinity_scores(scores: Sequence[int]) -> list[int]:
    """Scales the scores so that the least becomes 0 and the greatest 100."""
    least, greatest = min(scores), max(scores)
    span = greatest - least
    return [int(MOST * ((score - least) / span)) for score in scores] if span else [0] * len(scores)


def spread_scores(soft: Sequence[Domains], spec: PodSpec, indices: Sequence[int], names: Sequence[str]) -> list[int]:
    """The fewer matching pods in the node's domains, the higher the score; larger topologies weigh more, by the logarithm of
    their size. Nodes without one of the topology keys have 0, except with the default constraints (scoring.go)."""
    ignored: set[int] = set()
    if not spec.is_spread_by_default:
        ignored = {index for index in indices if any(each.values[index] is None for each in soft)}
    counted = [index for index in indices if index not in ignored] if ignored else indices
    sums = [0.0] * len(counted)
    for domains in soft:
        add_spread(sums, domains, counted, names)
    raw = [math.floor(each + 0.5) for each in sums]
    scores = spread_normalised(raw)
    if not ignored:
        return scores
    by_index = dict(zip(counted, scores, strict=True))
    return [by_index.get(index, 0) for index in indices]


def add_spread(sums: list[float], domains: Domains, indices: Sequence[int], names: Sequence[str]) -> None:
    values, offset = domains.values, domains.constraint.max_skew - 1
    if domains.constraint.topology_key == HOSTNAME:
        weight, by_node = math.log(len(indices) + 2), domains.matching.by_node
        numbers = [by_node.get(names[index], 0) for index in indices]
    else:
        weight, counts = math.log(len({values[index] for index in indices}) + 2), domains.counts
        numbers = [counts.get(values[index] or "", 0) for index in indices]
    for place, index in enumerate(indices):
        if values[index] is not None:
            sums[place] += numbers[place] * weight + offset


def spread_normalised(raw: Sequence[int]) -> list[int]:
    least, greatest = min(raw, default=0), max(raw, default=0)
    if greatest == 0:
        return [MOST] * len(raw)
    return [MOST * (greatest + least - score) // greatest for score in raw]
