"""Follows learners: finds those whose cluster or progress has changed since the last look. A look costs two queries, plus reading
the changes."""

import threading
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from cluster.classroom.following import Follower, Learner, keep, lesson_of
from cluster.classroom.tiles import tile
from cluster.models import Classroom, Cluster, Progress, Seat, SelfStudy
from cluster.models.lessons import LessonProgress

Json = dict[str, Any]


class Watch:
    """`followers` by the learners' keys. One look at a time: pages and answers share them."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.lock = threading.Lock()
        self.followers: dict[int, Follower] = {}
        self.unseen: set[int] = set()

    def look(self) -> set[int]:
        """The keys of the learners with changes. Raises the errors of `renew`."""
        with self.lock:
            changed = self.renew()
            changed |= self.advance()
            if changed:
                self.keep(changed)
            self.unseen |= changed
            return changed

    def renew(self) -> set[int]:
        """Reads the learners to follow; returns the keys of those that changed. Raises DoesNotExist where the class or lesson is
        gone."""
        raise NotImplementedError

    def follow(self, learners: Mapping[int, Learner]) -> set[int]:
        """Follows exactly these learners; returns the keys of those that are new, gone or restarted."""
        kept = {
            key: old for key, old in self.followers.items() if key in learners and not is_another(old, learners[key])
        }
        begun = {key: Follower(each) for key, each in learners.items() if key not in kept}
        gone = self.followers.keys() - learners.keys()
        self.followers = kept | begun
        return begun.keys() | gone

    def advance(self) -> set[int]:
        keys = [each.cluster.pk for each in self.followers.values()]
        bounds = Cluster.objects.filter(pk__in=keys).values_list("pk", "head", "tail")
        heads = {key: (head, tail) for key, head, tail in bounds}
        changed = set()
        for key, each in list(self.followers.items()):
            head, tail = heads.get(each.cluster.pk, (each.rv, 0))
            if each.rv < tail:  # the cluster was reset, or this process was suspended for long
                lesson = each.run.lesson if each.run else None
                self.followers[key] = Follower(
                    Learner(cluster=each.cluster, progress=fresh(each.progress), lesson=lesson)
                )
                changed.add(key)
            elif each.rv < head and each.advance():
                changed.add(key)
        return changed

    def keep(self, changed: set[int]) -> None:
        with transaction.atomic():
            for key in changed & self.followers.keys():
                keep(self.followers[key])

    def take_unseen(self) -> set[int]:
        """The keys of learners that changed since the last call by this process's feed."""
        with self.lock:
            taken, self.unseen = self.unseen, set()
            return taken


class ClassWatch(Watch):
    """All seats of a class, by their keys."""

    def __init__(self, key: int) -> None:
        super().__init__(key)
        self.version: int | None = -1
        self.seats: dict[int, Seat] = {}

    def renew(self) -> set[int]:
        """The seats that are new, gone, renamed or restarted, or whose help changed. Raises Classroom.DoesNotExist."""
        room = Classroom.objects.select_related("handout").get(pk=self.key)
        if room.version == self.version:
            return set()
        seats = seats_of(room)
        changed = self.follow(learners_of(room, seats))
        changed |= {key for key, old in self.seats.items() if key in seats and is_told_otherwise(old, seats[key])}
        self.seats, self.version = seats, room.version
        return changed

    def tiles(self, keys: set[int]) -> list[Json]:
        return [tile(self.seats[key], self.followers[key]) for key in sorted(keys) if key in self.followers]


def seats_of(room: Classroom) -> dict[int, Seat]:
    """The seats that have a cluster, by key."""
    rows = Seat.objects.filter(classroom=room, cluster__isnull=False).select_related("cluster", "user")
    return {each.pk: each for each in rows}


def learners_of(room: Classroom, seats: Mapping[int, Seat]) -> dict[int, Learner]:
    rows = Progress.objects.filter(handout=room.handout) if room.handout else []
    progress = {each.seat_id: each for each in rows}
    lesson = lesson_of(room.handout.text) if room.handout else None
    found = {}
    for key, seat in seats.items():
        assert seat.cluster is not None
        row = progress.get(key)
        found[key] = Learner(cluster=seat.cluster, progress=row, lesson=lesson if row else None)
    return found


class StudyWatch(Watch):
    """A learner without a class, under the key of their SelfStudy."""

    def renew(self) -> set[int]:
        """Raises SelfStudy.DoesNotExist."""
        row = SelfStudy.objects.select_related("cluster").get(pk=self.key)
        return self.follow({self.key: Learner(cluster=row.cluster, progress=row, lesson=lesson_of(row.text))})


def is_another(old: Follower, new: Learner) -> bool:
    """Whether the cluster or the lesson is a different one, or the lesson was restarted."""
    return old.cluster.pk != new.cluster.pk or beginning(old.progress) != beginning(new.progress)


def beginning(progress: LessonProgress | None) -> tuple[int, int, int] | None:
    return (progress.pk, progress.base, progress.resets) if progress else None


def is_told_otherwise(old: Seat, new: Seat) -> bool:
    return (old.name, old.help) != (new.name, new.help)


def fresh(progress: LessonProgress | None) -> LessonProgress | None:
    return type(progress)._default_manager.filter(pk=progress.pk).first() if progress else None


watches: dict[int, ClassWatch] = {}


def watch_of(key: int) -> ClassWatch:
    return watches.setdefault(key, ClassWatch(key))
