"""Joining with a code and a name, on the page or from a script; and the links with which students and teachers return."""

import json
import math
from typing import Any

from django.contrib.auth import login, logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from cluster.api.auth import access
from cluster.classroom import addresses, codes, links, seats
from cluster.classroom.seats import NoSeat
from cluster.models import Seat
from cluster.statuses import Refused
from cluster.writing import attempts
from cluster.writing.attempts import Limit
from cluster.writing.logins import address_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
LARGEST_BODY = 10_000
OF_ADDRESS = Limit(most=5, seconds=12.0)
IN_ALL = Limit(most=100, seconds=0.6)  # with 25^6 codes a guesser needs years for one of them


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, code: str = "") -> HttpResponse:
    """Handles a POST that accepts JSON as a script's: it sets no cookie, so that a request from another site gains nothing."""
    if request.method == "POST" and "application/json" in request.headers.get("Accept", ""):
        return join_as_script(request, code)
    return join_on_page(request, code)


@csrf_protect
def join_on_page(request: HttpRequest, code: str) -> HttpResponse:
    typed = {"code": codes.normal(request.POST.get("code", code)), "name": request.POST.get("name", "")}
    if request.method == "GET":
        return render(request, "class_join.html", {**typed, "came": seat_with(request, typed["code"])})
    try:
        seat = take(request, **typed)
    except NoSeat as refusal:
        return render(request, "class_join.html", {**typed, "refusal": refusal}, status=refusal.code)
    login(request, seat.user, backend=BACKEND)
    return redirect("seat-stage")


def seat_with(request: HttpRequest, code: str) -> Seat | None:
    """The seat that this browser already has, if it is in the class with the code, or if no code is given."""
    found = Seat.objects.select_related("classroom").filter(user_id=request.user.pk or 0).first()
    return found if found and code in ("", found.classroom.code) else None


def join_as_script(request: HttpRequest, code: str) -> JsonResponse:
    try:
        access.check_origin("", request.headers.get("Origin", ""))
        body = fields_of(request)
        seat = take(request, code=body.get("code", code), name=body.get("name", ""))
    except NoSeat as refusal:
        return JsonResponse({"reason": refusal.reason, "message": str(refusal)}, status=refusal.code)
    except Refused as refused:
        return JsonResponse(
            {"reason": refused.status["reason"], "message": refused.status["message"]}, status=refused.status["code"]
        )
    base = addresses.site(request)
    return JsonResponse(
        {
            "name": seat.name,
            "seat_url": addresses.seat_url(base, seat),
            "cluster": seat.cluster.name if seat.cluster else "",
            "kubeconfig": addresses.kubeconfig_of(seat, base),
        },
        status=201,
    )


def fields_of(request: HttpRequest) -> dict[str, str]:
    """The fields of a JSON object or a form. Raises NoSeat."""
    if request.content_type != "application/json":
        return {key: str(each) for key, each in request.POST.items()}
    try:
        body = json.loads(request.body[:LARGEST_BODY] or b"{}")
    except (ValueError, RecursionError) as error:
        raise NoSeat("BadRequest", f"the body is not JSON: {error}", 400) from error
    if not isinstance(body, dict) or not all(isinstance(each, str) for each in body.values()):
        raise NoSeat("BadRequest", "the body must be a JSON object with the texts code and name", 400)
    return body


def take(request: HttpRequest, *, code: str, name: str) -> Seat:
    """Takes a seat. Raises NoSeat, also after too many wrong codes."""
    address = address_of(request)
    guesses = (("code", address), OF_ADDRESS), (("code",), IN_ALL)
    seconds = attempts.wait(guesses)
    if seconds:
        message = f"Too many wrong codes. Wait {math.ceil(seconds)} seconds, then try again."
        raise NoSeat("TooManyCodes", message, 429)
    try:
        return seats.join(code, name)
    except NoSeat as refusal:
        if refusal.reason == "WrongCode":
            attempts.add(guesses)
        raise
    except Refused as refused:
        raise NoSeat(refused.status["reason"], refused.status["message"], refused.status["code"]) from refused
    except DatabaseError as error:
        raise NoSeat("Busy", "The server is busy. Try again in a moment.", 503) from error


@require_GET
@never_cache
def by_seat_link(request: HttpRequest, link: str) -> HttpResponse:
    """Logs a student in by the seat's link, on any device."""
    seat = links.seat_of(link)
    if seat is None:
        return no_link(request)
    enter(request, seat.user)
    return redirect("seat-stage")


@require_GET
@never_cache
def kubeconfig_by_link(request: HttpRequest, link: str) -> HttpResponse:
    """The kubeconfig for a command to paste, authenticated by the seat's link."""
    seat = links.seat_of(link)
    if seat is None or seat.cluster is None:
        return HttpResponse("This link opens no seat any more. Ask your teacher for a new one.\n", status=404)
    text = addresses.kubeconfig_of(seat, addresses.site(request))
    return HttpResponse(text, content_type="application/yaml", headers={"Content-Disposition": "attachment"})


@require_GET
@never_cache
def by_teacher_link(request: HttpRequest, link: str) -> HttpResponse:
    room = links.class_of(link)
    if room is None:
        return no_link(request)
    enter(request, room.owner)
    return redirect("class-door", room.slug)


def enter(request: HttpRequest, user: Any) -> None:
    """Logs the user in, in a new session if another user is logged in."""
    if request.user != user:
        logout(request)
        login(request, user, backend=BACKEND)


def no_link(request: HttpRequest) -> HttpResponse:
    refusal = NoSeat("WrongLink", "This link opens no seat any more. Ask your teacher for a new one.", 404)
    return render(request, "class_join.html", {"refusal": refusal}, status=404)
