"""Comparing, merging and taking away with a schema, and laws that hold for any manifest."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.machinery import schemas
from cluster.machinery.fields import parse, path_text
from cluster.machinery.typed import compare, field_set, merge, remove

Json = dict[str, Any]

DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")

container = st.fixed_dictionaries(
    {"name": st.sampled_from("abcd")},
    optional={
        "image": st.sampled_from(["x:1", "x:2"]),
        "args": st.lists(st.sampled_from("pq"), max_size=2),
        "ports": st.lists(
            st.fixed_dictionaries({"containerPort": st.integers(1, 3)}, optional={"name": st.just("http")}),
            max_size=2,
            unique_by=lambda port: port["containerPort"],
        ),
    },
)
manifests = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries(
            {}, optional={"labels": st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"), min_size=1)}
        ),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "replicas": st.integers(0, 2),
                "paused": st.booleans(),
                "selector": st.fixed_dictionaries(
                    {"matchLabels": st.dictionaries(st.sampled_from("ab"), st.just("1"))}
                ),
                "template": st.fixed_dictionaries(
                    {
                        "spec": st.fixed_dictionaries(
                            {
                                "containers": st.lists(
                                    container, min_size=1, max_size=3, unique_by=lambda one: one["name"]
                                )
                            }
                        )
                    }
                ),
            },
        ),
    },
)


def texts(fields: Any) -> list[str]:
    return sorted(path_text(path) for path in fields)


@pytest.mark.parametrize(
    ("old", "new", "added", "modified", "removed"),
    [
        pytest.param({}, {"spec": {"replicas": 1}}, [".spec", ".spec.replicas"], [], [], id="what wasn't there"),
        pytest.param({"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, [], [".spec.replicas"], [], id="a leaf"),
        pytest.param({"spec": {"replicas": 1}}, {"spec": {}}, [], [], [".spec.replicas"], id="gone"),
        pytest.param(
            {"spec": {}}, {"spec": {"strategy": {}}}, [".spec.strategy"], [], [], id="an empty struct is a leaf"
        ),
        pytest.param(
            {"spec": {"selector": {"matchLabels": {"a": "1"}}}},
            {"spec": {"selector": {"matchLabels": {"a": "2"}}}},
            [],
            [".spec.selector"],
            [],
            id="an atomic map as a whole",
        ),
        pytest.param(
            {"metadata": {"finalizers": ["a", "b"]}},
            {"metadata": {"finalizers": ["b", "c"]}},
            ['.metadata.finalizers[="c"]'],
            [],
            ['.metadata.finalizers[="a"]'],
            id="a set by value",
        ),
        pytest.param(
            {"status": {"conditions": [{"type": "A", "status": "x"}, {"type": "B"}]}},
            {"status": {"conditions": [{"type": "B"}, {"type": "A", "status": "y"}]}},
            [],
            ['.status.conditions[type="A"].status'],
            [],
            id="elements by key, their order aside",
        ),
    ],
)
def test_a_comparison_names_what_differs(
    old: Json, new: Json, added: list[str], modified: list[str], removed: list[str]
) -> None:
    found = compare(old, new, DEPLOYMENT)
    assert (texts(found.added), texts(found.modified), texts(found.removed)) == (added, modified, removed)


def test_removing_the_last_field_leaves_no_empty_shell() -> None:
    value = {"spec": {"replicas": 1}, "metadata": {"labels": {"a": "1", "b": "2"}}}
    gone = frozenset({parse("spec.replicas"), parse("metadata.labels.a")})
    assert remove(value, gone, DEPLOYMENT) == {"metadata": {"labels": {"b": "2"}}}


@settings(max_examples=60)
@given(value=manifests)
def test_nothing_differs_from_itself_and_merging_it_changes_nothing(value: Json) -> None:
    found = compare(value, value, DEPLOYMENT)
    assert not (found.added | found.modified | found.removed)
    assert merge(value, value, DEPLOYMENT) == value


@settings(max_examples=100)
@given(live=manifests, config=manifests)
def test_what_is_applied_is_what_is_there_afterwards(live: Json, config: Json) -> None:
    merged = merge(live, config, DEPLOYMENT)
    kept = field_set(config, DEPLOYMENT)
    differing = compare(merged, config, DEPLOYMENT)
    assert not kept & (differing.added | differing.modified)
    assert merge(merged, config, DEPLOYMENT) == merged
    removed = compare(live, merged, DEPLOYMENT).removed
    assert not removed, "an apply takes nothing away by itself"


@settings(max_examples=100)
@given(old=manifests, new=manifests)
def test_a_comparison_read_backwards_is_its_mirror(old: Json, new: Json) -> None:
    forth, back = compare(old, new, DEPLOYMENT), compare(new, old, DEPLOYMENT)
    assert (forth.added, forth.modified, forth.removed) == (back.removed, back.modified, back.added)


@settings(max_examples=60)
@given(value=manifests)
def test_removing_all_its_fields_leaves_nothing(value: Json) -> None:
    assert not remove(value, field_set(value, DEPLOYMENT), DEPLOYMENT)
