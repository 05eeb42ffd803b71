"""What lessons say, by rule: the page words the same rules from the same inputs (static/js/model/lessonwords.js, tested with the
same data in tests/js/lessonwords.test.js)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.core.lessons.questions import ASKS, judge, next_scaling
from cluster.core.lessons.run import Run
from cluster.core.lessons.scene import Scene
from cluster.core.lessons.telling import TEXTS, tell
from cluster.core.lessons.trial import LessonStage
from cluster.core.objects import Explanation
from tests.core.lessons.builders import lesson, task
from tests.core.lessons.test_trial import MET

DATA = Path(__file__).parents[2] / "js" / "data" / "told.json"
WHY = {
    "rule": "surge-room",
    "inputs": {"desired": 3, "surge": 1, "current": 3, "room": 1, "new": 0, "added": 1, "given": "25%"},
    "text": "maxSurge 25% of 3 rounds up to 1; 3 + 1 - 3 leaves room for 1 new pod",
}
FIELDS = [
    {"field": "replicas", "found": "3", "expected": "3", "is_met": True},
    {"field": "paused", "found": "true", "expected": "false", "is_met": False},
    {"field": "max-surge", "found": None, "expected": "1", "is_met": False},
]
EXAMPLES = (
    tell("no-deployment", name="web"),
    tell("other-image", images="nginx:1.7.9, envoy:1", image="nginx:1.9.1"),
    tell("complete", pods=3),
    tell("paused", updated=1, pods=3),
    tell("under-way", updated=1, pods=3, available=2, old=2),
    tell("fields", fields=FIELDS),
    tell("fields", fields=[FIELDS[0], {"field": "max-surge", "found": None, "expected": None, "is_met": True}]),
    tell("updated", found=2, expected=3),
    tell("no-rollout"),
    tell("no-rollout-floor", floor=3),
    tell("no-rollout-ceiling", ceiling=4),
    tell("below-floor", lowest=0, floor=3),
    tell("floor-held", lowest=3),
    tell("above-ceiling", highest=5, ceiling=4),
    tell("ceiling-held", highest=4),
    tell("no-outage", lowest=2),
    tell("outage"),
    tell("newest", revision="2"),
    tell("undone", name="web-1", revision="3"),
    tell("failing", word="ErrImagePull", found=0, pods=1, failing={"ImagePullBackOff": 2, "Pending": 1}),
    tell("failing", word="ErrImagePull", found=0, pods=1, failing={}),
    tell("deadline-exceeded"),
    tell("progress", reason="ReplicaSetUpdated"),
    tell("no-progress"),
    tell("pending", found=0, expected=2),
    tell("still-pending", found=2),
    tell("none-pending"),
    tell("event", reason="ScalingReplicaSet"),
    tell("no-event", reason="ScalingReplicaSet"),
    tell("revisions", found=2, expected=3),
    tell("not-scaled"),
    tell("scaled", before=3, after=6),
    tell("pods-deleted", found=0, expected=2),
    tell("deleted", name="web"),
    tell("still-there", name="web"),
    tell("clock-runs"),
    tell("clock-paused"),
    tell("clock-should-pause"),
    tell("clock-should-run"),
    tell("nothing-next"),
    tell("scaling", side="new", name="web-1", before=0, after=1, why=WHY),
    tell("scaling", side="old", name="web-1", before=3, after=2, why=None),
    tell("look-again"),
    tell("answer-available", value=3),
    tell("answer-updated", value=3),
    tell("answer-pods", value=3),
    tell("answer-unavailable", value=0),
    tell("answer-floor", desired=3, given="25%", spared=0, value=3),
    tell("answer-ceiling", desired=3, given="1", extra=1, value=4),
    tell("answer-revision", value="2"),
    tell("answer-replicasets", value=2),
    tell("all-ready"),
    tell("answer-failing", word="ErrImagePull", count=2),
    tell("answer-progress", reason="ReplicaSetUpdated"),
    tell("answer-no-progress"),
    tell("answer-hash", label="pod-template-hash", value="599678771"),
    tell("act-created", name="web"),
    tell("act-deleted", name="web"),
    tell("act-paused"),
    tell("act-resumed"),
    tell("act-image", images="nginx:1.9.1"),
    tell("act-scaled", replicas=5),
    tell("act-strategy", strategy="Recreate"),
    tell("act-limits"),
    tell("act-template"),
    tell("act-pod", name="web-1-a"),
    tell("act-pace", pace=0.5),
    tell("act-pace-zero"),
)


def test_the_page_is_tested_with_every_rule() -> None:
    assert {each.rule for each in EXAMPLES} == set(TEXTS)
    assert json.loads(DATA.read_text()) == [each.as_json() for each in EXAMPLES]


@pytest.mark.parametrize(("check", "solution", "setup"), MET)
def test_what_is_said_has_the_inputs_of_its_rule(check: Any, solution: list[Any], setup: Any) -> None:
    keys = {each.rule: set(each.inputs) for each in EXAMPLES}
    for told in everything_told(check, solution, setup):
        assert set(told.inputs) == keys[told.rule]
        assert told.text and json.loads(json.dumps(told.as_json())) == told.as_json()


def everything_told(check: Any, solution: list[Any], setup: Any) -> Iterator[Explanation]:
    """Of the check before, while and after its solution is played, and of every question then."""
    found = lesson(task(check, *solution), **setup)
    run = Run(lesson=found, scene=Scene("web"))
    stage = LessonStage(found, run)
    yield from (each.told for each in run.verdicts())
    stage.apply(found.manifest)
    stage.run_until(stage.is_complete)
    run.begin(stage.now)
    for step in found.tasks[0].solution:
        yield from (each.told for each in run.verdicts())
        stage.act(step)
        yield from run.scene.last_act.told
    yield from (each.told for each in run.verdicts())
    if run.scene.deployment is not None:
        yield from (ask(run.scene).why for ask in ASKS.values())
        yield judge(next_scaling(stage.state, stage.now, stage.deployment), "none", 0)[1]
