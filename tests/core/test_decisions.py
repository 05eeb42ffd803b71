"""A reconcile that is allowed so many decisions: the seven states of a rolling update, one after another."""

from collections import Counter
from dataclasses import replace

import pytest

from cluster.core.manifests import edits
from cluster.core.objects import Deployment, ImageBehaviour, Update
from cluster.core.reconcile import reconcile
from cluster.core.state import State
from tests.core.builders import NOW, deployment, running

FIGURE_3_8 = [(3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]
MOST_STEPS = 100


def edited(owner: Deployment) -> tuple[State, float]:
    """A complete Deployment whose image was just set, with behaviour that takes time."""
    state = running(owner, behaviour=ImageBehaviour(pattern="*", ready_seconds=2.0, stop_seconds=3.0))
    now = NOW + 1000
    (before,) = state.deployments.values()
    state.apply([Update(object=edits.set_images(before, {"nginx": "nginx:v2"}))])
    return state, now


def sizes(state: State) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Desired, and living pods, of the ReplicaSets by number."""
    found = sorted(state.replicasets.values(), key=lambda each: each.number)
    alive = Counter(each.owner_uid for each in state.pods.values() if each.deleted_at is None)
    living = [alive[each.uid] for each in found]
    return tuple(each.replicas for each in found), tuple(living)


def stepped(state: State, now: float) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """One decision at a time until nothing is left to do; what can be seen between them."""
    seen: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for _ in range(MOST_STEPS):
        result = reconcile(state, now, most_decisions=1)
        if not seen or seen[-1] != sizes(state):
            seen.append(sizes(state))
        assert result.decisions <= 1
        if result.due is None or result.due > now + 300:
            return seen
        now = result.due
    raise AssertionError("it does not come to rest")


def test_each_state_of_figure_3_8_can_be_stood_on() -> None:
    state, now = edited(deployment(replicas=3))
    held = reconcile(state, now, most_decisions=0)
    assert (held.is_held, held.decisions, held.due) == (True, 0, now)
    assert sizes(state) == ((3,), (3,))
    seen = stepped(state, now)
    assert [desired for desired, _ in seen] == FIGURE_3_8[1:]
    assert [living for _, living in seen] == FIGURE_3_8[1:]


@pytest.mark.parametrize("surge, unavailable", [(1, 0), (0, 1), ("50%", "25%"), ("100%", 0)])
def test_a_rollout_ends_the_same_however_it_is_stepped(surge: int | str, unavailable: int | str) -> None:
    first = replace(deployment(replicas=5), max_surge=surge, max_unavailable=unavailable)
    state, now = edited(first)
    seen = stepped(state, now)
    assert seen[-1] == ((0, 5), (0, 5))
    for (desired, _), (following, _) in zip(seen, seen[1:], strict=False):
        assert sum(one != two for one, two in zip(desired, following, strict=False)) <= 1
