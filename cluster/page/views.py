"""The dashboard's pages, and the JSON behind their buttons (docs/protocol.md)."""

import json
import logging
import math
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from cluster import documents, models, statuses
from cluster.core.rehearsals.assumptions import TIMES
from cluster.page import forecasting, history
from cluster.spaces import DEFAULT_CLUSTER, Space
from cluster.writing import actions, limits, pacing, writes
from cluster.writing.permissions import allowed_namespaces, may

log = logging.getLogger(__name__)
LARGEST_BODY = 1024 * 1024 + 1024
# Figure 3.8 for the empty stage: which cells of the old and the new ReplicaSet are filled, frame by frame.
FIGURE_3_8 = [(3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]
ACTS = [tuple([place < size for place in range(3)] for size in sizes) for sizes in FIGURE_3_8]
LONGEST_SECONDS = 86_400
LONGEST_LIMIT = 16
INT32, INT64 = 2**31, 2**63
MOST_OVERRIDES = 32
FORECASTS_A_SECOND = 5.0  # of one user
forecast_buckets = limits.Buckets()
Body = dict[str, Any]
Answer = Callable[..., HttpResponse]


@require_GET
def from_before_clusters(request: HttpRequest, old: str) -> HttpResponse:
    """Addresses of servers that had no clusters lead into the default one."""
    query = request.META["QUERY_STRING"]
    return redirect(f"{reverse('cluster', args=(DEFAULT_CLUSTER,))}{old}{f'?{query}' if query else ''}")


@require_GET
def cluster_home(request: HttpRequest, cluster: str) -> HttpResponse:
    names = allowed_namespaces(request.user, cluster)
    if names:
        return redirect("overview", cluster, "default" if "default" in names else names[0])
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    raise Http404


@require_GET
@ensure_csrf_cookie
def overview(request: HttpRequest, cluster: str, namespace: str) -> HttpResponse:
    return page_for(request, "overview.html", Space(cluster, namespace), acts=ACTS)


@require_GET
@ensure_csrf_cookie
def deployment(request: HttpRequest, cluster: str, namespace: str, name: str) -> HttpResponse:
    space = Space(cluster, namespace)
    if may(request.user, "view", space):
        found = models.Deployment.objects.filter(namespace__cluster__name=cluster, namespace__name=namespace, name=name)
        if not found.exists():
            raise Http404(f'deployments.apps "{name}" not found')
    return page_for(request, "deployment.html", space, name=name)


def page_for(request: HttpRequest, template: str, space: Space, **context: Any) -> HttpResponse:
    if not may(request.user, "view", space):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404
    names = allowed_namespaces(request.user, space.cluster)
    if space.namespace not in names:
        raise Http404
    context |= {
        "cluster": space.cluster,
        "namespace": space.namespace,
        "namespaces": names,
        "can_edit": may(request.user, "edit", space),
        "can_turn": may(request.user, "admin", Space(space.cluster, "")),
    }
    return render(request, template, context)


def answers(verb: str) -> Callable[[Answer], Answer]:
    """Checks the permission in the namespace, and turns refusals into their Status."""

    def decorate(view: Answer) -> Answer:
        @wraps(view)
        def wrapped(request: HttpRequest, cluster: str, namespace: str, *arguments: Any, **named: Any) -> HttpResponse:
            space = Space(cluster, namespace)
            return answer(request, verb, space, lambda: view(request, space, *arguments, **named))

        return wrapped

    return decorate


def answers_for_cluster(verb: str) -> Callable[[Answer], Answer]:
    """Like `answers`, of what is the whole cluster's."""

    def decorate(view: Answer) -> Answer:
        @wraps(view)
        def wrapped(request: HttpRequest, cluster: str) -> HttpResponse:
            return answer(request, verb, Space(cluster, ""), lambda: view(request, cluster))

        return wrapped

    return decorate


def answer(request: HttpRequest, verb: str, space: Space, view: Callable[[], HttpResponse]) -> HttpResponse:
    if not may(request.user, verb, space):
        return status_response(denied(request, verb, space))
    return refusing(request, view)


def refusing(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """What a view refuses, as its Status."""
    try:
        return view()
    except statuses.Refused as refused:
        return status_response(refused.status)
    except DatabaseError as error:
        log.exception("%s %s failed", request.method, request.path)
        return status_response(statuses.of_database(error))


def denied(request: HttpRequest, verb: str, space: Space) -> dict[str, Any]:
    if not request.user.is_authenticated:
        return statuses.failure(401, "Unauthorized", "Unauthorized")
    who = request.user.get_username()
    if not space.namespace:
        message = f'clusters "{space.cluster}" is forbidden: User "{who}" is not an admin of the cluster'
        return statuses.failure(403, "Forbidden", message, name=space.cluster, kind="clusters")
    message = f'deployments.apps is forbidden: User "{who}" cannot {verb} in the namespace "{space.namespace}"'
    return statuses.failure(403, "Forbidden", message, group="apps", kind="deployments")


def status_response(status: dict[str, Any]) -> JsonResponse:
    return JsonResponse(status, status=status["code"])


@require_GET
@answers("view")
def yaml(request: HttpRequest, space: Space, name: str) -> HttpResponse:  # noqa: ARG001
    text, rv = history.manifest_yaml(space, name)
    return JsonResponse({"yaml": text, "resource_version": rv})


@require_GET
@answers("view")
def revisions(request: HttpRequest, space: Space, name: str) -> HttpResponse:  # noqa: ARG001
    return JsonResponse({"revisions": history.list_revisions(space, name)})


@require_GET
@answers("view")
def film(request: HttpRequest, space: Space, name: str) -> HttpResponse:  # noqa: ARG001
    return JsonResponse(history.film(space, name))


@require_POST
@answers("edit")
def create(request: HttpRequest, space: Space) -> HttpResponse:
    body = read(request)
    return done(actions.create(space, take(body, "yaml", str), actor=actor(request)))


@require_POST
@answers("edit")
def example(request: HttpRequest, space: Space) -> HttpResponse:
    return done(actions.example(space, actor=actor(request)))


@require_POST
@answers("edit")
def delete_pod(request: HttpRequest, space: Space, name: str) -> HttpResponse:
    return done(actions.delete_pod(space, name, actor=actor(request)))


@require_POST
@answers_for_cluster("admin")
def pace(request: HttpRequest, cluster: str) -> HttpResponse:
    body = read(request)
    check_type("pace", body.get("pace"), (int, float))
    return done(pacing.set_pace(cluster, float(body["pace"]), actor=actor(request)))


@require_POST
@answers_for_cluster("admin")
def step(request: HttpRequest, cluster: str) -> HttpResponse:
    return done(pacing.step(cluster, actor=actor(request)))


@require_POST
@answers("edit")
def act(request: HttpRequest, space: Space, name: str, action: str) -> HttpResponse:
    if action not in ACTIONS:
        raise Http404
    body = read(request)
    named: Body = {"actor": actor(request)}
    if "resource_version" in body and action != "delete":
        named["resource_version"] = take(body, "resource_version", int, below=INT64)
    return done(ACTIONS[action](space, name, body, named))


@require_POST
@answers("view")
def forecast(request: HttpRequest, space: Space, name: str) -> HttpResponse:
    check_forecast_rate(request)
    answers = forecasting.foresee(space, name, question(read(request)))
    return JsonResponse({"forecasts": [each.as_json() for each in answers]})


def check_forecast_rate(request: HttpRequest) -> None:
    """Raises Refused (429)."""
    limits.check_rate(forecast_buckets, hash(request.user.pk or request.META.get("REMOTE_ADDR")), FORECASTS_A_SECOND)


def question(body: Body) -> forecasting.Question:
    """Of a forecast, as it is sent. Raises Refused (400), which names the field."""
    action, change = take(body, "action", str), take(body, "body", dict)
    if action not in forecasting.EDITS:
        raise statuses.Refused(statuses.bad_request(f"action: Unsupported value: {action!r}"))
    if action in CHECKS:
        CHECKS[action](change)
    variants = take(body, "variants", list) if "variants" in body else [{}]
    for each in variants:
        check_variant(each)
    overrides = take(body, "overrides", dict) if "overrides" in body else {}
    check_overrides(overrides)
    return forecasting.Question(action=action, body=change, overrides=overrides, variants=variants)


def check_overrides(overrides: Body) -> None:
    if len(overrides) > MOST_OVERRIDES:
        raise statuses.Refused(statuses.bad_request(f"overrides: Too many: must have at most {MOST_OVERRIDES} items"))
    for image, times in overrides.items():
        check_type(f"overrides[{image}]", times, (dict,))
        for key, value in times.items():
            if key not in TIMES:
                message = f"overrides[{image}].{key}: unknown field; allowed are {', '.join(TIMES)}"
                raise statuses.Refused(statuses.bad_request(message))
            check_seconds(f"overrides[{image}].{key}", value)


def check_seconds(key: str, value: Any) -> None:
    check_type(key, value, (int, float))
    if not 0 <= value <= LONGEST_SECONDS:
        message = f"{key}: Invalid value: {value!r}: must be between 0 and {LONGEST_SECONDS:,}, inclusive"
        raise statuses.Refused(statuses.bad_request(message))


def check_variant(variant: Any) -> None:
    check_type("variants", variant, (dict,))
    for key, value in variant.items():
        allowed = {**TUNABLE, "ready_seconds": (int, float)}.get(key)
        if allowed is None or key not in (*forecasting.LIMITS, "ready_seconds"):
            raise statuses.Refused(statuses.bad_request(f"{key}: unknown field"))
        check_type(key, value, allowed)
    if "ready_seconds" in variant:
        check_seconds("ready_seconds", variant["ready_seconds"])


def check_images(body: Body) -> None:
    images = take(body, "images", dict)
    if not images or not all(isinstance(each, str) for each in images.values()):
        raise statuses.Refused(statuses.bad_request("images: a mapping of container names to images is wanted"))


def check_limits(body: Body) -> None:
    for key, value in body.items():
        allowed = TUNABLE.get(key)
        if allowed is None:
            raise statuses.Refused(statuses.bad_request(f"{key}: unknown field; allowed are {', '.join(TUNABLE)}"))
        check_type(key, value, allowed)
        if isinstance(value, str) and len(value) > LONGEST_LIMIT:
            raise statuses.Refused(statuses.bad_request(f"{key}: Too long: may not be more than {LONGEST_LIMIT} bytes"))


def check_revision(body: Body) -> None:
    if "to_revision" in body:
        take(body, "to_revision", int, below=INT64)


def set_image(space: Space, name: str, body: Body, named: Body) -> writes.Result:
    check_images(body)
    return actions.set_images(space, name, body["images"], **named)


def scale(space: Space, name: str, body: Body, named: Body) -> writes.Result:
    return actions.scale(space, name, take(body, "replicas", int), **named)


def tune(space: Space, name: str, body: Body, named: Body) -> writes.Result:
    changes = {key: value for key, value in body.items() if key != "resource_version"}
    check_limits(changes)
    return actions.tune(space, name, changes, **named)


def edit(space: Space, name: str, body: Body, named: Body) -> writes.Result:
    return actions.edit(space, name, take(body, "yaml", str), **named)


def undo(space: Space, name: str, body: Body, named: Body) -> writes.Result:
    check_revision(body)
    return actions.undo(space, name, body.get("to_revision", 0), **named)


TUNABLE: Mapping[str, tuple[type, ...]] = {
    "max_surge": (int, str),
    "max_unavailable": (int, str),
    "min_ready_seconds": (int,),
    "progress_deadline_seconds": (int, type(None)),
    "strategy": (str,),
}
CHECKS: Mapping[str, Callable[[Body], Any]] = {
    "set-image": check_images,
    "scale": lambda body: take(body, "replicas", int),
    "tune": check_limits,
    "undo": check_revision,
    "edit": lambda body: take(body, "yaml", str),
}
ACTIONS: Mapping[str, Callable[[Space, str, Body, Body], writes.Result]] = {
    "set-image": set_image,
    "scale": scale,
    "tune": tune,
    "edit": edit,
    "undo": undo,
    "pause": lambda space, name, _, named: actions.pause(space, name, **named),
    "resume": lambda space, name, _, named: actions.resume(space, name, **named),
    "restart": lambda space, name, _, named: actions.restart(space, name, **named),
    "delete": lambda space, name, _, named: actions.delete(space, name, **named),
}


def done(result: writes.Result) -> JsonResponse:
    return JsonResponse({"rv": result.rv, "message": result.message})


def actor(request: HttpRequest) -> str:
    return request.user.get_username() or "anonymous"


def read(request: HttpRequest) -> Body:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        raise statuses.Refused(statuses.bad_request(f"Content-Length: Invalid value: {length!r}: a number is wanted"))
    if int(length[:20]) > LARGEST_BODY:
        message = f"the request body is larger than {LARGEST_BODY:,} bytes"
        raise statuses.Refused(statuses.failure(413, "RequestEntityTooLarge", message))
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise statuses.Refused(statuses.bad_request(f"the body is no JSON: {error}")) from error
    if not isinstance(body, dict):
        raise statuses.Refused(statuses.bad_request("the body must be a JSON object"))
    bad = documents.unstorable(body)
    if bad is not None:
        raise statuses.Refused(statuses.bad_request(f"{bad!r}: invalid Unicode character"))
    return body


def take(body: Body, key: str, kind: type, *, below: int = INT32) -> Any:
    if key not in body:
        raise statuses.Refused(statuses.bad_request(f"{key}: Required value"))
    check_type(key, body[key], (kind,), below=below)
    return body[key]


def check_type(key: str, value: Any, kinds: tuple[type, ...], *, below: int = INT32) -> None:
    """Integers fit in 32 bits, as the API's fields do, or in those of `below`; numbers are finite."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = " or ".join(each.__name__ for each in kinds)
        raise statuses.Refused(statuses.bad_request(f"{key}: Invalid value: {value!r}: {wanted} is wanted"))
    if isinstance(value, int) and not -below <= value < below:
        raise statuses.Refused(statuses.bad_request(f"{key}: Invalid value: must be between {-below} and {below - 1}"))
    if isinstance(value, float) and not math.isfinite(value):
        raise statuses.Refused(statuses.bad_request(f"{key}: Invalid value: {value!r}: a finite number is wanted"))
