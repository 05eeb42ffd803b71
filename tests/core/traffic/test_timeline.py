"""Rollouts with requests: what the observer sees of the controllers' work, and what the model makes of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.manifests import edits
from cluster.core.manifests.pod_defaults import default_pod_spec
from cluster.core.objects import Create, Deployment, ImageBehaviour, Kept
from cluster.core.reconcile import reconcile
from cluster.core.rehearsals.rehearsal import forecast
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.state import State
from cluster.core.traffic.model import Model
from cluster.core.traffic.timeline import Observer, find
from tests.core import builders
from tests.core.services.builders import behind, service

SURGE = {"max_surge": 1, "max_unavailable": 0}


def foreseen(owner: Deployment, *services: Kept, model: Model | None = None, **behaviour: Any) -> Rehearsed:
    """An update of its image."""
    full = {**owner.template, "spec": default_pod_spec(owner.template["spec"])}
    state, now = behind(*(services or (service(),)), owner=replace(owner, template=full), **behaviour)
    after = edits.set_images(builders.owner_of(state), {"nginx": "nginx:v2"})
    return forecast(state, now + 60, after, traffic=model or Model())


def with_hook(owner: Deployment, seconds: int) -> Deployment:
    return replace(owner, template=edits.with_pre_stop(owner.template, seconds))


def lost(found: Rehearsed) -> tuple[int, int]:
    assert found.traffic is not None
    return found.traffic.counts["refused"], found.traffic.counts["broken"]


@pytest.mark.parametrize(
    ("hook", "stop", "expected"),
    [
        pytest.param(0, 1.0, (100, 0), id="each of four is sent a quarter for a second"),
        pytest.param(5, 1.0, (0, 0), id="preStop: sleep 5"),
        pytest.param(1, 1.0, (0, 0), id="just long enough"),
        pytest.param(0, 0.0, (100, 10), id="a container that ends at once breaks off what it has"),
        pytest.param(29, 1.0, (0, 0), id="nearly as long as the grace period"),
    ],
)
def test_a_rollout(hook: int, stop: float, expected: tuple[int, int]) -> None:
    """100 requests a second. A new pod is ready, and believed to be a second later: then five share, for what is left of it."""
    owner = with_hook(builders.deployment(4, **SURGE), hook)
    assert lost(foreseen(owner, stop_seconds=stop)) == expected


def test_a_longer_belief_loses_more_and_the_hook_must_outlast_it() -> None:
    owner = builders.deployment(4, **SURGE)
    slow = Model(belief_delay_seconds=3.0)
    assert lost(foreseen(owner, model=slow))[0] > lost(foreseen(owner))[0]
    assert lost(foreseen(with_hook(owner, 2), model=slow))[0] > 0
    assert lost(foreseen(with_hook(owner, 3), model=slow)) == (0, 0)


def test_recreate_refuses_all_while_nobody_is_there() -> None:
    found = foreseen(builders.deployment(2, strategy="Recreate"))
    refused, _ = lost(found)
    assert refused >= 100 * (3.0 + 1.0 + 2.0) - 1  # stop, start, ready


@pytest.mark.parametrize(
    "services",
    [
        pytest.param((service(selector={"app": "other"}),), id="a Service of others"),
        pytest.param((service(clusterIP="None"),), id="headless: no proxies"),
        pytest.param((service(selector=None),), id="without a selector"),
    ],
)
def test_no_lane_without_a_service_that_proxies_lead_to(services: tuple[Kept, ...]) -> None:
    assert foreseen(builders.deployment(2), *services).traffic is None


def test_the_first_service_by_name_is_meant_unless_one_is_named() -> None:
    state, _ = behind(service("web"), service("api"))
    owner = builders.owner_of(state)
    assert [each and each.name for each in (find(state, owner), find(state, owner, "web"), find(state, owner, "x"))] == [
        "api", "web", None,
    ]  # fmt: skip


def test_a_service_that_comes_later_is_watched_from_then_on() -> None:
    state, now = behind()
    observer = Observer(state, ("default", "nginx"))
    change = Create(object=service())
    state.apply([change])
    observer.take(change, now)
    assert observer.service is not None and len(observer.timeline.accepting) == 3


def test_a_crash_is_refused_until_the_pod_is_back() -> None:
    state = builders.cluster(
        builders.deployment(2),
        behaviour=ImageBehaviour(pattern="*", failure="crash-loop", fails_after_seconds=5.0, ready_seconds=1.0),
    )
    builders.change(state, service())
    observed = Observer(state, ("default", "nginx"))
    at = builders.NOW
    for _ in range(40):
        changes, due = step(state, at)
        for each in changes:
            observed.take(each, at)
        if due is None:
            break
        at = due
    assert observed.timeline.ended
    assert {each.accepts for each in observed.timeline.accepting} == {True, False}


def step(state: State, at: float) -> tuple[list[Any], float | None]:
    result = reconcile(state, at)
    return result.changes, result.due


def tenths(most: int) -> st.SearchStrategy[float]:
    """Seconds, as exact as the kubelet here is."""
    return st.integers(0, most).map(lambda number: number / 10)


@settings(max_examples=25, deadline=None)
@given(
    replicas=st.integers(1, 6),
    surge=st.integers(1, 3),
    delay=st.integers(0, 4),
    more=st.integers(0, 2),
    times=st.tuples(*[tenths(50)] * 3),
    request=tenths(10),
)
def test_a_hook_as_long_as_the_belief_and_nobody_unavailable_lose_nothing(
    replicas: int, surge: int, delay: int, more: int, times: tuple[float, float, float], request: float
) -> None:
    """A container that stops in no less time than a request takes."""
    owner = with_hook(builders.deployment(replicas, max_surge=surge, max_unavailable=0), delay + more)
    start, ready, stop = times
    model = Model(belief_delay_seconds=float(delay), request_seconds=request)
    found = foreseen(owner, model=model, start_seconds=start, ready_seconds=ready, stop_seconds=max(stop, request))
    assert lost(found) == (0, 0)
