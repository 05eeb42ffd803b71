"""One pass of a Deployment's controller: what it sees, and the changes it has decided so far."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from cluster.core.objects import Change, Create, Delete, Deployment, Event, Explanation, ReplicaSet, Update
from cluster.core.state import State

CONTROLLER = "deployment-controller"


class Step:
    """Later decisions of a pass see the earlier ones, as upstream's do through the objects that its writes return.
    `replicasets` are the Deployment's own, and those without an owner in its namespace."""

    def __init__(self, state: State, deployment: Deployment, now: float) -> None:
        self.state, self.deployment, self.now = state, deployment, now
        self.replicasets: dict[str, ReplicaSet] = {
            **state.replicasets_of(deployment.uid),
            **state.orphans_in(deployment.namespace),
        }
        self.changes: list[Change] = []

    def owned(self) -> list[ReplicaSet]:
        """The Deployment's ReplicaSets, oldest first."""
        mine = (each for each in self.replicasets.values() if each.owner_uid == self.deployment.uid)
        return sorted(mine, key=lambda each: (each.created_at, each.number))

    def update_deployment(self, new: Deployment, why: Explanation | None = None) -> None:
        self.deployment = new
        self.changes.append(Update(object=new, why=why))

    def update_replicaset(self, new: ReplicaSet, why: Explanation | None = None) -> ReplicaSet:
        """A changed spec is a new generation."""
        old = self.replicasets[new.uid]
        if (old.replicas, old.min_ready_seconds) != (new.replicas, new.min_ready_seconds):
            new = replace(new, generation=old.generation + 1)
        self.replicasets[new.uid] = new
        self.changes.append(Update(object=new, why=why))
        return new

    def create_replicaset(self, new: ReplicaSet, why: Explanation | None) -> None:
        self.replicasets[new.uid] = new
        self.changes.append(Create(object=new, why=why))

    def delete_replicaset(self, gone: ReplicaSet, why: Explanation) -> None:
        del self.replicasets[gone.uid]
        self.changes.append(Delete(object=gone, why=why))

    def emit(
        self, reason: str, message: str, why: Explanation | None, kind: Literal["Normal", "Warning"] = "Normal"
    ) -> None:
        owner = self.deployment
        self.changes.append(
            Event(
                kind="Deployment",
                uid=owner.uid,
                name=owner.name,
                type=kind,
                reason=reason,
                message=message,
                source=CONTROLLER,
                why=why,
            )
        )


def total_replicas(replicasets: Iterable[ReplicaSet]) -> int:
    return sum(each.replicas for each in replicasets)


def active(replicasets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    return [each for each in replicasets if each.replicas > 0]
