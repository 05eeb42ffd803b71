"""A node and the running sums of its pods (pkg/scheduler/framework/types.go, NodeInfo)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cluster.core.objects import Labels, Node
from cluster.core.scheduling.pods import HOSTNAME, PodInfo, Port, conflict
from cluster.core.scheduling.resources import Resources, amounts, resources
from cluster.core.scheduling.taints import Taint, taint

DEFAULT_PODS = 110

Key = TypeVar("Key")


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeSpec:
    """A node as its manifest describes it. `pods`: how many it can run. `images`: bytes by normalised name."""

    name: str
    labels: Labels = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False
    allocatable: Resources = Resources()
    pods: int = DEFAULT_PODS
    images: Mapping[str, int] = field(default_factory=dict)


def read_node(node: Node) -> NodeSpec:
    """The parts of a node that the scheduler reads. Images have no size here, so ImageLocality scores none."""
    return NodeSpec(
        name=node.name,
        labels=node_labels(node),
        taints=tuple(taint(each) for each in node.taints),
        unschedulable=node.unschedulable,
        allocatable=resources(amounts(node.allocatable)),
        pods=node.slots,
    )


def node_labels(node: Node) -> Labels:
    """The node's labels, and those that a kubelet sets where they are missing (pkg/kubelet/kubelet_node_status.go)."""
    return {HOSTNAME: node.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", **node.labels}


def normalised(image: str) -> str:
    """The image's name with its tag, `latest` where it has none (plugins/imagelocality, normalizedImageName)."""
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"


class NodeInfo:
    """`index` is the node's place in the snapshot's order; `generation` increases with every change to the node."""

    __slots__ = (
        "cpu",
        "ephemeral_storage",
        "generation",
        "index",
        "memory",
        "nonzero_cpu",
        "nonzero_memory",
        "pods",
        "ports",
        "priorities",
        "scalar",
        "spec",
    )

    def __init__(self, spec: NodeSpec) -> None:
        self.spec = spec
        self.index = self.generation = 0
        self.pods: dict[str, PodInfo] = {}
        self.cpu = self.memory = self.ephemeral_storage = self.nonzero_cpu = self.nonzero_memory = 0
        self.scalar: dict[str, int] = {}
        self.ports: dict[Port, int] = {}
        self.priorities: dict[int, int] = {}

    def add(self, pod: PodInfo) -> None:
        self.pods[pod.uid] = pod
        self._count(pod, 1)

    def remove(self, pod: PodInfo) -> None:
        del self.pods[pod.uid]
        self._count(pod, -1)

    def _count(self, pod: PodInfo, sign: int) -> None:
        spec = pod.spec
        wanted = spec.requests
        self.cpu += sign * wanted.cpu
        self.memory += sign * wanted.memory
        self.ephemeral_storage += sign * wanted.ephemeral_storage
        self.nonzero_cpu += sign * spec.nonzero_cpu
        self.nonzero_memory += sign * spec.nonzero_memory
        for name, value in wanted.scalar.items():
            self.scalar[name] = self.scalar.get(name, 0) + sign * value
        for port in spec.ports:
            bump(self.ports, port, sign)
        bump(self.priorities, spec.priority, sign)

    def has_conflict(self, ports: Iterable[Port]) -> bool:
        return any(conflict(port, used) for port in ports for used in self.ports)


def bump(counts: dict[Key, int], key: Key, by: int) -> None:
    """Adds to a count, and removes it at zero."""
    now = counts.get(key, 0) + by
    if now:
        counts[key] = now
    else:
        counts.pop(key, None)
