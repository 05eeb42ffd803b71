"""A rehearsal tells how long, how many at most, how few at least, and how it ends."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster.core.manifests import defaults, edits
from cluster.core.manifests.deployments import deployment_from_manifest
from cluster.core.nodes import kubelet
from cluster.core.objects import Create, Deployment, ImageBehaviour, Node, Update
from cluster.core.reconcile import SYNCS
from cluster.core.rehearsals.rehearsal import forecast, rehearse
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.rehearsals.stage import ForecastError
from cluster.core.rehearsals.stories.reading import read_story
from cluster.core.state import State
from tests.core import builders
from tests.core.rehearsals.stories.test_reading import MANIFEST

TEN_SECONDS = [{"image": "*", "ready": "10s", "stop": "3s"}]


def played(*steps: Any, replicas: int = 4, behaviours: Any = TEN_SECONDS, **spec: Any) -> Rehearsed:
    manifest = {**MANIFEST, "spec": {**MANIFEST["spec"], "replicas": replicas, **spec}}  # type: ignore[dict-item]
    data = {"manifest": manifest, "steps": [{"apply": "manifest"}, *steps], "behaviours": behaviours}
    return rehearse(read_story(data, name="test"))


def strategy(surge: int | str, unavailable: int | str) -> dict[str, Any]:
    return {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}


SURGE = {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 100_000}}}}
UPDATE = ({"wait": "complete"}, {"set-image": {"app": "nginx:2"}}, {"wait": "complete"})


@pytest.mark.parametrize(
    ("surge", "unavailable", "seconds", "peak", "with_stopping", "least"),
    [
        pytest.param(1, 0, 50, 5, 6, 4, id="surge 1: one after another"),
        pytest.param(4, 0, 20, 8, 8, 4, id="surge 4: all at once"),
        pytest.param(0, 2, 30, 4, 6, 2, id="unavailable 2: two by two"),
        pytest.param(0, "100%", 20, 4, 8, 0, id="unavailable 100 %: an outage that was asked for"),
    ],
)
def test_an_update_lasts_and_costs_what_its_limits_say(
    surge: Any, unavailable: Any, seconds: int, peak: int, with_stopping: int, least: int
) -> None:
    result = played(*UPDATE, strategy=strategy(surge, unavailable))
    assert (result.outcome, round(result.duration_seconds)) == ("settled", seconds)
    assert (result.peak_pods, result.peak_pods_with_terminating) == (peak, with_stopping)
    assert (result.min_available, result.floor_held, result.succeeded) == (least, True, True)


def test_recreate_does_not_hold_the_floor() -> None:
    result = played(*UPDATE, strategy={"type": "Recreate"})
    assert (result.outcome, result.min_available, result.floor_held, result.succeeded) == ("settled", 0, False, False)


def test_an_image_that_does_not_exist_runs_into_the_deadline() -> None:
    result = played(
        {"wait": "complete"}, {"break": {"nginx:2": "image-not-found"}}, *UPDATE[1:], progressDeadlineSeconds=60
    )
    assert result.outcome == "deadline exceeded"
    assert result.problem.startswith("step 5, wait: waited for complete, but the progress deadline passed after")
    assert not result.succeeded


def test_without_a_deadline_a_rollout_that_cannot_go_on_is_stuck() -> None:
    result = played(*UPDATE[:2], {"pause": {}}, {"wait": "complete"})
    assert result.outcome == "stuck"


def test_a_superseded_rollout_did_not_complete() -> None:
    result = played(*UPDATE[:2], {"wait": "5s"}, {"undo": {}}, {"wait": "complete"})
    assert [each.ended_at is not None for each in result.rollouts] == [True, False, True]
    assert (result.outcome, result.succeeded) == ("settled", False)


def test_the_duration_ends_when_the_deployment_is_complete_for_the_last_time() -> None:
    """Not when the last pod has stopped, and not with the last rollout if it was scaled later."""
    superseded = played(*UPDATE[:2], {"wait": "5s"}, {"undo": {}}, {"wait": "complete"}, {"wait": "60s"})
    assert round(superseded.duration_seconds) == round(superseded.rollouts[-1].ended_at or 0)
    scaled = played({"wait": "complete"}, {"wait": "20s"}, {"scale": 9}, {"wait": "complete"})
    assert round(scaled.duration_seconds) == 40


def test_trouble_and_the_end_of_a_rollout_are_told_once_each() -> None:
    told = played({"wait": "complete"}, {"break": {"nginx:2": "image-not-found"}}, UPDATE[1], {"wait": "failed"})
    kinds = [(line.kind, line.text) for line in told.lines if line.kind in ("trouble", "condition")]
    assert [kind for kind, _ in kinds] == ["condition", "trouble", "condition"]
    assert kinds[1][1].endswith(': Failed: Failed to pull image "nginx:2"')
    assert kinds[2][1] == "Progressing: ProgressDeadlineExceeded (the progress deadline has run out)"
    assert told.failings == ["deadline exceeded", "revision 2 did not complete"]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        pytest.param({"undo": {}}, 'step 2, undo: no rollout history found for deployment "web"', id="undo"),
        pytest.param({"resume": {}}, 'step 2, resume: deployments.apps "web" is not paused', id="resume"),
        pytest.param({"set-image": {"x": "y"}}, 'unable to find container named "x"', id="no such container"),
        pytest.param({"ready": {"7": 1}}, "there is no ReplicaSet 7; there are 1", id="no such ReplicaSet"),
        pytest.param({"ready": {"1": 9}}, "ReplicaSet 1 has 4 pods that run and are not ready, expected 9", id="few"),
        pytest.param({"pace": "step"}, "the clock runs; pause it to go step by step", id="step of a running clock"),
        pytest.param({"scale": 100_001}, "pods are too many for a rehearsal; 100,000 are allowed", id="too many"),
        pytest.param({"patch": SURGE}, "100,004 pods are too many for a rehearsal", id="too much surge"),
        pytest.param({"patch": {"spec": {"replicas": -1}}}, "spec.replicas: Invalid value: -1", id="bad patch"),
        pytest.param({"drain": "node-9"}, 'nodes "node-9" not found; there are node-1, node-2, node-3', id="no node"),
    ],
)
def test_a_step_that_cannot_be_played_ends_the_rehearsal_with_its_reason(step: Any, words: str) -> None:
    assert words in played(step).problem


def test_a_paused_clock_goes_from_moment_to_moment_and_is_not_waited_for() -> None:
    result = played({"pace": "pause"}, {"pace": "step"}, {"pace": "2x"}, {"wait": "1s"})
    available = [result.after_step[step]["deployment"]["availableReplicas"] for step in ("1", "2")]
    assert (available, result.problem) == ([0, 4], "")
    assert "step 3, wait: the clock is paused" in played({"pace": "pause"}, {"wait": "1s"}).problem


def test_breaking_an_image_strikes_running_pods_and_healing_brings_them_back() -> None:
    result = played(
        {"wait": "complete"}, {"break": "nginx:1.7.9"}, {"wait": "1s"}, {"heal": "nginx:1.7.9"}, {"wait": "30s"}
    )
    available = [result.after_step[step]["deployment"]["availableReplicas"] for step in ("1", "3", "5")]
    assert available == [4, 0, 4]


def test_a_drained_node_gets_no_pods_until_it_is_uncordoned() -> None:
    result = played({"wait": "complete"}, {"drain": "node-1"}, {"drain": "node-2"}, {"wait": "complete"})
    assert (result.outcome, result.floor_held) == ("settled", False)


def test_a_deleted_pod_is_replaced() -> None:
    result = played({"wait": "complete"}, {"delete-pod": {"1": 2}}, {"wait": "complete"})
    assert (result.min_available, result.outcome) == (2, "settled")


def test_events_are_combined_and_limited_as_the_recorder_does() -> None:
    scales = [{"scale": size} for size in range(5, 40)]
    events = played({"wait": "complete"}, *scales).events
    assert len(events) == 25
    assert events[9][1].startswith("(combined from similar events): Scaled up replica set web-")
    assert events[9][1].endswith(" from 12 to 13")
    assert not events[8][1].startswith("(combined")


def made(uid: str, name: str, replicas: int) -> Deployment:
    spec = {**MANIFEST["spec"], "replicas": replicas, "strategy": strategy(1, 0)}  # type: ignore[dict-item]
    full = defaults.default_deployment({**MANIFEST, "metadata": {"name": name}, "spec": spec})
    return deployment_from_manifest(full, uid=uid, now=builders.NOW)


def two_deployments() -> State:
    """Settled, on one node that has room for a pod more than they need."""
    both = [made("d", "web", 2), made("e", "other", 3)]
    state = State([Node(name="node-1", slots=6), *both], {"": (ImageBehaviour(pattern="*", ready_seconds=2.0),)})
    builders.settle(state, builders.NOW)
    return state


def test_a_forecast_counts_its_own_deployment_and_leaves_the_state_as_it_is() -> None:
    state = two_deployments()
    before = dict(state.pods)
    edited = edits.set_images(state.deployments["d"], {"app": "nginx:2"})
    told = forecast(state, builders.NOW + 100, edited)
    assert (told.outcome, told.peak_pods, told.min_available) == ("settled", 3, 2)
    assert told.scalings == [[2, None, 1], [1, 2, 1], [2, 1, 2], [1, 1, 0]]
    assert (state.pods, state.deployments["d"].generation) == (before, 1)


def test_a_forecast_knows_the_room_that_other_deployments_take() -> None:
    state = two_deployments()
    grown = edits.scale(state.deployments["e"], 4)
    state.apply([Update(object=grown)])
    edited = edits.set_images(state.deployments["d"], {"app": "nginx:2"})
    told = forecast(state, builders.NOW + 100, edited)
    assert told.outcome == "deadline exceeded"
    assert any("0/1 nodes are available: 1 Too many pods" in line.text for line in told.lines if line.kind == "trouble")


def beside_another() -> State:
    """A Deployment that has settled, and another that nobody has looked at yet."""
    state = State([Node(name="node-1"), made("d", "web", 2)], {"": (ImageBehaviour(pattern="*", ready_seconds=2.0),)})
    builders.settle(state, builders.NOW)
    state.apply([Create(object=edits.set_images(made("e", "other", 3), {"app": "other:1"}))])
    return state


def of_image(state: State, uid: str) -> str:
    """What a key's object runs."""
    found = state.deployments.get(uid) or state.replicasets.get(uid)
    return found.template["spec"]["containers"][0]["image"] if found else ""


POISONS = [pytest.param(kind, id=kind) for kind in ("Deployment", "ReplicaSet", "Pod")]


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Makes what runs images of a name fail, in the hands of one kind's controller."""

    def put(kind: str, name: str) -> None:
        def move(state: State, now: float, due: Any) -> Any:
            if any(of_image(state, each.owner_uid).startswith(name) for each in due):
                raise LookupError(name)
            return advance(state, now, due)

        def sync(state: State, uid: str, now: float) -> Any:
            if of_image(state, uid).startswith(name):
                raise LookupError(name)
            return syncs[kind](state, uid, now)

        advance, syncs = kubelet.advance, dict(SYNCS)
        if kind == "Pod":
            monkeypatch.setattr(kubelet, "advance", move)
        else:
            monkeypatch.setitem(SYNCS, kind, sync)

    return put


@pytest.mark.parametrize("kind", POISONS)
def test_a_forecast_goes_on_beside_what_fails(kind: str, poison: Callable[[str, str], None]) -> None:
    state = beside_another()
    after = edits.set_images(state.deployments["d"], {"app": "nginx:2"})
    alone = forecast(state, builders.NOW, after)
    poison(kind, "other")
    found = forecast(state, builders.NOW, after)
    assert (found.outcome, found.scalings, found.peak_pods) == (alone.outcome, alone.scalings, alone.peak_pods)
    assert found.outcome == "settled"


@pytest.mark.parametrize("kind", POISONS)
def test_a_forecast_of_what_fails_says_so(kind: str, poison: Callable[[str, str], None]) -> None:
    state = beside_another()
    poison(kind, "nginx")
    with pytest.raises(ForecastError, match=f"^{kind} .* fails in the forecast$"):
        forecast(state, builders.NOW, edits.set_images(state.deployments["d"], {"app": "nginx:2"}))
