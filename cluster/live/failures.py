"""Logs the failures of single objects' controllers; the rest of the cluster keeps running."""

from cluster import models
from cluster.core.queue import FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, Key
from cluster.core.reconcile import POD_RETRY_SECONDS, Failed
from cluster.core.state import State
from cluster.records.troubles import Troubles

keys = Troubles(first_seconds=FIRST_RETRY_SECONDS, longest_seconds=LONGEST_RETRY_SECONDS)
pods = Troubles(first_seconds=POD_RETRY_SECONDS, longest_seconds=POD_RETRY_SECONDS)


def teller(cluster: models.Cluster, state: State) -> Failed:
    """The `failed` callback for `reconcile`: logs an object's first failure in full, repeated ones ever more rarely."""

    def failed(key: Key, error: Exception) -> None:  # noqa: ARG001 logged as the exception being handled
        troubles_of(key).met((cluster.pk, key), f"{name_of(key, state)} of cluster {cluster.name}")

    return failed


def tell_mended(cluster: models.Cluster, state: State) -> None:
    """Called after a pass that left nothing undone: logs objects that failed before as working again, unless they still wait for
    a retry. Deleted objects count too."""
    for troubles in (keys, pods):
        for told in [each for each in troubles.counts if isinstance(each, tuple) and each[0] == cluster.pk]:
            key: Key = told[1]
            if key not in state.queue.failures:
                troubles.over(told, f"{name_of(key, state)} of cluster {cluster.name}")


def troubles_of(key: Key) -> Troubles:
    return pods if key[0] == "Pod" else keys


def name_of(key: Key, state: State) -> str:
    kind, uid = key
    found = state.deployments.get(uid) or state.replicasets.get(uid) or state.pods.get(uid)
    return f"{kind} {found.namespace}/{found.name}" if found else f"{kind} {uid}"
