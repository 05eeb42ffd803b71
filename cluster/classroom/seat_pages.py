"""A student's own pages: the place to work, and what leads back there."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cluster.classroom import addresses, qr
from cluster.models import Deployment, Seat

View = Callable[[HttpRequest, Seat], HttpResponse]


def seated(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """For who has a seat; others are asked for a code."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        seats = Seat.objects.select_related("classroom", "cluster", "user")
        seat = seats.filter(user_id=request.user.pk or 0).first()
        return view(request, seat) if seat else redirect("join")

    return wrapped


@require_GET
@seated
def stage(request: HttpRequest, seat: Seat) -> HttpResponse:  # noqa: ARG001 the shape of a view
    """To the Deployment to work on; with another number of them to the list."""
    if seat.cluster is None:
        return redirect("seat")
    where = (seat.cluster.name, "default")
    names = Deployment.objects.filter(namespace__cluster=seat.cluster, namespace__name="default")
    found = list(names.values_list("name", flat=True)[:2])
    return redirect("deployment", *where, found[0]) if len(found) == 1 else redirect("overview", *where)


@require_GET
@never_cache
@seated
def seat(request: HttpRequest, seat: Seat) -> HttpResponse:
    base = addresses.site(request)
    link = addresses.seat_url(base, seat)
    context = {"seat": seat, "room": seat.classroom, "link": link, "qr": qr.drawn(link)}
    return render(request, "class_seat.html", {**context, "command": kubectl_command(link)})


def kubectl_command(link: str) -> str:
    """For one terminal: a file of its own, which no other kubeconfig is touched by."""
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
