"""Seats: taken with a code and a name, renamed, removed. A seat is an account without a password that is an admin of its own
cluster and may view the class's."""

import unicodedata
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from cluster.classroom import classes, codes, handing_out
from cluster.models import Classroom, Seat, Token
from cluster.spaces import Space
from cluster.writing import clusters, memberships

LONGEST_NAME = 40
CLASS_ROLE = "view"


class NoSeat(Exception):
    """Raised when a seat can't be taken. `reason` is one word for scripts, `code` the HTTP status."""

    def __init__(self, reason: str, message: str, code: int) -> None:
        super().__init__(message)
        self.reason, self.code = reason, code


def open_class(code: str) -> Classroom:
    """The class with a code, locked for the rest of the transaction. Raises NoSeat."""
    code = codes.normal(code)
    rooms = Classroom.objects.select_for_update().filter(code=code)
    room = rooms.first() if len(code) == codes.LENGTH else None
    if room is None:
        raise NoSeat("WrongCode", "There is no class with this code. Check the letters, then try again.", 404)
    if not room.is_open:
        raise NoSeat("Closed", f"{room.name} is closed: nobody can join now. Ask your teacher.", 403)
    return room


def join(code: str, name: str) -> Seat:
    """A new seat with its cluster. The class's row is locked first, then the new cluster's, so that names stay unique and seats
    within their limit under concurrent joins. Raises NoSeat."""
    with transaction.atomic():
        room = open_class(code)
        name = checked_name(name)
        taken = set(room.seats.values_list("name", flat=True))
        if len(taken) >= room.most_seats:
            raise NoSeat("Full", f"All {room.most_seats} seats of {room.name} are taken. Ask your teacher.", 409)
        room.seats_made += 1
        classes.touch(room)
        Classroom.objects.filter(pk=room.pk).update(seats_made=room.seats_made)
        return take_seat(room, numbered(name, taken))


def take_seat(room: Classroom, name: str) -> Seat:
    user = get_user_model().objects.create_user(free_username(room, name))  # without a password: only the link opens it
    seat = Seat.objects.create(
        classroom=room, number=room.seats_made, name=name, user=user, cluster=None, joined=timezone.now()
    )
    if room.cluster:
        memberships.grant(Space(room.cluster.name, ""), user, CLASS_ROLE, actor=room.owner.get_username())
    handing_out.begin_new(seat)
    return seat


def checked_name(name: str) -> str:
    """The name without surrounding or repeated spaces and invisible characters. Raises NoSeat."""
    visible = "".join(each for each in unicodedata.normalize("NFC", name) if each.isprintable())
    shown = " ".join(visible.split())
    if not shown:
        raise NoSeat("NoName", "Type your name, so that your teacher knows who is there.", 400)
    if len(shown) > LONGEST_NAME:
        raise NoSeat("LongName", f"A name has at most {LONGEST_NAME} characters; this one has {len(shown)}.", 400)
    return shown


def numbered(name: str, taken: set[str]) -> str:
    """The name with a number if it is taken: the second Ada is "Ada 2", also where the first is "ADA"."""
    known = {each.casefold() for each in taken}
    found, number = name, 1
    while found.casefold() in known:
        number += 1
        found = f"{name[: LONGEST_NAME - 4]} {number}"
    return found


def free_username(room: Classroom, name: str) -> str:
    """The account's name, which journals show: Ada@blue-class; with a number if an account has it already."""
    users = get_user_model().objects
    found, number = f"{name}@{room.slug}", 1
    while users.filter(username=found).exists():
        number += 1
        found = f"{name}@{room.slug}-{number}"
    return found


def rename(seat: Seat, name: str) -> None:
    """Renames a seat and its account; links and work stay. Raises NoSeat."""
    with transaction.atomic():
        room = Classroom.objects.select_for_update().get(pk=seat.classroom_id)
        taken = set(room.seats.exclude(pk=seat.pk).values_list("name", flat=True))
        seat.name = numbered(checked_name(name), taken)
        seat.save(update_fields=["name"])
        user: Any = seat.user
        user.username = free_username(room, seat.name)
        user.save(update_fields=["username"])
        classes.touch(room)


def remove(seat: Seat) -> None:
    """Deletes the account with its tokens and sessions, and the cluster, so that no link or token of the seat works."""
    name = seat.cluster.name if seat.cluster else None
    with transaction.atomic():
        classes.touch(seat.classroom)
        Token.objects.filter(user=seat.user).delete()
        seat.user.delete()
        if name:
            clusters.delete(name)


def renew_link(seat: Seat) -> None:
    """Makes earlier links of the seat void and ends its sessions and tokens."""
    seat.link_number += 1
    with transaction.atomic():
        seat.save(update_fields=["link_number"])
        Token.objects.filter(user=seat.user).delete()
        seat.user.set_unusable_password()  # a new unusable password ends the account's sessions
        seat.user.save(update_fields=["password"])
