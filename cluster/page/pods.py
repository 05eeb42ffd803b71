"""The details in a pod's drawer: its events, its conditions and its containers' logs."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from cluster import models
from cluster.api import targets, writing
from cluster.api.printers import logs
from cluster.page.views import answers
from cluster.records import journal
from cluster.records.snapshot import event_row_state
from cluster.spaces import Space
from cluster.statuses import Refused, not_found

MOST_EVENTS = 100
MOST_LINES = 100
Json = dict[str, Any]


@require_GET
@answers("view")
def details(request: HttpRequest, space: Space, name: str) -> HttpResponse:  # noqa: ARG001
    return JsonResponse(read(space, name))


def read(space: Space, name: str) -> Json:
    """The newest MOST_EVENTS events, oldest first, and the last MOST_LINES lines of each log. A deleted pod only has its events,
    for as long as they are kept. Raises Refused (404)."""
    target = targets.parse(f"/clusters/{space.cluster}/api/v1/namespaces/{space.namespace}/pods/{name}")
    assert target is not None
    with journal.reading():
        try:
            pod = writing.current(target)
        except Refused:
            uid = last_uid(space, name)
            return {"uid": uid, "events": events_of(uid), "conditions": [], "logs": []}
        return {
            "uid": pod["metadata"]["uid"],
            "events": events_of(pod["metadata"]["uid"]),
            "conditions": pod["status"].get("conditions", []),
            "logs": [log_of(pod, each["name"]) for each in pod["spec"].get("containers", [])],
        }


def last_uid(space: Space, name: str) -> str:
    """The uid of the last pod with this name. Raises Refused (404)."""
    here = {"namespace__cluster__name": space.cluster, "namespace__name": space.namespace}
    found = models.Event.objects.filter(**here, kind="Pod", object_name=name).order_by("-resource_version")
    uid = found.values_list("object_uid", flat=True).first()
    if uid is None:
        raise Refused(not_found("pods", name))
    return str(uid)


def events_of(uid: str) -> list[Json]:
    rows = models.Event.objects.filter(object_uid=uid).order_by("-resource_version")
    return [event_row_state(row) for row in reversed(rows[:MOST_EVENTS])]


def log_of(pod: Json, container: str) -> Json:
    """`problem`: why there is no log to read yet."""
    try:
        text = logs.read(pod, {"container": container, "tailLines": str(MOST_LINES)})
    except Refused as refused:
        return {"container": container, "text": "", "problem": refused.status["message"]}
    return {"container": container, "text": text, "problem": ""}
