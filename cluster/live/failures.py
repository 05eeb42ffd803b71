"""Single objects whose controllers fail, while the rest of their cluster goes on: what the log says of them."""

from cluster import models
from cluster.core.queue import FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, Key
from cluster.core.reconcile import POD_RETRY_SECONDS, Failed
from cluster.core.state import State
from cluster.records.troubles import Troubles

keys = Troubles(first_seconds=FIRST_RETRY_SECONDS, longest_seconds=LONGEST_RETRY_SECONDS)
pods = Troubles(first_seconds=POD_RETRY_SECONDS, longest_seconds=POD_RETRY_SECONDS)


def teller(cluster: models.Cluster, state: State) -> Failed:
    """For `reconcile`: logs what fails in full at first, then ever more seldom."""

    def failed(key: Key, error: Exception) -> None:  # noqa: ARG001 it is being handled, and logged as that
        troubles_of(key).met((cluster.pk, key), f"{name_of(key, state)} of cluster {cluster.name}")

    return failed


def tell_mended(cluster: models.Cluster, state: State) -> None:
    """After a pass that left nothing undone: what has failed before and is no longer waiting for another try works, or is
    gone."""
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
