"""One student's progress in a lesson: a fold over the changes of the cluster's journal. The same changes always give the same
run."""

from dataclasses import dataclass, field

from cluster.core.lessons.checks import Verdict, look
from cluster.core.lessons.lesson import Lesson, Task
from cluster.core.lessons.scene import Scene, Seen


@dataclass(kw_only=True, slots=True)
class Record:
    """The record of one task; times are wall time (epoch seconds). `edits` of the Deployment by people, `wrong` answers,
    `hints` that were shown. `predicted`: the scene's number of scalings at the latest answer; there is one prediction for
    each scaling."""

    began: float
    done: float | None = None
    first_edit: float | None = None
    edits: int = 0
    right: int = 0
    wrong: int = 0
    hints: int = 0
    predicted: int | None = None

    def is_first_try(self, task: Task) -> bool:
        """Whether the task was done without a wrong answer, and a check without more edits than the lesson's own solution
        makes."""
        return self.done is not None and not self.wrong and (not task.check or self.edits <= task.edits)


@dataclass(kw_only=True)
class Run:
    lesson: Lesson
    scene: Scene
    records: list[Record] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return len(self.records) == len(self.lesson.tasks) and self.records[-1].done is not None

    @property
    def number(self) -> int:
        """The index of the present task, from 0; the number of tasks once all are done."""
        return len(self.records) - (0 if self.is_over else 1)

    @property
    def task(self) -> Task | None:
        return None if self.is_over else self.lesson.tasks[self.number]

    def begin(self, wall: float) -> None:
        self.scene.begin_task()
        self.records.append(Record(began=wall))

    def see(self, seen: Seen) -> bool:
        """Takes one change; returns whether it completed a task."""
        self.scene.take(seen)
        if self.is_over or not self.records:
            return False
        self.note(seen)
        return self.settle(seen.wall)

    def settle(self, wall: float) -> bool:
        """Finishes the tasks that are met now; returns whether there were any."""
        finished = False
        while not self.is_over and self.is_met():
            self.finish(wall)
            finished = True
        return finished

    def note(self, seen: Seen) -> None:
        record, since = self.records[-1], self.scene.since
        record.edits, record.first_edit = since.edits, since.first_edit
        if seen.data.get("task") != self.number:
            return
        if seen.kind == "Hint":
            record.hints += 1
        elif seen.kind == "Answer":
            record.predicted = self.scene.scalings
            if seen.data.get("right"):
                record.right += 1
            else:
                record.wrong += 1

    def finish(self, wall: float) -> None:
        self.records[-1].done = wall
        if len(self.records) < len(self.lesson.tasks):
            self.begin(wall)

    def is_met(self) -> bool:
        task = self.task
        assert task is not None
        if task.check:
            return all(each.met for each in self.verdicts())
        return self.records[-1].right >= (task.predict or 1)

    def verdicts(self) -> list[Verdict]:
        """The verdicts on the conditions of the present task."""
        task = self.task
        return [look(each.kind, each.value, self.scene) for each in task.check] if task else []
