"""A student's own pages: the stage, the link to return, and the lesson panel's actions."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cluster.classroom import addresses, answering, handing_out, helping, qr
from cluster.classroom.answering import Panel
from cluster.classroom.class_pages import answered
from cluster.classroom.watching import watch_of
from cluster.core.fields import take
from cluster.models import Seat
from cluster.page.views import read
from cluster.statuses import Refused, failure

View = Callable[[HttpRequest, Seat], HttpResponse]


def seated(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """For users with a seat; others are redirected to the join page."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        seats = Seat.objects.select_related("classroom", "cluster", "user")
        seat = seats.filter(user_id=request.user.pk or 0).first()
        return view(request, seat) if seat else redirect("join")

    return wrapped


@require_GET
@seated
def stage(request: HttpRequest, seat: Seat) -> HttpResponse:  # noqa: ARG001 the shape of a view
    if seat.cluster is None:
        return redirect("seat")
    return redirect(addresses.stage_of(seat.cluster.name))


@require_GET
@never_cache
@seated
def seat(request: HttpRequest, seat: Seat) -> HttpResponse:
    base = addresses.site(request)
    link = addresses.seat_url(base, seat)
    context = {"seat": seat, "room": seat.classroom, "link": link, "qr": qr.drawn(link)}
    return render(request, "class_seat.html", {**context, "command": kubectl_command(link)})


def kubectl_command(link: str) -> str:
    """A command for one terminal, with a separate file that leaves other kubeconfigs alone."""
    return f"export KUBECONFIG=$(mktemp) && curl -fsS {link}kubeconfig -o $KUBECONFIG && kubectl get deployments"


@require_GET
@never_cache
@seated
def kubeconfig(request: HttpRequest, seat: Seat) -> HttpResponse:
    try:
        text = addresses.kubeconfig_of(seat, addresses.site(request))
    except LookupError as error:
        raise Http404(str(error)) from error
    headers = {"Content-Disposition": 'attachment; filename="kubeconfig.yaml"'}
    return HttpResponse(text, content_type="application/yaml", headers=headers)


def acts(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """A student's action: for users with a seat; refusals are returned as a Status."""

    @require_POST
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        seats = Seat.objects.select_related("classroom__handout", "classroom__owner", "cluster", "user")
        seat = seats.filter(user_id=request.user.pk or 0).first()
        if seat is None:
            return answered(lambda: refuse(failure(403, "Forbidden", "you have no seat in a class")))
        return answered(lambda: view(request, seat))

    return wrapped


def refuse(status: dict[str, Any]) -> HttpResponse:
    raise Refused(status)


def panel_of(seat: Seat) -> Panel:
    return Panel(watch=watch_of(seat.classroom_id), key=seat.pk, actor=seat.user.get_username())


@acts
def hint(request: HttpRequest, seat: Seat) -> HttpResponse:  # noqa: ARG001
    answering.show_hint(panel_of(seat))
    return JsonResponse({})


@acts
def answer(request: HttpRequest, seat: Seat) -> HttpResponse:
    """`value`, or `side` with `replicas`."""
    return JsonResponse(answering.give(panel_of(seat), read(request)))


@acts
def reset(request: HttpRequest, seat: Seat) -> HttpResponse:  # noqa: ARG001
    handing_out.begin_own(seat)
    return JsonResponse({"message": _("Your cluster was reset.")})


@acts
def help_me(request: HttpRequest, seat: Seat) -> HttpResponse:
    """`verb`: ask, accept or end."""
    helping.by_student(seat, take(read(request), "verb", str))
    return JsonResponse({"help": seat.help})
