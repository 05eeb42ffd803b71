"""Sums of what pods ask for, kept while pods come, move and go."""

from hypothesis import given
from hypothesis import strategies as st

from cluster.core.scheduling.requested import Amount, Place, Requested, amount_of
from tests.core.scheduling.builders import container

places = st.builds(
    Place,
    st.sampled_from(["node-1", "node-2"]),
    st.sampled_from(["", "old", "new"]),
    st.builds(Amount, st.integers(0, 5), st.integers(0, 5), st.just(1)),
)
steps = st.lists(st.tuples(st.sampled_from("abcde"), st.none() | places), max_size=30)


@given(steps)
def test_the_sums_are_those_of_the_pods_that_are_there(history: list[tuple[str, Place | None]]) -> None:
    """A step puts a pod, or drops it (None); the nodes that it names are exactly those whose sums it changes."""
    requested, pods = Requested(), {}
    for uid, place in history:
        before = recounted(pods)
        if place:
            pods[uid] = place
            touched = requested.put(uid, place)
        else:
            pods.pop(uid, None)
            touched = requested.drop(uid)
        after = recounted(pods)
        assert requested.by_node == after
        changed = {node for node in before | after if before.get(node) != after.get(node)}
        assert changed <= touched <= before.keys() | after.keys()


def recounted(pods: dict[str, Place]) -> dict[str, dict[str, Amount]]:
    found: dict[str, dict[str, Amount]] = {}
    for node, owner, amount in pods.values():
        sums = found.setdefault(node, {})
        sums[owner] = sums.get(owner, Amount()).plus(amount)
    return found


def test_what_is_its_owners_and_what_is_others() -> None:
    requested = Requested()
    for uid, owner, cpu in (("a", "new", 100), ("b", "new", 100), ("c", "other", 30), ("d", "", 4)):
        requested.put(uid, Place("node-1", owner, Amount(cpu, 1, 1)))
    assert requested.of("node-1", {"new", "old"}) == ({"new": Amount(200, 2, 2)}, Amount(34, 2, 2))
    assert requested.of("node-2", {"new"}) == ({}, Amount())
    assert requested.nodes_of({"other"}) == {"node-1"}


def test_a_pod_that_stays_as_it_is_touches_nothing() -> None:
    requested, place = Requested(), Place("node-1", "new", amount_of(container({"cpu": "150m", "memory": "1Mi"})))
    assert requested.put("a", place) == {"node-1"}
    assert requested.put("a", place) == set()
    assert requested.of("node-1", ()) == ({}, Amount(150, 2**20, 1))
