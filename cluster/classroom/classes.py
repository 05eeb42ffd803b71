"""Creates, opens, closes and changes classes."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from cluster.classroom import codes
from cluster.models import Classroom, Cluster
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, failure
from cluster.writing import accounts, actions, clusters

LONGEST_NAME = 80
LONGEST_SLUG = 40
MOST_SEATS = 200
MOST_CLASSES_OF_ONE_PERSON = 20
TEACHER = "teacher"


def create(name: str, *, owner: Any, most_seats: int = 40) -> Classroom:
    """Creates a class with its own cluster, of which the owner is an admin, and the book's Deployment there. Raises Refused."""
    name = checked_name(name)
    check_seats(most_seats)
    if Classroom.objects.filter(owner=owner).count() >= MOST_CLASSES_OF_ONE_PERSON:
        message = f"{MOST_CLASSES_OF_ONE_PERSON} classes are the most that one person may have"
        raise Refused(failure(403, "Forbidden", message))
    with transaction.atomic():
        slug = free_slug(name)
        cluster = clusters.create(slug)
        accounts.join(owner, Space(slug, ""), "admin")
        actions.example(Space(slug, "default"), actor=owner.get_username())
        return Classroom.objects.create(
            slug=slug,
            name=name,
            owner=owner,
            cluster=cluster,
            code=free_code(),
            most_seats=most_seats,
            created=timezone.now(),
        )


def checked_name(name: str) -> str:
    """The name without surrounding or repeated spaces. Raises Refused."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(bad_request(f"name: Invalid value: {name!r}: 1 to {LONGEST_NAME} printable characters"))
    return name


def check_seats(count: int) -> None:
    if not 1 <= count <= MOST_SEATS:
        raise Refused(bad_request(f"most_seats: Invalid value: {count}: must be between 1 and {MOST_SEATS}"))


def free_slug(name: str) -> str:
    """The name as a DNS label that no class or cluster has: "Blue class" is blue-class, then blue-class-b."""
    base = slugify(name).replace("_", "-")[:LONGEST_SLUG].strip("-") or "class"
    for ending in ("", *(f"-{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")):
        slug = base + ending
        if not Cluster.objects.filter(name=slug).exists() and not Classroom.objects.filter(slug=slug).exists():
            return slug
    raise Refused(failure(409, "AlreadyExists", f"name: Invalid value: {name!r}: too many classes have that name"))


def free_code() -> str:
    while True:
        code = codes.new_code()
        if not Classroom.objects.filter(code=code).exists():
            return code


def change(
    room: Classroom,
    *,
    is_open: bool | None = None,
    most_seats: int | None = None,
    new_code: bool = False,
    shows_progress: bool | None = None,
) -> None:
    """Changes settings of a class; the seats taken stay. Raises Refused."""
    if most_seats is not None:
        check_seats(most_seats)
    given = {"is_open": is_open, "most_seats": most_seats, "shows_progress": shows_progress}
    fields: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if new_code:
        fields["code"] = free_code()
    Classroom.objects.filter(pk=room.pk).update(**fields, version=F("version") + 1)
    room.refresh_from_db()


def touch(room: Classroom) -> None:
    """Marks the class as changed, so that its pages are updated."""
    Classroom.objects.filter(pk=room.pk).update(version=F("version") + 1)
