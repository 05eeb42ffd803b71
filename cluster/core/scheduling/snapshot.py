"""All nodes with their pods, and what is known of them for each kind of pod (pkg/scheduler/backend/cache).

A snapshot changes in place. Like upstream's cache it keeps the nodes in the order of their last change, so that whoever
remembers a generation sees only the nodes that have changed since.
"""

from collections import OrderedDict
from collections.abc import Iterator

from cluster.core.objects import Labels
from cluster.core.scheduling.counting import Counts
from cluster.core.scheduling.nodes import NodeInfo, NodeSpec, bump
from cluster.core.scheduling.pods import PodInfo


class Snapshot:
    """`structure` grows when nodes come or go, or their labels or images change; `generation` with every change."""

    def __init__(self) -> None:
        self.nodes: OrderedDict[str, NodeInfo] = OrderedDict()
        self.arranged: list[NodeInfo] | None = None
        self.pods: dict[str, PodInfo] = {}
        self.nominated: dict[str, dict[str, PodInfo]] = {}
        self.images: dict[str, int] = {}
        self.counts = Counts(self.nodes)
        self.structure = self.generation = 0
        self.columns: dict[str, list[str | None]] = {}

    def put_node(self, spec: NodeSpec) -> None:
        """Adds a node, or changes what is known of it. Its pods stay."""
        node = self.nodes.get(spec.name)
        if node is None:
            node = self.nodes[spec.name] = NodeInfo(spec)
            self._restructure()
        elif node.spec.labels != spec.labels:
            self._relabel(node, spec)
        elif node.spec.images != spec.images:
            self._restructure()
        node.spec = spec
        self._touch(node)

    def remove_node(self, name: str) -> None:
        """The node and its pods. Raises KeyError for an unknown node."""
        for pod in list(self.nodes[name].pods.values()):
            self.remove_pod(pod.uid)
        del self.nodes[name]
        self._restructure()

    def add_pod(self, pod: PodInfo) -> None:
        """A pod that is bound, `pod.node` says where, or one of which something else than its node has changed. Raises
        KeyError if there is no such node."""
        if pod.uid in self.pods:
            self.remove_pod(pod.uid)
        self.forget_nomination(pod.uid)
        self.assume(pod)

    def remove_pod(self, uid: str) -> PodInfo | None:
        """None if the pod is not bound; a nomination goes too."""
        self.forget_nomination(uid)
        pod = self.pods.get(uid)
        if pod is not None:
            self.forget(pod)
        return pod

    def assume(self, pod: PodInfo) -> None:
        """Counts the pod on its node, for good or to see what would be."""
        node = self.nodes[pod.node]
        self.pods[pod.uid] = pod
        node.add(pod)
        self.counts.count(pod, node, 1)
        self._touch(node)

    def forget(self, pod: PodInfo) -> None:
        """Takes `assume` back."""
        node = self.nodes[pod.node]
        del self.pods[pod.uid]
        node.remove(pod)
        self.counts.count(pod, node, -1)
        self._touch(node)

    def nominate(self, pod: PodInfo, node: str) -> None:
        """The pod waits for room on this node: room that pods of a lower priority may not take."""
        self.forget_nomination(pod.uid)
        self.nominated.setdefault(node, {})[pod.uid] = pod

    def forget_nomination(self, uid: str) -> None:
        for name in [name for name, pods in self.nominated.items() if uid in pods]:
            del self.nominated[name][uid]
            if not self.nominated[name]:
                del self.nominated[name]

    def put_namespace(self, name: str, labels: Labels) -> None:
        self.counts.namespaces[name] = labels
        self.counts.forget_matches()
        self._restructure()

    def changed_since(self, generation: int) -> Iterator[NodeInfo]:
        for node in reversed(self.nodes.values()):
            if node.generation <= generation:
                return
            yield node

    @property
    def order(self) -> list[NodeInfo]:
        """The nodes by name."""
        if self.arranged is None:
            self.arranged = sorted(self.nodes.values(), key=lambda node: node.spec.name)
            for index, node in enumerate(self.arranged):
                node.index = index
                for image in node.spec.images:
                    bump(self.images, image, 1)
        return self.arranged

    def column(self, key: str) -> list[str | None]:
        """The nodes' values of a label, in their order."""
        found = self.columns.get(key)
        if found is None:
            found = self.columns[key] = [node.spec.labels.get(key) for node in self.order]
        return found

    def _touch(self, node: NodeInfo) -> None:
        self.generation += 1
        node.generation = self.generation
        self.nodes.move_to_end(node.spec.name)

    def _relabel(self, node: NodeInfo, spec: NodeSpec) -> None:
        """The pods are counted under the node's new labels."""
        for pod in node.pods.values():
            self.counts.count(pod, node, -1)
        node.spec = spec
        for pod in node.pods.values():
            self.counts.count(pod, node, 1)
        self._restructure()

    def _restructure(self) -> None:
        self.structure += 1
        self.columns.clear()
        self.arranged = None
        self.images.clear()
