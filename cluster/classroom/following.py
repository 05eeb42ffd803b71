"""Follows one learner's cluster: a Scene and, where there is a lesson, the learner's Run, brought up to date from the journal. A
follower's state depends on the journal alone, so any process may follow, at any time."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from cluster.classroom import lesson_files
from cluster.classroom.observing import NAMESPACE, changes_after, in_snapshot
from cluster.core.lessons.lesson import Lesson
from cluster.core.lessons.run import Record, Run
from cluster.core.lessons.scene import Scene
from cluster.models import Cluster, Deployment
from cluster.models.lessons import LessonProgress
from cluster.records.snapshot import namespace_snapshot
from cluster.spaces import Space

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A learner's cluster and, where there is a lesson, the progress: of a seat of a class, or of a user without a class."""

    cluster: Cluster
    progress: LessonProgress | None = None
    lesson: Lesson | None = None


class Follower:
    def __init__(self, learner: Learner) -> None:
        self.cluster, self.progress, lesson = learner.cluster, learner.progress, learner.lesson
        self.scene = Scene(lesson.deployment_name if lesson else "")
        self.run = Run(lesson=lesson, scene=self.scene) if lesson else None
        self.rv = 0
        self.load()

    def load(self) -> None:
        """Reads the journal since the lesson was set up, where it still has all of that; otherwise the snapshot and the stored
        records."""
        tail = Cluster.objects.filter(pk=self.cluster.pk).values_list("tail", flat=True).get()
        if self.run and self.progress and self.progress.base >= tail:
            self.rv = self.progress.base
            self.advance()
        else:
            self.load_snapshot()

    def load_snapshot(self) -> None:
        if not self.scene.name:
            self.scene.name = first_deployment(self.cluster)
        snapshot = namespace_snapshot(Space(self.cluster.name, NAMESPACE))
        for each in in_snapshot(snapshot):
            self.scene.take(each)
        self.scene.pace = snapshot["pace"]
        self.rv = snapshot["rv"]
        if self.run and self.progress:
            records = [Record(**each) for each in self.progress.records]
            self.run.records = records or [Record(began=self.progress.began)]
            self.run.settle(self.progress.began)

    def advance(self) -> bool:
        """Reads up to the newest change; True if there was any."""
        moved = False
        for rv, seen in changes_after(self.cluster.pk, self.rv):
            self.begin_before(rv)
            if self.run:
                self.run.see(seen)
            else:
                self.adopt(seen.thing)
                self.scene.take(seen)
            self.rv, moved = rv, True
        self.begin_before(self.rv + 1)
        return moved

    def begin_before(self, rv: int) -> None:
        """Begins the first task when the lesson has been set up, before the first change after that."""
        if self.run and self.progress and not self.run.records and rv > self.progress.start:
            self.run.begin(self.progress.began)

    def adopt(self, thing: Any) -> None:
        """Without a lesson: follows the first Deployment that appears."""
        if self.scene.deployment is None and type(thing).__name__ == "Deployment":
            self.scene.name = thing.name

    def records(self) -> list[Json]:
        return [asdict(each) for each in self.run.records] if self.run else []


def first_deployment(cluster: Cluster) -> str:
    rows = Deployment.objects.filter(namespace__cluster=cluster, namespace__name=NAMESPACE)
    return rows.order_by("name").values_list("name", flat=True).first() or ""


def keep(follower: Follower) -> bool:
    """Saves the records, if they are newer than the stored ones; True if they were written."""
    progress = follower.progress
    if progress is None or progress.records == (records := follower.records()):
        return False
    newer = type(progress)._default_manager.filter(pk=progress.pk, base=progress.base, rv__lte=follower.rv)
    newer.update(records=records, rv=follower.rv)
    progress.records = records
    return True


@lru_cache(maxsize=100)
def lesson_of(text: str) -> Lesson:
    """The lesson of a text, parsed once; the text of a lesson that was begun never changes."""
    return lesson_files.load(text)
