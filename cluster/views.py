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
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from cluster import actions, documents, forecasting, history, models, pacing, statuses, writes
from cluster.api.auth import limits
from cluster.permissions import allowed_namespaces, may

log = logging.getLogger(__name__)
LARGEST_BODY = 1024 * 1024 + 1024
# Figure 3.8 for the empty stage: which cells of the old and the new ReplicaSet are filled, frame by frame.
FIGURE_3_8 = [(3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]
ACTS = [tuple([place < size for place in range(3)] for size in sizes) for sizes in FIGURE_3_8]
LONGEST_SECONDS = 86_400
LONGEST_LIMIT = 16
INT32, INT64 = 2**31, 2**63
FORECASTS_A_SECOND = 5.0  # of one user
forecast_buckets = limits.Buckets()
Body = dict[str, Any]
Answer = Callable[..., HttpResponse]


def home(request: HttpRequest) -> HttpResponse:
    names = allowed_namespaces(request.user)
    if names:
        return redirect("overview", "default" if "default" in names else names[0])
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return render(request, "no_namespace.html", status=403)


@require_GET
@ensure_csrf_cookie
def overview(request: HttpRequest, namespace: str) -> HttpResponse:
    return page_for(request, "overview.html", namespace, acts=ACTS)


@require_GET
@ensure_csrf_cookie
def deployment(request: HttpRequest, namespace: str, name: str) -> HttpResponse:
    if may(request.user, "view", namespace):
        found = models.Deployment.objects.filter(namespace__name=namespace, name=name)
        if not found.exists():
            raise Http404(f'deployments.apps "{name}" not found')
    return page_for(request, "deployment.html", namespace, name=name)


def page_for(request: HttpRequest, template: str, namespace: str, **context: Any) -> HttpResponse:
    if not may(request.user, "view", namespace):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404
    names = allowed_namespaces(request.user)
    if namespace not in names:
        raise Http404
    context |= {"namespace": namespace, "namespaces": names, "can_edit": may(request.user, "edit", namespace)}
    return render(request, template, context)


def answers(verb: str) -> Callable[[Answer], Answer]:
    """Checks the permission, and turns refusals into their Status."""

    def decorate(view: Answer) -> Answer:
        @wraps(view)
        def wrapped(request: HttpRequest, namespace: str, *arguments: Any, **named: Any) -> HttpResponse:
            if not may(request.user, verb, namespace):
                return status_response(denied(request, verb, namespace))
            try:
                return view(request, namespace, *arguments, **named)
            except statuses.Refused as refused:
                return status_response(refused.status)
            except DatabaseError as error:
                log.exception("%s %s failed", request.method, request.path)
                return status_response(statuses.of_database(error))

        return wrapped

    return decorate


def denied(request: HttpRequest, verb: str, namespace: str) -> dict[str, Any]:
    if not request.user.is_authenticated:
        return statuses.failure(401, "Unauthorized", "Unauthorized")
    who = request.user.get_username()
    message = f'deployments.apps is forbidden: User "{who}" cannot {verb} in the namespace "{namespace}"'
    return statuses.failure(403, "Forbidden", message, group="apps", kind="deployments")


def status_response(status: dict[str, Any]) -> JsonResponse:
    return JsonResponse(status, status=status["code"])


@require_GET
@answers("view")
def yaml(request: HttpRequest, namespace: str, name: str) -> HttpResponse:  # noqa: ARG001
    text, rv = history.manifest_yaml(namespace, name)
    return JsonResponse({"yaml": text, "resource_version": rv})


@require_GET
@answers("view")
def revisions(request: HttpRequest, namespace: str, name: str) -> HttpResponse:  # noqa: ARG001
    return JsonResponse({"revisions": history.list_revisions(namespace, name)})


@require_GET
@answers("view")
def film(request: HttpRequest, namespace: str, name: str) -> HttpResponse:  # noqa: ARG001
    return JsonResponse(history.film(namespace, name))


@require_POST
@answers("edit")
def create(request: HttpRequest, namespace: str) -> HttpResponse:
    body = read(request)
    return done(actions.create(namespace, take(body, "yaml", str), actor=actor(request)))


@require_POST
@answers("edit")
def example(request: HttpRequest, namespace: str) -> HttpResponse:
    return done(actions.example(namespace, actor=actor(request)))


@require_POST
@answers("edit")
def delete_pod(request: HttpRequest, namespace: str, name: str) -> HttpResponse:
    return done(actions.delete_pod(namespace, name, actor=actor(request)))


@require_POST
@answers("edit")
def pace(request: HttpRequest, namespace: str) -> HttpResponse:
    body = read(request)
    check_type("pace", body.get("pace"), (int, float))
    return done(pacing.set_pace(namespace, float(body["pace"]), actor=actor(request)))


@require_POST
@answers("edit")
def step(request: HttpRequest, namespace: str) -> HttpResponse:
    return done(pacing.step(namespace, actor=actor(request)))


@require_POST
@answers("edit")
def act(request: HttpRequest, namespace: str, name: str, action: str) -> HttpResponse:
    if action not in ACTIONS:
        raise Http404
    body = read(request)
    named: Body = {"actor": actor(request)}
    if "resource_version" in body and action != "delete":
        named["resource_version"] = take(body, "resource_version", int, below=INT64)
    return done(ACTIONS[action](namespace, name, body, named))


@require_POST
@answers("view")
def forecast(request: HttpRequest, namespace: str, name: str) -> HttpResponse:
    limits.check_rate(forecast_buckets, hash(request.user.pk or request.META.get("REMOTE_ADDR")), FORECASTS_A_SECOND)
    body = read(request)
    action, change = take(body, "action", str), take(body, "body", dict)
    if action not in forecasting.EDITS:
        raise statuses.Refused(statuses.bad_request(f"action: Unsupported value: {action!r}"))
    if action in CHECKS:
        CHECKS[action](change)
    variants = take(body, "variants", list) if "variants" in body else [{}]
    for each in variants:
        check_variant(each)
    return JsonResponse({"forecasts": forecasting.foresee(namespace, name, action, change, variants)})


def check_variant(variant: Any) -> None:
    check_type("variants", variant, (dict,))
    for key, value in variant.items():
        allowed = {**TUNABLE, "ready_seconds": (int, float)}.get(key)
        if allowed is None or key not in (*forecasting.LIMITS, "ready_seconds"):
            raise statuses.Refused(statuses.bad_request(f"{key}: unknown field"))
        check_type(key, value, allowed)
    seconds = variant.get("ready_seconds", 0)
    if not 0 <= seconds <= LONGEST_SECONDS:
        message = f"ready_seconds: Invalid value: {seconds!r}: must be between 0 and {LONGEST_SECONDS:,}, inclusive"
        raise statuses.Refused(statuses.bad_request(message))


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


def set_image(namespace: str, name: str, body: Body, named: Body) -> writes.Result:
    check_images(body)
    return actions.set_images(namespace, name, body["images"], **named)


def scale(namespace: str, name: str, body: Body, named: Body) -> writes.Result:
    return actions.scale(namespace, name, take(body, "replicas", int), **named)


def tune(namespace: str, name: str, body: Body, named: Body) -> writes.Result:
    changes = {key: value for key, value in body.items() if key != "resource_version"}
    check_limits(changes)
    return actions.tune(namespace, name, changes, **named)


def edit(namespace: str, name: str, body: Body, named: Body) -> writes.Result:
    return actions.edit(namespace, name, take(body, "yaml", str), **named)


def undo(namespace: str, name: str, body: Body, named: Body) -> writes.Result:
    check_revision(body)
    return actions.undo(namespace, name, body.get("to_revision", 0), **named)


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
ACTIONS: Mapping[str, Callable[[str, str, Body, Body], writes.Result]] = {
    "set-image": set_image,
    "scale": scale,
    "tune": tune,
    "edit": edit,
    "undo": undo,
    "pause": lambda namespace, name, _, named: actions.pause(namespace, name, **named),
    "resume": lambda namespace, name, _, named: actions.resume(namespace, name, **named),
    "restart": lambda namespace, name, _, named: actions.restart(namespace, name, **named),
    "delete": lambda namespace, name, _, named: actions.delete(namespace, name, **named),
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
