"""Each score's rule, computed by hand, and the choice between nodes."""

from collections import Counter
from typing import Any

import pytest

from cluster.core.scheduling.labels import default_selector, label_selector
from cluster.core.scheduling.plugins import scores
from cluster.core.scheduling.pods import HOSTNAME, ZONE, read_spec
from tests.core.scheduling.builders import (
    GIB,
    best,
    chosen,
    cluster_of,
    container,
    node,
    placed,
    pod,
    preferred,
    repelling,
    required,
    spread,
    term,
)

MIB = 2**20
WEB = label_selector({"matchLabels": {"app": "web"}})

# A node of 1 CPU and 1 GiB: what is asked there, what the pod asks, the score.
LEAST = [
    ("empty", {}, {"cpu": "500m", "memory": "512Mi"}, 50),
    ("without-requests", {}, {}, (90 + 80) // 2),
    ("half-taken", {"cpu": "500m", "memory": "256Mi"}, {"cpu": "250m", "memory": "256Mi"}, (25 + 50) // 2),
    ("more-than-all", {"cpu": "1"}, {"cpu": "100m", "memory": "0"}, (0 + 80) // 2),
]


@pytest.mark.parametrize(("has", "wants", "score"), [row[1:] for row in LEAST], ids=[row[0] for row in LEAST])
def test_least_allocated(has: Any, wants: Any, score: int) -> None:
    cache = cluster_of(node("n1", cpu=1000, memory=GIB))
    if has:
        placed(cache, "there", "n1", container(has))
    given = pod(cache, "p", container(wants))
    assert scores.least_allocated(given.spec, cache.nodes["n1"]) == score


BALANCED = [
    ("asks-for-nothing", {}, {}, 0),
    ("stays-even", {}, {"cpu": "500m", "memory": "512Mi"}, 75),
    ("becomes-uneven", {}, {"cpu": "500m"}, 50 + (50 + 75 - 100) // 2),
    ("becomes-even", {"memory": "512Mi"}, {"cpu": "500m"}, 50 + (50 + 100 - 75) // 2),
    ("shares-end-at-one", {"cpu": "1"}, {"cpu": "1"}, 75),
]


@pytest.mark.parametrize(("has", "wants", "score"), [row[1:] for row in BALANCED], ids=[row[0] for row in BALANCED])
def test_balanced_allocation(has: Any, wants: Any, score: int) -> None:
    cache = cluster_of(node("n1", cpu=1000, memory=GIB))
    placed(cache, "there", "n1", container(has))
    given = pod(cache, "p", container(wants))
    assert scores.balanced_allocation(given.spec, cache.nodes["n1"]) == score


IMAGES = [
    ("absent", {}, 0),
    ("small", {"web:1": 20 * MIB}, 0),
    ("just-large-enough", {"web:1": 33 * MIB}, 100 * (33 - 23) // (1000 - 23)),
    ("large", {"web:1": 500 * MIB}, 100 * (500 - 23) // (1000 - 23)),
    ("huge", {"web:1": 5000 * MIB}, 100),
    ("other-tag", {"web:2": 500 * MIB}, 0),
]


@pytest.mark.parametrize(("images", "score"), [row[1:] for row in IMAGES], ids=[row[0] for row in IMAGES])
def test_image_locality(images: dict[str, int], score: int) -> None:
    cache = cluster_of(node("n1", images=images))
    given = pod(cache, "p")
    assert cache.order
    assert scores.image_locality(given.spec, cache.nodes["n1"], cache.images, 1) == score


def test_an_image_that_half_of_the_nodes_have_counts_half() -> None:
    cache = cluster_of(node("n1", images={"web:1": 600 * MIB}), node("n2"))
    assert cache.order
    found = scores.image_locality(pod(cache, "p").spec, cache.nodes["n1"], cache.images, 2)
    assert found == 100 * (300 - 23) // (1000 - 23)


NORMALISED = [
    ("greatest-is-100", [0, 5, 10], False, [0, 50, 100]),
    ("cut", [1, 3], False, [33, 100]),
    ("reverse", [0, 1, 2], True, [100, 50, 0]),
    ("all-zero", [0, 0], False, [0, 0]),
    ("all-zero-reverse", [0, 0], True, [100, 100]),
]


@pytest.mark.parametrize(
    ("raw", "reverse", "found"), [row[1:] for row in NORMALISED], ids=[row[0] for row in NORMALISED]
)
def test_normalised(raw: list[int], reverse: bool, found: list[int]) -> None:
    assert scores.normalise(raw, reverse=reverse) == found


def test_affinity_scores_go_from_0_to_100() -> None:
    assert scores.affinity_scores([-100, -50, 0]) == [0, 50, 100]
    assert scores.affinity_scores([7, 7]) == [0, 0]


def preferring(weight: int, zone: str) -> dict[str, Any]:
    preference = {"matchExpressions": [{"key": ZONE, "operator": "In", "values": [zone]}]}
    terms = [{"weight": weight, "preference": preference}]
    return {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": terms}}}


THREE = (node("n1", zone="a"), node("n2", zone="a"), node("n3", zone="b"))
# Where a pod goes beside an app=web pod on n1.
PREFERENCES = [
    ("none-less-used", {}, {}, {"n2", "n3"}),
    ("node-affinity", preferring(1, "b"), {}, {"n3"}),
    ("near-host", preferred("podAffinity", term()), {}, {"n1"}),
    ("near-zone-less-used", preferred("podAffinity", term(key=ZONE)), {}, {"n2"}),
    ("far-zone", preferred("podAntiAffinity", term(key=ZONE)), {}, {"n3"}),
    ("soft-spread-zone", {"topologySpreadConstraints": [spread(hard=False)]}, {}, {"n3"}),
    ("soft-spread-host", {"topologySpreadConstraints": [spread(HOSTNAME, hard=False)]}, {}, {"n2", "n3"}),
    ("default-spread", {}, {"spread_with": WEB}, {"n3"}),
]


@pytest.mark.parametrize(
    ("spec", "fields", "nodes"), [row[1:] for row in PREFERENCES], ids=[row[0] for row in PREFERENCES]
)
def test_the_best_nodes(spec: Any, fields: Any, nodes: set[str]) -> None:
    cache = cluster_of(*THREE)
    placed(cache, "there", "n1")
    assert best(cache, pod(cache, "p", container(**spec), **fields)) == nodes


def test_a_taint_that_is_not_preferred_weighs_three() -> None:
    cache = cluster_of(node("n1", taints=(repelling(effect="PreferNoSchedule"),)), node("n2", cpu=600))
    assert best(cache, pod(cache, "p", container({"cpu": "500m"}))) == {"n2"}
    tolerant = container({"cpu": "500m"}, tolerations=[{"operator": "Exists"}])
    assert best(cache, pod(cache, "p", tolerant)) == {"n1"}


def test_what_pods_that_are_there_prefer_counts_too() -> None:
    cache = cluster_of(*THREE)
    for name, where in (("1", "n1"), ("2", "n2"), ("3", "n3")):
        friend = preferred("podAffinity", term({"app": "new"})) if where == "n3" else {}
        placed(cache, name, where, container(**friend), labels={"app": "old"})
    assert best(cache, pod(cache, "p", labels={"app": "new"})) == {"n3"}
    assert best(cache, pod(cache, "p", labels={"app": "other"})) == {"n1", "n2", "n3"}


def test_what_pods_that_are_there_require_counts_a_little() -> None:
    cache = cluster_of(*THREE)
    placed(cache, "friend", "n2", container(**required("podAffinity", term({"app": "new"}))), labels={"app": "new"})
    assert best(cache, pod(cache, "p", labels={"app": "new"})) == {"n2"}


def test_a_required_term_counts_as_a_preferred_one_of_weight_1() -> None:
    cache = cluster_of(*THREE)
    new = {"app": "new"}
    placed(cache, "requires", "n2", container(**required("podAffinity", term(new))), labels=new)
    placed(cache, "prefers", "n3", container(**preferred("podAffinity", term(new), 1)), labels=new)
    assert best(cache, pod(cache, "p", labels=new)) == {"n2", "n3"}


def test_the_default_constraints() -> None:
    found = read_spec(container(), "default", {"app": "web"}, WEB)
    assert [(each.topology_key, each.max_skew) for each in found.soft_spread] == [(HOSTNAME, 3), (ZONE, 5)]
    assert found.is_spread_by_default and not found.spread
    assert not read_spec(container(), "default", {"app": "web"}).soft_spread
    own = read_spec(container(topologySpreadConstraints=[spread()]), "default", {"app": "web"}, WEB)
    assert not own.soft_spread


def test_whom_a_pod_is_spread_with_by_default() -> None:
    owner = {"matchLabels": {"app": "web", "hash": "1"}}
    found = default_selector(owner, [{"app": "web"}, {"tier": "front"}])
    assert found.matches({"app": "web", "hash": "1", "tier": "front"})
    assert not found.matches({"app": "web", "hash": "1"})
    assert default_selector(None).is_empty()


def test_equal_nodes_are_chosen_by_the_pods_uid() -> None:
    cache = cluster_of(*(node(f"n{number}") for number in range(4)))
    first = Counter(chosen(cache, pod(cache, f"uid-{number}")).node for number in range(400))
    again = Counter(chosen(cache, pod(cache, f"uid-{number}")).node for number in range(400))
    assert first == again and len(first) == 4 and min(first.values()) > 60


def test_the_choice_does_not_depend_on_the_order_in_which_nodes_came() -> None:
    names = [f"n{number}" for number in range(5)]
    one, other = cluster_of(*map(node, names)), cluster_of(*map(node, reversed(names)))
    for number in range(20):
        assert chosen(one, pod(one, f"u{number}")).node == chosen(other, pod(other, f"u{number}")).node
