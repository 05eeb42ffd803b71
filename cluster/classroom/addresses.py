"""The server's addresses: the one given to `manage.py class`, otherwise the one of the request."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from cluster.api.auth import kubeconfig, tokens
from cluster.classroom import links
from cluster.classroom.observing import NAMESPACE
from cluster.models import Classroom, Deployment, Seat, Token

KUBECONFIGS_KEPT = 5  # per seat; older ones stop working


def site(request: HttpRequest) -> str:
    """The site's address without a final slash: http://192.168.1.5:8000."""
    return settings.PUBLIC_ADDRESS or request.build_absolute_uri("/").rstrip("/")


def join_url(base: str, room: Classroom) -> str:
    return base + reverse("join-code", args=(room.code,))


def teacher_url(base: str, room: Classroom) -> str:
    return base + reverse("teacher-link", args=(links.of_teacher(room),))


def seat_url(base: str, seat: Seat) -> str:
    return base + reverse("seat-link", args=(links.of_seat(seat),))


def stage_of(cluster: str) -> str:
    """The path of a cluster's only Deployment; where there is not exactly one, the path of the list."""
    names = Deployment.objects.filter(namespace__cluster__name=cluster, namespace__name=NAMESPACE)
    found = list(names.values_list("name", flat=True)[:2])
    where = (cluster, NAMESPACE)
    return reverse("deployment", args=(*where, found[0])) if len(found) == 1 else reverse("overview", args=where)


def kubeconfig_of(seat: Seat, base: str) -> str:
    """A kubeconfig with a new token, which is shown nowhere else. Raises LookupError for a seat whose cluster was deleted."""
    if seat.cluster is None:
        raise LookupError("the cluster of this seat was deleted")
    token = tokens.make_token(seat.user, name="kubeconfig of a seat")
    kept = Token.objects.filter(user=seat.user).order_by("-pk").values_list("pk", flat=True)[:KUBECONFIGS_KEPT]
    Token.objects.filter(user=seat.user).exclude(pk__in=list(kept)).delete()
    server = kubeconfig.cluster_address(settings.API_ADDRESS or base, seat.cluster.name)
    ca = Path(settings.API_CA) if settings.API_CA else None
    name = seat.user.get_username()
    return kubeconfig.text(server=server, ca=ca, user=name, token=token, namespace="default")
