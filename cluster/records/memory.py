"""A worker's cache of its clusters' objects, brought up to date from the journal under the cluster's lock. It is private to the
worker, and an entry can be dropped at any time."""

from collections import OrderedDict

from cluster import models
from cluster.records.loading import Loaded, catch_up, load

MOST_OBJECTS = 200_000


class Memory:
    """Clusters by key, least recently used first; limited to MOST_OBJECTS objects in all, or to one cluster."""

    def __init__(self, most_objects: int = MOST_OBJECTS) -> None:
        self.most_objects = most_objects
        self.clusters: OrderedDict[int, Loaded] = OrderedDict()

    def recall(self, cluster: models.Cluster) -> Loaded:
        """The up-to-date objects of a cluster. `cluster`: its locked row."""
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
