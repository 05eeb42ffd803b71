"""Garbage collection by owner, in the background: what lost its owner goes (pkg/controller/garbagecollector)."""

from cluster.core.objects import Change, Delete, Explanation, Family
from cluster.core.podgroups import PodGroups
from cluster.core.replicaset import terminate


def collect(family: Family, now: float, groups: PodGroups) -> list[Change]:
    """Deletes ReplicaSets whose Deployment is gone and pods whose ReplicaSet is gone. Orphans (no owner) stay."""
    owner = family.deployment.uid if family.deployment else None
    changes: list[Change] = []
    gone = set()
    for replicaset in family.replicasets.values():
        if replicaset.owner_uid is not None and replicaset.owner_uid != owner:
            gone.add(replicaset.uid)
            changes.append(Delete(object=replicaset, why=_explain("Deployment", replicaset.name)))
    living = family.replicasets.keys() - gone
    if gone or groups.by_owner.keys() - living - {None}:
        for pod in family.pods.values():
            if pod.owner_uid is not None and pod.owner_uid not in living:
                changes += terminate(pod, now)
    return changes


def _explain(kind: str, name: str) -> Explanation:
    return Explanation(rule="owner-gone", inputs={}, text=f"The {kind} that owned {name} is gone")
