"""Plays a lesson's own solution on a clock that jumps: tests whether each task's check is met by it, and not before."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cluster.core.lessons.lesson import Lesson, Task
from cluster.core.lessons.questions import ASKS, next_scaling
from cluster.core.lessons.run import Run
from cluster.core.lessons.scene import Scene, Seen, Verb
from cluster.core.objects import Change, Create, Delete, Event
from cluster.core.rehearsals.player import START, Player
from cluster.core.rehearsals.stories.story import Step, StoryError
from cluster.core.state import State

STUDENT = "student"
SETTLE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Failure:
    """`task` counts from 0."""

    task: int
    problem: str


class LessonStage(Player):
    """A rehearsal that passes its changes to a run, as a journal would."""

    def __init__(self, lesson: Lesson, run: Run) -> None:
        self.run, self.actor = run, ""
        self.done_by: list[int] = []  # the tasks that the latest solution has completed
        state = State(lesson.nodes, {"": lesson.behaviours})
        super().__init__(lesson.title, state, START, ("default", lesson.deployment_name))

    def act(self, step: Step) -> None:
        """Plays a step as the student. Raises StoryError."""
        self.actor = STUDENT
        try:
            self.play(step)
        finally:
            self.actor = ""

    def settle(self) -> None:
        self.actor = ""
        super().settle()

    def set_pace(self, pace: float | str) -> None:
        super().set_pace(pace)
        if pace != "step":
            self.tell(Seen(kind="Cluster", data={"pace": pace}, actor=STUDENT))

    def note(self, change: Change) -> None:
        super().note(change)
        if isinstance(change, Event):
            self.tell(Seen(kind="Event", verb="ADDED", data={"reason": change.reason}))
        else:
            verb: Verb = (
                "ADDED" if isinstance(change, Create) else "DELETED" if isinstance(change, Delete) else "MODIFIED"
            )
            kind = type(change.object).__name__
            self.tell(Seen(kind=kind, verb=verb, thing=change.object, actor=self.actor))

    def tell(self, seen: Seen) -> None:
        number = self.run.number
        if self.run.see(replace(seen, wall=self.now)):
            self.done_by.extend(range(number, self.run.number))


def try_out(lesson: Lesson, *, watch: Callable[[], None] = lambda: None) -> list[Failure]:
    """The first task whose check the solution does not meet, or meets before its last step, as a list; [] if there is none.
    The trial ends there, since later tasks build on it. `watch` is called at every step of the clock, and may raise to end
    the trial."""
    run = Run(lesson=lesson, scene=Scene(lesson.deployment_name))
    stage = LessonStage(lesson, run)
    stage.watch = watch
    if lesson.is_deployed:
        stage.apply(lesson.manifest)
        stage.run_until(stage.is_complete)
    run.begin(stage.now)
    for number, task in enumerate(lesson.tasks):
        problem = try_task(stage, run, task)
        if problem:
            return [Failure(number, problem)]
    return []


def try_task(stage: LessonStage, run: Run, task: Task) -> str:
    """What is wrong with a task; "" if nothing is."""
    number = run.number
    if task.check and all(each.met for each in run.verdicts()):
        return f"the check is met before anything was done: {told(run)}"
    stage.done_by.clear()
    try:
        problem = solve(stage, run, task)
    except StoryError as error:
        return f"the solution can't be played: {error}"
    if problem:
        return problem
    return "" if run.number > number or run.is_over else f"the solution does not meet the check: {told(run)}"


def solve(stage: LessonStage, run: Run, task: Task) -> str:
    if task.ask:
        return answer(stage, run, task)
    if task.predict:
        return predict(stage, run, task)
    number, last = run.number, last_act(task)
    for step in task.solution:
        stage.act(step)
        if step.index < last and run.number > number:
            return f"the check is met too early, by step {step.index + 1} of the solution"
    if run.number == number and not stage.is_paused:
        stage.run_until(lambda: run.number > number or run.is_over)
    return ""


def last_act(task: Task) -> int:
    """The index of the last step that changes anything; `wait` and `say` do not."""
    return max((step.index for step in task.solution if step.verb not in ("wait", "say")), default=0)


def answer(stage: LessonStage, run: Run, task: Task) -> str:
    try:
        found = ASKS[task.ask](run.scene)
    except LookupError as error:
        return f"{task.ask} can't be answered: {error}"
    if not found.value:
        return f"{task.ask} has no answer here"
    stage.tell(Seen(kind="Answer", data={"task": run.number, "right": True}, actor=STUDENT))
    return ""


def predict(stage: LessonStage, run: Run, task: Task) -> str:
    """Gives the right prediction and lets it happen, as often as the task requires."""
    for count in range(task.predict):
        found = next_scaling(stage.state, stage.now, stage.deployment)
        if found is None:
            return f"only {count} of {task.predict} predictions can be made: nothing more happens"
        stage.tell(Seen(kind="Answer", data={"task": run.number, "right": True}, actor=STUDENT))
        while stage.due is not None and stage.due <= found.at:
            stage.tick(stage.due)
    return ""


def told(run: Run) -> str:
    return " ".join(each.text for each in run.verdicts())
