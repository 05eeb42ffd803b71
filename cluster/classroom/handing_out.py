"""Sets a lesson up in the clusters of a class: for all seats, for a student who joins late, or again for one seat or all."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cluster.classroom import classes, lesson_files, setting_up
from cluster.classroom.setting_up import ACTOR, beginning
from cluster.models import Classroom, Cluster, Handout, LessonText, Progress, Seat
from cluster.records import journal
from cluster.spaces import Space
from cluster.statuses import Refused, failure
from cluster.writing import actions, clusters, memberships, pacing

OWN_ROLE, TEACHER_ROLE = "admin", "view"
OWN = "own-"


def find_text(name: str, user: Any) -> str:
    """The text of a shipped lesson by its file's name, or of a teacher's own by own-KEY. Raises Refused."""
    if name.startswith(OWN):
        key = name.removeprefix(OWN)
        own = LessonText.objects.filter(pk=int(key) if key.isdecimal() and len(key) < 19 else 0, owner=user).first()
        if own:
            return own.text
    found = lesson_files.shipped().get(name)
    if found is None:
        raise Refused(failure(404, "NotFound", f"there is no lesson {name!r}"))
    return found


def hand_out(room: Classroom, text: str) -> Handout:
    """Sets a lesson up in every seat's cluster, and in those of later seats. Erases the contents of the clusters. Raises
    Refused."""
    lesson = setting_up.load(text)
    handout = Handout.objects.create(classroom=room, title=lesson.title, text=text, created=timezone.now())
    Classroom.objects.filter(pk=room.pk).update(handout=handout)
    room.refresh_from_db()
    begin_all(room)
    return handout


def take_back(room: Classroom) -> None:
    """Ends the lesson for all seats; clusters and results stay as they are."""
    Classroom.objects.filter(pk=room.pk).update(handout=None)
    classes.touch(room)


def begin_all(room: Classroom) -> None:
    """Restarts every seat, one cluster after another, each in its own transaction."""
    for seat in Seat.objects.filter(classroom=room).select_related("cluster", "user", "classroom__handout"):
        begin(seat)
    classes.touch(room)


def begin(seat: Seat) -> None:
    """Resets the seat's cluster, with the class's lesson or, without one, the book's Deployment. A seat whose cluster was deleted
    gets a new one."""
    if seat.cluster is None:
        begin_new(seat)
        return
    with journal.exclusive(seat.cluster.name):
        clusters.reset(seat.cluster.name)
        fill(seat, seat.cluster.name)


def begin_new(seat: Seat) -> None:
    """Creates the seat's cluster: the student is its admin, the teacher may view it."""
    with transaction.atomic():
        seat.cluster = clusters.create(free_cluster(seat), owner=seat.user)
        seat.save(update_fields=["cluster"])
        whole = Space(seat.cluster.name, "")
        memberships.grant(whole, seat.user, OWN_ROLE, actor=ACTOR)
        memberships.grant(whole, seat.classroom.owner, TEACHER_ROLE, actor=ACTOR)
        with journal.exclusive(seat.cluster.name):
            fill(seat, seat.cluster.name)


def free_cluster(seat: Seat) -> str:
    """A free name by the seat's number, since a cluster's name stays and a student's may change: blue-class-07."""
    name = base = f"{seat.classroom.slug}-{seat.number:02}"
    number = 1
    while Cluster.objects.filter(name=name).exists():
        number += 1
        name = f"{base}-{number}"
    return name


def fill(seat: Seat, cluster: str) -> None:
    """Sets up a new or reset cluster, under its lock."""
    room, handout = seat.classroom, seat.classroom.handout
    if handout is None:
        actions.example(Space(cluster, "default"), actor=seat.user.get_username())
        hold_if_frozen(room, cluster)
        return
    base = journal.tail(cluster)
    setting_up.set_up(setting_up.load(handout.text), cluster)
    hold_if_frozen(room, cluster)
    note(seat, handout, base, journal.head(cluster))


def hold_if_frozen(room: Classroom, cluster: str) -> None:
    """In a frozen class: stops the clock of a cluster that was reset; it continues at 1x when released."""
    if room.is_frozen:
        with journal.exclusive(cluster) as row:
            row.held_pace = None
            pacing.hold(cluster, actor=ACTOR)


def note(seat: Seat, handout: Handout, base: int, start: int) -> None:
    fields = beginning(base, start)
    row, is_new = Progress.objects.get_or_create(seat=seat, handout=handout, defaults=fields)
    if not is_new:
        Progress.objects.filter(pk=row.pk).update(**fields, resets=F("resets") + 1)


def freeze(room: Classroom, *, frozen: bool) -> None:
    """Stops or releases the clocks of all clusters of the class."""
    Classroom.objects.filter(pk=room.pk).update(is_frozen=frozen)
    room.is_frozen = frozen
    names = [*room.seats.filter(cluster__isnull=False).values_list("cluster__name", flat=True)]
    turn = pacing.hold if frozen else pacing.release
    for name in [*names, *([room.cluster.name] if room.cluster else [])]:
        turn(name, actor=room.owner.get_username())
    classes.touch(room)


def begin_own(seat: Seat) -> None:
    with transaction.atomic():
        begin(seat)
        classes.touch(seat.classroom)
