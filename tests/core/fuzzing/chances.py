"""What upstream leaves to chance between its controllers, as changes of the core's order for one step: the rules are the same, who is
first is not. Each is a name, `chance` gives the context in which a step goes so."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest.mock import patch

from cluster.core import informers
from cluster.core.controllers.step import Conflict, Step
from cluster.core.objects import Explanation, ReplicaSet
from cluster.core.queue import Key, WorkQueue
from cluster.core.state import State

MOST_WRITES = 8
DEPLOYMENT_FIRST, DEPLOYMENT_LAST, DEPLOYMENT_AGAIN = "Deployment first", "Deployment last", "Deployment again at once"
REFUSED = tuple(f"resize {number} refused" for number in range(1, MOST_WRITES + 1))
CHANCES = (DEPLOYMENT_FIRST, DEPLOYMENT_LAST, DEPLOYMENT_AGAIN, *REFUSED)
IN_WORDS = {
    DEPLOYMENT_FIRST: "the Deployment's controller answered a hand on a ReplicaSet before the ReplicaSet's own did",
    DEPLOYMENT_LAST: "the Deployment's controller did not see what a ReplicaSet's status said in between",
    DEPLOYMENT_AGAIN: "the Deployment's controller came again before the ReplicaSet's",
} | dict.fromkeys(
    REFUSED,
    "the Deployment's controller read a cache that was behind: a write was refused, and its pass began again (1.36.2 too: sequence 30 "
    "of tests/golden-1.36/upstream-chance.json)",
)


def chance(name: str) -> AbstractContextManager[Any]:
    """`resize N refused`: the cache from which the Deployment's controller has read is behind, so that the Nth change of a
    ReplicaSet's size is refused, and its pass begins again."""
    if not name:
        return nullcontext()
    if name in REFUSED:
        return patch.object(Step, "update_replicaset", refusing(REFUSED.index(name) + 1))
    place, changed = {
        DEPLOYMENT_FIRST: ((informers, "of_replicaset"), owner_first(informers.of_replicaset)),
        DEPLOYMENT_LAST: ((WorkQueue, "add"), add_deployments_last),
        DEPLOYMENT_AGAIN: ((WorkQueue, "done"), done_deployments_again),
    }[name]
    return patch.object(*place, changed)


def owner_first(today: Callable[..., Iterator[Key]]) -> Callable[..., Iterator[Key]]:
    def reversed_keys(state: State, old: ReplicaSet | None, new: ReplicaSet | None) -> Iterator[Key]:
        yield from reversed(list(today(state, old, new)))

    return reversed_keys


def add_deployments_last(queue: WorkQueue, key: Key) -> None:
    if key in queue._waiting:
        return
    queue._waiting.add(key)
    if key != queue._taken:
        (queue._late if key[0] == "Deployment" else queue._order).append(key)


def done_deployments_again(queue: WorkQueue, *, late: bool = False) -> None:  # noqa: ARG001 the shape of `done`
    key, queue._taken = queue._taken, None
    if key is None or key not in queue._waiting:
        return
    if key[0] == "Deployment":
        queue._order.appendleft(key)
    else:
        queue._order.append(key)


def refusing(number: int) -> Callable[..., ReplicaSet]:
    today, seen = Step.update_replicaset, []

    def update_replicaset(step: Step, new: ReplicaSet, why: Explanation | None = None) -> ReplicaSet:
        if step.replicasets[new.uid].replicas != new.replicas:
            seen.append(new)
            if len(seen) == number:
                raise Conflict(step.changes)
        return today(step, new, why)

    return update_replicaset
