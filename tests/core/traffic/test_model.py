"""The model of traffic: sums worked out by hand, and what holds of any timeline."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cluster.core.traffic.model import ASSUMPTIONS, Model, Traffic, compute
from cluster.core.traffic.timeline import ALWAYS, Accepting, Ended, Role, Timeline, Told

MODEL = Model(requests_per_second=100.0, belief_delay_seconds=1.0, request_seconds=0.1)


def timeline(
    told: list[tuple[float, str, Role]] = [],  # noqa: B006 never changed
    accepting: list[tuple[float, str, bool]] = [],  # noqa: B006
    ended: list[tuple[float, str]] = [],  # noqa: B006
) -> Timeline:
    return Timeline(
        told=[Told(*each) for each in told],
        accepting=[Accepting(*each) for each in accepting],
        ended=[Ended(*each) for each in ended],
    )


BOTH: list[tuple[float, str, Role]] = [(ALWAYS, "a", "ready"), (ALWAYS, "b", "ready")]
RUN = [(ALWAYS, "a", True), (ALWAYS, "b", True)]


@pytest.mark.parametrize(
    ("line", "refused", "broken"),
    [
        pytest.param(timeline(BOTH, RUN), 0.0, 0.0, id="all is well"),
        pytest.param(timeline(BOTH, [*RUN, (5.0, "a", False)]), 250.0, 0.0, id="one of two refuses, and nobody hears of it"),
        pytest.param(
            timeline([*BOTH, (5.0, "a", "")], [*RUN, (5.0, "a", False)]), 50.0, 0.0, id="it refuses for as long as the belief lasts"
        ),
        pytest.param(
            timeline([*BOTH, (3.0, "a", "draining")], [*RUN, (5.0, "a", False)]), 0.0, 0.0, id="the proxies have heard before"
        ),
        pytest.param(
            timeline([*BOTH, (5.0, "a", "")], [*RUN, (5.0, "a", False)], [(5.0, "a")]), 50.0, 5.0,
            id="killed: what it was answering is broken off",
        ),
        pytest.param(
            timeline([*BOTH, (5.0, "a", "")], [*RUN, (5.0, "a", False)], [(5.04, "a")]), 50.0, 3.0,
            id="it had 40 ms to answer",
        ),
        pytest.param(
            timeline([*BOTH, (5.0, "a", "")], [*RUN, (5.0, "a", False)], [(6.0, "a")]), 50.0, 0.0, id="it answers what it has"
        ),
        pytest.param(
            timeline([*BOTH, (5.0, "a", ""), (5.0, "b", "")], RUN), 400.0, 0.0, id="nobody is believed to be there"
        ),
        pytest.param(
            timeline([*BOTH, (5.0, "a", "draining"), (5.0, "b", "")], RUN), 0.0, 0.0, id="then one that terminates will do"
        ),
        pytest.param(
            timeline([*BOTH, (2.0, "c", "ready")], [*RUN, (6.0, "c", True)]), 100.0, 0.0,
            id="a third does not accept yet: 3 s, a third of all",
        ),
    ],
)  # fmt: skip
def test_by_hand(line: Timeline, refused: float, broken: float) -> None:
    found = compute("web", MODEL, line, 0.0, 10.0)
    assert (found.refused, found.broken) == (pytest.approx(refused), pytest.approx(broken))
    assert found.requests == pytest.approx(1000.0)


def test_requests_come_from_when_a_pod_is_first_ready() -> None:
    found = compute("web", MODEL, timeline([(2.0, "a", "ready")], [(2.0, "a", True)]), 0.0, 10.0)
    assert (found.rates[0].at, found.counts["requests"], found.counts["lost"]) == (3.0, 700, 0)
    assert compute("web", MODEL, timeline(), 0.0, 10.0).counts["requests"] == 0


def test_whole_numbers_round_losses_up() -> None:
    found = compute("web", MODEL, timeline([*BOTH, (5.0, "a", "")], [*RUN, (5.997, "a", False)]), 0.0, 10.0)
    assert 0 < found.refused < 1
    assert found.counts == {"requests": 1000, "served": 999, "refused": 1, "broken": 0, "lost": 1}


def test_losses_between_two_moments() -> None:
    found = compute("web", MODEL, timeline(BOTH, [*RUN, (5.0, "a", False)]), 0.0, 10.0)
    assert [found.lost_between(*each) for each in ((0.0, 5.0), (4.0, 6.0), (9.0, 99.0))] == [0, 50, 50]


def test_it_says_what_it_assumes() -> None:
    assert any("SIGTERM" in each for each in ASSUMPTIONS)


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
pods = st.sampled_from(["a", "b", "c"])
times = st.integers(-200, 1200).map(lambda hundredths: hundredths / 100)
roles: st.SearchStrategy[Role] = st.sampled_from(["ready", "draining", ""])
timelines = st.builds(
    Timeline,
    told=st.lists(st.builds(Told, times, pods, roles), max_size=6),
    accepting=st.lists(st.builds(Accepting, times, pods, st.booleans()), max_size=6),
    ended=st.lists(st.builds(Ended, times, pods), max_size=3),
)
models = st.builds(
    Model,
    requests_per_second=st.floats(0.1, 1000),
    belief_delay_seconds=st.floats(0, 3),
    request_seconds=st.floats(0, 2),
)


@patient
@given(line=timelines, model=models)
def test_every_request_is_served_refused_or_broken_off(line: Timeline, model: Model) -> None:
    found = compute("web", model, line, 0.0, 10.0)
    assert min(found.served, found.refused, found.broken) >= 0
    assert found.served + found.refused + found.broken == pytest.approx(found.requests)
    whole = found.counts
    assert whole["served"] + whole["refused"] + whole["broken"] == whole["requests"]
    assert min(whole.values()) >= 0


@patient
@given(line=timelines, model=models)
def test_rates_are_what_single_requests_meet(line: Timeline, model: Model) -> None:
    """At any moment, asked one by one as the assumptions say."""
    found = compute("web", model, line, 0.0, 10.0)
    for at in (0.33, 3.71, 7.77):
        rate = next((each for each in reversed(found.rates) if each.at <= at), None)
        if rate is not None:
            assert rate[1:] == pytest.approx(met(line, model, at))


def met(line: Timeline, model: Model, at: float) -> tuple[float, float, float]:
    roles: dict[str, str] = {}
    for told in sorted(line.told, key=lambda each: each.at):
        if told.at + model.belief_delay_seconds <= at:
            roles[told.pod] = told.role
    accepts: dict[str, bool] = {}
    for each in sorted(line.accepting, key=lambda one: one.at):
        if each.at <= at:
            accepts[each.pod] = each.accepts
    chosen = [pod for pod, role in roles.items() if role == "ready"] or [pod for pod, role in roles.items() if role]
    counts = {"served": 0, "refused": 0, "broken": 0}
    for pod in chosen:
        ends = any(one.pod == pod and one.at - model.request_seconds <= at < one.at for one in line.ended)
        counts["refused" if not accepts.get(pod) else "broken" if ends else "served"] += 1
    if not chosen:
        return (0.0, model.requests_per_second, 0.0)
    share = model.requests_per_second / len(chosen)
    return (counts["served"] * share, counts["refused"] * share, counts["broken"] * share)


def test_a_traffic_without_a_request_sums_to_nothing() -> None:
    empty = Traffic(service="web", model=MODEL, rates=[], end=5.0)
    assert (empty.requests, empty.served, empty.refused, empty.broken) == (0.0, 0.0, 0.0, 0.0)
