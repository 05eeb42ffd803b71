"""One pass of the Deployment controller: the objects that it reads and the changes that it has decided so far."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from cluster.core.objects import Change, Create, Delete, Deployment, Event, Explanation, ReplicaSet, Update
from cluster.core.state import State

CONTROLLER = "deployment-controller"


class Conflict(Exception):
    """Raised when a pass writes an object a second time without having read it again: the API server refuses the write, and the
    pass is repeated. `changes` are those decided before."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__("the object has been modified; please apply your changes to the latest version and try again")
        self.changes = changes


class SyncError(Exception):
    """Raised at the end of a pass that could not do everything. Its changes are kept (`changes`); the key is retried with
    growing delays."""

    def __init__(self, problem: str, changes: list[Change]) -> None:
        super().__init__(problem)
        self.changes = changes


class Step:
    """Later decisions of a pass see the earlier ones, as upstream's do through the objects that its writes return.
    `replicasets` are the Deployment's own and, in its namespace, those without an owner."""

    def __init__(self, state: State, deployment: Deployment, now: float) -> None:
        self.state, self.deployment, self.now = state, deployment, now
        self.replicasets: dict[str, ReplicaSet] = {
            **state.replicasets_of(deployment.uid),
            **state.orphans_in(deployment.namespace),
        }
        self.changes: list[Change] = []
        self.counted = deployment.replicasets_created
        self.outdated: set[str] = set()  # the uids of objects written and not read again since

    def owned(self) -> list[ReplicaSet]:
        """The Deployment's ReplicaSets, oldest first."""
        mine = (each for each in self.replicasets.values() if each.owner_uid == self.deployment.uid)
        return sorted(mine, key=lambda each: (each.created_at, each.number))

    def update_deployment(self, new: Deployment, why: Explanation | None = None) -> None:
        if new.uid in self.outdated and self.deployment.replicasets_created > self.counted:
            self.changes.append(Update(object=self.deployment))
        self.check_version(new.uid)
        self.outdated.add(new.uid)
        self.counted = new.replicasets_created
        self.deployment = new
        self.changes.append(Update(object=new, why=why))

    def check_version(self, uid: str) -> None:
        if uid in self.outdated:
            raise Conflict(self.changes)

    def update_replicaset(self, new: ReplicaSet, why: Explanation | None = None) -> ReplicaSet:
        """Writes a ReplicaSet; a changed spec increments its generation. Returns the ReplicaSet as written, which the pass uses
        from then on."""
        self.check_version(new.uid)
        old = self.replicasets[new.uid]
        if (old.replicas, old.min_ready_seconds) != (new.replicas, new.min_ready_seconds):
            new = replace(new, generation=old.generation + 1)
        self.replicasets[new.uid] = new
        self.changes.append(Update(object=new, why=why))
        return new

    def create_replicaset(self, new: ReplicaSet, why: Explanation | None) -> None:
        """Creates a ReplicaSet. The Deployment's `replicasets_created` is written with its next update, or alone where that
        update conflicts: this count is ours, not upstream's, so its write is never refused."""
        self.replicasets[new.uid] = new
        self.changes.append(Create(object=new, why=why))
        self.deployment = replace(self.deployment, replicasets_created=new.number)

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
