"""Help: a student asks for it, or the teacher offers it; once it is accepted, both may act in the student's cluster, each under
their own name."""

import time

from django.db import transaction

from cluster.classroom import classes
from cluster.models import Seat
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, failure
from cluster.writing import memberships

# (who, verb) -> (the states in which it is allowed, the state after it)
VERBS = {
    ("student", "ask"): (("",), "asked"),
    ("student", "accept"): (("offered",), "given"),
    ("student", "end"): (("asked", "offered", "given"), ""),
    ("teacher", "offer"): (("", "asked"), "offered"),
    ("teacher", "end"): (("asked", "offered", "given"), ""),
}


def by_student(seat: Seat, verb: str) -> None:
    """`verb`: ask, accept or end. Raises Refused."""
    turn(seat, "student", verb)


def by_teacher(seat: Seat, verb: str) -> None:
    """`verb`: offer or end. Raises Refused."""
    turn(seat, "teacher", verb)


def turn(seat: Seat, who: str, verb: str) -> None:
    if (who, verb) not in VERBS:
        known = ", ".join(each for other, each in VERBS if other == who)
        raise Refused(bad_request(f"verb: Unsupported value: {verb!r}: supported values: {known}"))
    allowed, after = VERBS[who, verb]
    with transaction.atomic():
        row = Seat.objects.select_for_update().select_related("classroom").get(pk=seat.pk)
        if row.help not in allowed:
            raise Refused(failure(409, "Conflict", f"help is {row.help or 'not asked for'} at this moment"))
        seat.help, seat.help_since = after, time.time() if after else None
        seat.save(update_fields=["help", "help_since"])
        allow_teacher(row, acts=after == "given")
        classes.touch(row.classroom)


def allow_teacher(seat: Seat, *, acts: bool) -> None:
    """Lets the teacher view a seat's cluster, and edit it while help is given."""
    if seat.cluster is not None:
        role = "edit" if acts else "view"
        memberships.grant(Space(seat.cluster.name, ""), seat.classroom.owner, role, actor=seat.user.get_username())
