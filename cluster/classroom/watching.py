"""All seats of a class, followed: which tiles and which students' tasks have changed since the last look. A look costs two
queries, and what has changed."""

import threading
from typing import Any

from django.db import transaction

from cluster.classroom.following import Follower, keep, lesson_of
from cluster.classroom.tiles import tile
from cluster.models import Classroom, Cluster, Progress, Seat

Json = dict[str, Any]


class ClassWatch:
    """`followers` by the seats' keys. One look at a time: pages and answers share them."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.lock = threading.Lock()
        self.version: int | None = -1
        self.followers: dict[int, Follower] = {}
        self.unseen: set[int] = set()

    def look(self) -> set[int]:
        """The keys of the seats of which something has changed. Raises Classroom.DoesNotExist."""
        with self.lock:
            room = Classroom.objects.select_related("handout").get(pk=self.key)
            changed = self.renew(room) if room.version != self.version else set()
            changed |= self.advance()
            if changed:
                self.keep(changed)
            self.unseen |= changed
            return changed

    def keep(self, changed: set[int]) -> None:
        with transaction.atomic():
            for key in changed & self.followers.keys():
                keep(self.followers[key])

    def take_unseen(self) -> set[int]:
        """What has changed since the feed of this process took it last, whoever looked."""
        with self.lock:
            taken, self.unseen = self.unseen, set()
            return taken

    def renew(self, room: Classroom) -> set[int]:
        """Seats that came, went, were renamed or began anew."""
        seats = Seat.objects.filter(classroom=room, cluster__isnull=False).select_related("cluster", "user")
        progress = (
            {each.seat_id: each for each in Progress.objects.filter(handout=room.handout)} if room.handout else {}
        )
        lesson = lesson_of(room.handout.text) if room.handout else None
        found = {}
        changed = set()
        for seat in seats:
            old, row = self.followers.get(seat.pk), progress.get(seat.pk)
            if old is None or is_another(old, seat, row):
                found[seat.pk] = Follower(seat, row, lesson if row else None)
                changed.add(seat.pk)
            else:
                found[seat.pk] = old
                if is_told_otherwise(old.seat, seat):
                    changed.add(seat.pk)
                old.seat = seat
        changed |= self.followers.keys() - found.keys()
        self.followers, self.version = found, room.version
        return changed

    def advance(self) -> set[int]:
        bounds = Cluster.objects.filter(seat__classroom_id=self.key).values_list("pk", "head", "tail")
        heads = {key: (head, tail) for key, head, tail in bounds}
        changed = set()
        for key, each in list(self.followers.items()):
            head, tail = heads.get(each.cluster.pk, (each.rv, 0))
            if each.rv < tail:  # the cluster was reset, or this process slept for long
                self.followers[key] = Follower(each.seat, fresh(each.progress), each.run.lesson if each.run else None)
                changed.add(key)
            elif each.rv < head and each.advance():
                changed.add(key)
        return changed

    def tiles(self, keys: set[int]) -> list[Json]:
        return [tile(self.followers[key]) for key in sorted(keys) if key in self.followers]


def is_another(old: Follower, seat: Seat, progress: Progress | None) -> bool:
    """Another cluster, another lesson, or the same begun anew."""
    if old.cluster.pk != seat.cluster_id or (old.progress is None) != (progress is None):
        return True
    return bool(
        old.progress
        and progress
        and (old.progress.pk, old.progress.base, old.progress.resets) != (progress.pk, progress.base, progress.resets)
    )


def is_told_otherwise(old: Seat, new: Seat) -> bool:
    return (old.name, old.help) != (new.name, new.help)


def fresh(progress: Progress | None) -> Progress | None:
    return Progress.objects.filter(pk=progress.pk).first() if progress else None


watches: dict[int, ClassWatch] = {}


def watch_of(key: int) -> ClassWatch:
    return watches.setdefault(key, ClassWatch(key))
