"""A run is a fold: the same changes give the same records, in one go or in pieces."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.core.lessons.run import Run
from cluster.core.lessons.scene import Scene, Seen
from cluster.core.lessons.trial import LessonStage
from tests.core.lessons.builders import ROLL_OUT, lesson, task

ASK = {"text": "?", "ask": "revision"}


class Recorder(LessonStage):
    """Keeps what the journal would."""

    def tell(self, seen: Seen) -> None:
        self.seen = [*getattr(self, "seen", []), replace(seen, wall=self.now)]
        super().tell(seen)


def played() -> tuple[Run, list[Seen], list[Seen]]:
    """The run, what was seen of the setup, and what after it."""
    found = lesson(ROLL_OUT, ASK, task({"deployment": {"replicas": 5}}, {"scale": 5}))
    run = Run(lesson=found, scene=Scene("web"))
    stage = Recorder(found, run)
    stage.apply(found.manifest)
    run.begin(0.0)
    setup, stage.seen = stage.seen, []
    for step in found.tasks[0].solution:
        stage.act(step)
    stage.tell(Seen(kind="Hint", data={"task": 1}, wall=1.0))
    stage.tell(Seen(kind="Answer", data={"task": 1, "right": False}, wall=2.0))
    stage.tell(Seen(kind="Answer", data={"task": 0, "right": True}, wall=2.5))
    stage.tell(Seen(kind="Answer", data={"task": 1, "right": True}, wall=3.0))
    for step in found.tasks[2].solution:
        stage.act(step)
    return run, setup, stage.seen


def test_records_tell_what_was_done() -> None:
    run, _, _ = played()
    assert run.is_over and run.task is None and run.number == 3
    roll_out, asked, scaled = run.records
    assert (roll_out.edits, roll_out.wrong, roll_out.hints) == (1, 0, 0)
    assert roll_out.first_edit is not None
    assert (asked.right, asked.wrong, asked.hints) == (1, 1, 1)
    tasks = run.lesson.tasks
    assert [each.is_first_try(task) for each, task in zip(run.records, tasks, strict=True)] == [True, False, True]
    assert scaled.edits == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 200))
def test_it_does_not_matter_when_somebody_looks(cut: int) -> None:
    whole, setup, seen = played()
    again = Run(lesson=whole.lesson, scene=Scene("web"))
    for each in setup:
        again.see(each)
    again.begin(0.0)
    for each in seen[:cut]:
        again.see(each)
    assert len(again.verdicts()) == (len(again.task.check) if again.task else 0)
    for each in seen[cut:]:
        again.see(each)
    assert again.records == whole.records


def test_more_edits_than_the_solution_makes_are_no_first_try() -> None:
    found = lesson(ROLL_OUT)
    run = Run(lesson=found, scene=Scene("web"))
    stage = LessonStage(found, run)
    stage.apply(found.manifest)
    run.begin(0.0)
    for each in task({"complete": True}, {"scale": 4}, *ROLL_OUT["solution"])["solution"]:
        step = lesson(task({"complete": True}, each)).tasks[0].solution[0]
        stage.act(step)
    assert run.is_over
    assert run.records[0].edits == 2
    assert not run.records[0].is_first_try(found.tasks[0])
