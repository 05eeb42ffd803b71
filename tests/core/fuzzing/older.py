"""What Kubernetes 1.20.2 did otherwise than 1.36, as changes of the core's rules: with them the core must do exactly as the
recorded plane of 1.20.2 did."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from cluster.core import informers
from cluster.core.controllers import revisions, scaling
from cluster.core.controllers.step import Step
from cluster.core.objects import Event, Explanation, ReplicaSet
from cluster.core.queue import Key
from cluster.core.state import State


@dataclass(frozen=True)
class Older:
    """`rule` is the function in `module` that 1.20 had otherwise, `before` what it was; `what` it does today and
    `why` 1.20 did not are for people. `today`: the recorded sequence of 1.36.2 that shows today's."""

    name: str
    what: str
    why: str
    module: Any
    rule: str
    before: Any
    today: str = ""


def by_creation(replicasets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    return sorted(replicasets, key=lambda each: (each.created_at, each.name))


def hears_no_termination(state: State, old: ReplicaSet | None, new: ReplicaSet | None) -> Iterator[Key]:
    """A status that tells only of fewer terminating pods wakes nobody: there was no such status."""
    if old and new and replace(old, status=uncounted(old)) == replace(new, status=uncounted(new)):
        return
    yield from today_of_replicaset(state, old, new)


def uncounted(replicaset: ReplicaSet) -> Any:
    return replace(replicaset.status, terminating_replicas=0)


def says_what_the_whole_does(step: Step, replicaset: ReplicaSet, replicas: int, why: Explanation) -> None:
    """Where a size is shared out, the event's word is that of the sum."""
    events = len(step.changes)
    today_resize(step, replicaset, replicas, why)
    if why.rule == "proportional" and replicas != replicaset.replicas:
        word = "up" if why.inputs["to_add"] > 0 else "down"
        step.changes[events:] = [
            replace(each, message=re.sub("Scaled (up|down)", f"Scaled {word}", each.message))
            if isinstance(each, Event)
            else each
            for each in step.changes[events:]
        ]


today_of_replicaset, today_resize = informers.of_replicaset, scaling.resize
OLDER = (
    Older(
        "terminating pods",
        "A Recreate Deployment that waits for its old pods goes on when the last of them is gone, though there are others: new pods of "
        "a rolling update that had begun, or failed ones",
        "the ReplicaSet's terminatingReplicas changes and wakes its Deployment; 1.20 stood still until something else did",
        informers,
        "of_replicaset",
        hears_no_termination,
        today="200",
    ),
    Older(
        "revision history",
        "revisionHistoryLimit deletes the ReplicaSets of the lowest revisions",
        "1.20 deleted the ones made first, whatever their revision (kubernetes/kubernetes#82570)",
        revisions,
        "oldest_first",
        by_creation,
        today="209",
    ),
    Older(
        "events of shares",
        "Where a size is shared out the event of each ReplicaSet says up or down as that one goes",
        "1.20 said the word of the sum, also of a ReplicaSet that went the other way; by the source of 1.36 (scaleReplicaSet in sync.go)",
        scaling,
        "resize",
        says_what_the_whole_does,
    ),
)


@contextmanager
def as_before(*rules: Older) -> Iterator[None]:
    with ExitStack() as stack:
        for each in rules:
            stack.enter_context(patch.object(each.module, each.rule, each.before))
        yield
