"""What happens next: the core's own decisions, one by one, are those of the book's figure."""

import pytest

from cluster.core.lessons.questions import Scaling, judge, next_scaling
from cluster.core.lessons.run import Run
from cluster.core.lessons.scene import Scene
from cluster.core.lessons.trial import LessonStage
from cluster.core.manifests import edits
from tests.core.lessons.builders import lesson


@pytest.fixture
def stage() -> LessonStage:
    """Complete, then with another image, at the moment of the edit."""
    found = lesson()
    made = LessonStage(found, Run(lesson=found, scene=Scene("web")))
    made.apply(found.manifest)
    made.run_until(made.is_complete)
    made.edit(edits.set_images(made.deployment, {"app": "nginx:1.9.1"}))
    return made


def come(stage: LessonStage, scaling: Scaling) -> None:
    while stage.due is not None and stage.due <= scaling.at:
        stage.tick(stage.due)


def test_the_next_scalings_are_told_before_they_come(stage: LessonStage) -> None:
    sizes = []
    while found := next_scaling(stage.state, stage.now, stage.deployment):
        before = dict(stage.state.replicasets)
        assert next_scaling(stage.state, stage.now, stage.deployment) == found, "asking changes nothing"
        assert dict(stage.state.replicasets) == before
        sizes.append((found.side, found.after))
        come(stage, found)
    assert [each for each in sizes if each[0] == "old"] == [("old", 2), ("old", 1), ("old", 0)]
    assert stage.is_complete()


def test_a_prediction_is_judged_with_the_controllers_own_reason(stage: LessonStage) -> None:
    found = next_scaling(stage.state, stage.now, stage.deployment)
    assert found is not None
    right, told = judge(found, "old", 2)
    assert right and found.why is not None
    assert found.name in told.text and "from 3 to 2" in told.text and found.why.text in told.text
    assert not judge(found, "new", 2)[0]
    assert not judge(found, "old", 1)[0]
    assert not judge(found, "none", 0)[0]


def test_when_nothing_comes_that_is_the_answer(stage: LessonStage) -> None:
    stage.run_out()
    found = next_scaling(stage.state, stage.now, stage.deployment)
    assert found is None
    assert judge(found, "none", 0)[0]
    assert not judge(found, "old", 0)[0]
