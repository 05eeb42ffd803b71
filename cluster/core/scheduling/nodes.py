"""A node and the running sums of its pods (pkg/scheduler/framework/types.go, NodeInfo)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cluster.core.objects import Labels, Manifest
from cluster.core.scheduling.pods import EVERY_ADDRESS, PodInfo, Port
from cluster.core.scheduling.resources import NANOS, Amounts, Resources, amounts, resources
from cluster.core.scheduling.taints import Taint, taint

# What a kubelet keeps back by default: memory.available<100Mi, nodefs.available<10% (pkg/kubelet/apis/config/v1beta1).
KEPT_MEMORY, KEPT_STORAGE_PERCENT = 100 * 2**20, 10
DEFAULT_PODS = 110

Key = TypeVar("Key")


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeSpec:
    """A node as its manifest says. `pods`: how many it may hold. `images`: bytes by normalised name."""

    name: str
    labels: Labels = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False
    allocatable: Resources = Resources()
    pods: int = DEFAULT_PODS
    images: Mapping[str, int] = field(default_factory=dict)


def read_node(manifest: Manifest) -> NodeSpec:
    """A Node in JSON. Allocatable is the capacity where it is not told (SetDefaults_NodeStatus)."""
    metadata, spec, status = (manifest.get(part) or {} for part in ("metadata", "spec", "status"))
    allocatable = amounts(status.get("allocatable") or status.get("capacity"))
    return NodeSpec(
        name=metadata["name"],
        labels=metadata.get("labels") or {},
        taints=tuple(taint(each) for each in spec.get("taints") or ()),
        unschedulable=bool(spec.get("unschedulable")),
        allocatable=resources(allocatable),
        pods=allocatable.get("pods", 0) // NANOS,
        images={
            normalised(name): int(image.get("sizeBytes") or 0)
            for image in status.get("images") or ()
            for name in image.get("names") or ()
        },
    )


def default_allocatable(capacity: Mapping[str, str]) -> Amounts:
    """What a kubelet with its defaults offers of this capacity, in nanos (pkg/kubelet/cm/node_container_manager.go)."""
    found = amounts({"pods": DEFAULT_PODS, **capacity})
    if "memory" in found:
        found["memory"] = max(found["memory"] - KEPT_MEMORY * NANOS, 0)
    if "ephemeral-storage" in found:
        found["ephemeral-storage"] -= found["ephemeral-storage"] * KEPT_STORAGE_PERCENT // 100
    return found


def normalised(image: str) -> str:
    """The name with its tag (plugins/imagelocality, normalizedImageName)."""
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"


class NodeInfo:
    """`index` is its place in the snapshot's order; `generation` grows with whatever changes on it."""

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
        """Every address conflicts with each address of the same port and protocol (HostPortInfo.CheckConflict)."""
        return any(
            used[1:] == port[1:] and (used[0] == port[0] or EVERY_ADDRESS in (used[0], port[0]))
            for port in ports
            for used in self.ports
        )


def bump(counts: dict[Key, int], key: Key, by: int) -> None:
    """Adds, and forgets what is down to zero."""
    now = counts.get(key, 0) + by
    if now:
        counts[key] = now
    else:
        counts.pop(key, None)
