"""What a worker remembers: its clusters' objects, brought up to date from the journal under the cluster's lock. Nothing here is
true for anybody else; whatever goes wrong, forgetting is safe."""

from collections import OrderedDict

from cluster import models
from cluster.records.loading import Loaded, catch_up, load

MOST_OBJECTS = 200_000


class Memory:
    """Clusters by their keys, least recently used first; together they hold MOST_OBJECTS objects, or one cluster."""

    def __init__(self, most_objects: int = MOST_OBJECTS) -> None:
        self.most_objects = most_objects
        self.clusters: OrderedDict[int, Loaded] = OrderedDict()

    def recall(self, cluster: models.Cluster) -> Loaded:
        """`cluster`: its locked row."""
        loaded = self.clusters.pop(cluster.pk, None)
        if loaded is None or not cluster.tail <= loaded.rv <= cluster.head:
            loaded = load(cluster)
        else:
            catch_up(loaded, cluster)
        self.clusters[cluster.pk] = loaded
        return loaded

    def forget(self, key: int | None) -> None:
        if key is not None:
            self.clusters.pop(key, None)

    def trim(self) -> None:
        size = sum(each.size for each in self.clusters.values())
        while size > self.most_objects and len(self.clusters) > 1:
            _, loaded = self.clusters.popitem(last=False)
            size -= loaded.size
