"""All nodes with their pods, and the counts over them (pkg/scheduler/backend/cache).

A snapshot changes in place. Like upstream's cache it keeps the nodes in the order of their last change, so that a reader
that remembers a generation gets only the nodes that have changed since.
"""

from collections import OrderedDict
from collections.abc import Iterator

from cluster.core.objects import Labels
from cluster.core.scheduling.counting import Counts
from cluster.core.scheduling.nodes import NodeInfo, NodeSpec, bump
from cluster.core.scheduling.pods import PodInfo


class Snapshot:
    """`structure` increases when nodes are added or removed, their labels or images change, or a namespace changes;
    `generation` with every change to a node. `homeless`: pods by the name of a node that does not exist; they are counted
    when it is added. `claims` are the volume claims that exist, (namespace, name); None: unknown."""

    def __init__(self) -> None:
        self.nodes: OrderedDict[str, NodeInfo] = OrderedDict()
        self.arranged: list[NodeInfo] | None = None
        self.pods: dict[str, PodInfo] = {}
        self.homeless: dict[str, dict[str, PodInfo]] = {}
        self.nominated: dict[str, dict[str, PodInfo]] = {}
        self.nominated_to: dict[str, str] = {}
        self.claims: frozenset[tuple[str, str]] | None = None
        self.images: dict[str, int] = {}
        self.counts = Counts(self.nodes)
        self.structure = self.generation = 0
        self.columns: dict[str, list[str | None]] = {}

    def put_node(self, spec: NodeSpec) -> None:
        """Adds or updates a node. Its pods stay."""
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
        for pod in self.homeless.pop(spec.name, {}).values():
            self.assume(pod)

    def remove_node(self, name: str) -> None:
        """Removes a node. Its pods are kept until they are removed, or a node of that name is added again (cache.go,
        RemoveNode). Raises KeyError for an unknown node."""
        for pod in list(self.nodes[name].pods.values()):
            self.forget(pod)
            self.homeless.setdefault(name, {})[pod.uid] = pod
        del self.nodes[name]
        self._restructure()

    def add_pod(self, pod: PodInfo) -> None:
        """Adds or updates a pod that is bound to `pod.node`."""
        self.remove_pod(pod.uid)
        if pod.node in self.nodes:
            self.assume(pod)
        else:
            self.homeless.setdefault(pod.node, {})[pod.uid] = pod

    def known(self, uid: str, node: str) -> PodInfo | None:
        """The pod of that uid as it is counted, or as it waits for a node that does not exist; None if there is none."""
        return self.pods.get(uid) or self.homeless.get(node, {}).get(uid)

    def remove_pod(self, uid: str) -> PodInfo | None:
        """Removes a pod and its nomination; returns the pod, or None if it is not bound."""
        self.forget_nomination(uid)
        pod = self.pods.get(uid)
        if pod is not None:
            self.forget(pod)
            return pod
        return self._remove_homeless(uid) if self.homeless else None

    def assume(self, pod: PodInfo) -> None:
        """Counts the pod on its node, for good or as a trial."""
        node = self.nodes[pod.node]
        self.pods[pod.uid] = pod
        node.add(pod)
        self.counts.count(pod, node, 1)
        self._touch(node)

    def forget(self, pod: PodInfo) -> None:
        """Undoes `assume`."""
        node = self.nodes[pod.node]
        del self.pods[pod.uid]
        node.remove(pod)
        self.counts.count(pod, node, -1)
        self._touch(node)

    def nominate(self, pod: PodInfo, node: str) -> None:
        """Reserves room on this node for the pod, which pods of a lower priority may not use."""
        self.forget_nomination(pod.uid)
        self.nominated.setdefault(node, {})[pod.uid] = pod
        self.nominated_to[pod.uid] = node

    def forget_nomination(self, uid: str) -> None:
        name = self.nominated_to.pop(uid, None)
        if name is not None:
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
        """The nodes, sorted by name."""
        if self.arranged is None:
            self.arranged = sorted(self.nodes.values(), key=lambda node: node.spec.name)
            for index, node in enumerate(self.arranged):
                node.index = index
                for image in node.spec.images:
                    bump(self.images, image, 1)
        return self.arranged

    def column(self, key: str) -> list[str | None]:
        """The nodes' values of a label, in the nodes' order."""
        found = self.columns.get(key)
        if found is None:
            found = self.columns[key] = [node.spec.labels.get(key) for node in self.order]
        return found

    def _remove_homeless(self, uid: str) -> PodInfo | None:
        for name, pods in self.homeless.items():
            if uid in pods:
                found = pods.pop(uid)
                if not pods:
                    del self.homeless[name]
                return found
        return None

    def _touch(self, node: NodeInfo) -> None:
        self.generation += 1
        node.generation = self.generation
        self.nodes.move_to_end(node.spec.name)

    def _relabel(self, node: NodeInfo, spec: NodeSpec) -> None:
        """Counts the node's pods under its new labels."""
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
