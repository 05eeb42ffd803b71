"""The teacher's pages: the join page for the wall, settings, and the list of seats."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from cluster.classroom import (
    addresses,
    class_file,
    classes,
    codes,
    handing_out,
    helping,
    lesson_files,
    presenting,
    qr,
    seats,
)
from cluster.classroom.seats import NoSeat
from cluster.core.fields import BadField, take
from cluster.models import Classroom, LessonText, Seat
from cluster.page.views import read
from cluster.statuses import Refused, bad_request, failure, of_database

View = Callable[..., HttpResponse]


def taught(view: View) -> View:
    """For the class's owner and superusers; 404 for others. Refusals are returned as a Status."""

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **named: Any) -> HttpResponse:
        room = find(request.user, slug)
        if room is None:
            raise Http404(f"there is no class {slug!r} of yours")
        return answered(lambda: view(request, room, **named))

    return wrapped


def answered(view: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return view()
    except Refused as refused:
        status = refused.status
    except BadField as error:
        status = bad_request(str(error))
    except NoSeat as refusal:
        status = failure(refusal.code, refusal.reason, str(refusal))
    except DatabaseError as error:
        status = of_database(error)
    return JsonResponse(status, status=status["code"])


def find(user: Any, slug: str) -> Classroom | None:
    rows = Classroom.objects.select_related("cluster", "owner").filter(slug=slug)
    if not user.is_active or not user.is_superuser:
        rows = rows.filter(owner_id=user.pk or 0)
    return rows.first()


def may_teach(user: Any) -> bool:
    """Whether a user may have classes: every account except those of seats."""
    return bool(user.is_authenticated and user.is_active and not Seat.objects.filter(user_id=user.pk).exists())


@require_GET
@login_required
@ensure_csrf_cookie
def index(request: HttpRequest) -> HttpResponse:
    """The user's classes; under `manage.py class` a redirect to the only one."""
    if not may_teach(request.user):
        return redirect("seat-stage")
    rows = Classroom.objects.filter(owner_id=request.user.pk)
    if settings.PUBLIC_ADDRESS and len(rows) == 1:
        return redirect("class-door", rows[0].slug)
    return render(request, "classes.html", {"rows": rows, "most_seats": classes.MOST_SEATS})


@require_POST
@login_required
def create(request: HttpRequest) -> HttpResponse:
    def make() -> HttpResponse:
        if not may_teach(request.user):
            raise Refused(failure(403, "Forbidden", "a seat of a class can't make classes"))
        body = read(request)
        room = classes.create(take(body, "name", str), owner=request.user, most_seats=take(body, "most_seats", int))
        return JsonResponse({"slug": room.slug}, status=201)

    return answered(make)


@require_GET
@never_cache
@ensure_csrf_cookie
@taught
def door(request: HttpRequest, room: Classroom) -> HttpResponse:
    """The join page for the wall: the address and the code in large type, and the students who have joined, live."""
    base = addresses.site(request)
    context = {
        "room": room,
        "address": base.partition("://")[2],
        "is_encrypted": base.startswith("https://"),
        "secure_address": settings.API_ADDRESS,
        "fingerprint": class_file.fingerprint(),
        "join_url": addresses.join_url(base, room),
        "most": classes.MOST_SEATS,
    }
    return render(request, "class_door.html", {**context, **shown_code(request, room)})


def shown_code(request: HttpRequest, room: Classroom) -> dict[str, str]:
    """The code as it is read out, and as a QR code for phones."""
    return {"code": codes.spaced(room.code), "qr": qr.drawn(addresses.join_url(addresses.site(request), room))}


@require_POST
@taught
def change(request: HttpRequest, room: Classroom) -> HttpResponse:
    """Any of is_open, most_seats, new_code and shows_progress."""
    body = read(request)
    known: dict[str, type] = {"is_open": bool, "most_seats": int, "new_code": bool, "shows_progress": bool}
    classes.change(room, **{key: take(body, key, kind) for key, kind in known.items() if key in body})
    class_file.renew(room)
    return JsonResponse(shown_code(request, room))


@require_POST
@taught
def change_seat(request: HttpRequest, room: Classroom, number: int, verb: str) -> HttpResponse:
    """rename (with `name`), remove, link (makes and returns a new one), reset, or help (with `verb`: offer or end)."""
    rows = Seat.objects.select_related("user", "cluster", "classroom__handout", "classroom__owner")
    seat = rows.filter(classroom=room, number=number).first()
    if seat is None:
        raise Refused(failure(404, "NotFound", f"seat {number} was removed"))
    if verb == "rename":
        seats.rename(seat, take(read(request), "name", str))
    elif verb == "remove":
        seats.remove(seat)
        return JsonResponse({"message": f"{seat.name} was removed"})
    elif verb == "link":
        seats.renew_link(seat)
        return JsonResponse({"link": addresses.seat_url(addresses.site(request), seat)})
    elif verb == "reset":
        handing_out.begin_own(seat)
    elif verb == "help":
        helping.by_teacher(seat, take(read(request), "verb", str))
    else:
        raise Http404
    return JsonResponse({"name": seat.name})


@require_POST
@taught
def hand_out(request: HttpRequest, room: Classroom) -> HttpResponse:
    """`lesson`: its name; "" takes the lesson back."""
    name = take(read(request), "lesson", str)
    if name:
        handing_out.hand_out(room, handing_out.find_text(name, request.user))
    else:
        handing_out.take_back(room)
    return JsonResponse({"lesson": name})


@require_POST
@taught
def reset_all(request: HttpRequest, room: Classroom) -> HttpResponse:  # noqa: ARG001
    handing_out.begin_all(room)
    return JsonResponse({"message": "Every cluster is as new."})


@require_POST
@taught
def freeze(request: HttpRequest, room: Classroom) -> HttpResponse:
    """`frozen`: whether the clocks of all clusters are stopped."""
    handing_out.freeze(room, frozen=take(read(request), "frozen", bool))
    return JsonResponse({"frozen": room.is_frozen})


@require_GET
@never_cache
@ensure_csrf_cookie
@taught
def board(request: HttpRequest, room: Classroom) -> HttpResponse:
    """A tile for each student, live, and the teacher's actions for all of them."""
    own = LessonText.objects.filter(owner_id=request.user.pk)
    context = {
        "room": room,
        "lessons": [{"name": name, "title": title} for name, title in lesson_files.titles(get_language())],
        "own_lessons": [{"name": f"{handing_out.OWN}{each.pk}", "title": each.title} for each in own],
    }
    return render(request, "class_board.html", context)


@require_POST
@taught
def present(request: HttpRequest, room: Classroom) -> HttpResponse:
    """`place`: the presenter's page ({path}, and what the pages that follow need), or null to end the presentation."""
    presenting.show(room, read(request).get("place"))
    return JsonResponse({"place": room.place})
