"""The links of seats and teachers. A link is signed with the server's secret key and not stored, so a copy of the database opens
no seat; increasing the number in the signature makes earlier links void."""

import base64

from django.utils.crypto import constant_time_compare, salted_hmac

from cluster.models import Classroom, Seat

SEAL_BYTES = 15  # 120 bits, 24 letters in base 32


def of_seat(seat: Seat) -> str:
    return f"{seat.pk}-{seal('seat', seat.pk, seat.link_number)}"


def of_teacher(room: Classroom) -> str:
    return f"{room.pk}-{seal('teacher', room.pk, room.link_number)}"


def seat_of(link: str) -> Seat | None:
    """The seat that a link opens; None for an invalid or void link."""
    found = Seat.objects.select_related("classroom", "user", "cluster").filter(pk=key_in(link)).first()
    return found if found and constant_time_compare(link, of_seat(found)) else None


def class_of(link: str) -> Classroom | None:
    """The class that a teacher's link opens; None for an invalid or void link."""
    found = Classroom.objects.select_related("owner", "cluster").filter(pk=key_in(link)).first()
    return found if found and constant_time_compare(link, of_teacher(found)) else None


def seal(what: str, key: int, number: int) -> str:
    digest = salted_hmac(f"rollstage.class.{what}", f"{key}.{number}", algorithm="sha256").digest()
    return base64.b32encode(digest[:SEAL_BYTES]).decode().lower()


def key_in(link: str) -> int:
    text = link.partition("-")[0]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
