"""The dashboard's pages, and the JSON behind their buttons (docs/protocol.md)."""

import json
import logging
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
from cluster.api import creating
from cluster.core.fields import INT64, BadField, check_type, take
from cluster.core.manifests.verbs import LIMITS, VERBS
from cluster.core.rehearsals.assumptions import TIMES
from cluster.page import forecasting, history, traffic
from cluster.spaces import DEFAULT_CLUSTER, Space
from cluster.writing import actions, limits, namespaces, pacing, writes
from cluster.writing.permissions import allowed_namespaces, is_member, may

log = logging.getLogger(__name__)
LARGEST_BODY = 1024 * 1024 + 1024
# Figure 3.8 for the empty stage: the sizes of the old and the new ReplicaSet, frame by frame.
FIGURE_3_8 = [(3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)]
ACTS = [tuple([place < size for place in range(3)] for size in sizes) for sizes in FIGURE_3_8]
LONGEST_SECONDS = 86_400
MOST_OVERRIDES = 32
FORECASTS_A_SECOND = 5.0  # per user
ASSUMED: Mapping[str, Any] = {
    "ready_seconds": (int, float),
    "pre_stop_seconds": (int,),
}  # of a variant, in addition to LIMITS
forecast_buckets = limits.Buckets()
Body = dict[str, Any]
Answer = Callable[..., HttpResponse]


@require_GET
def from_before_clusters(request: HttpRequest, old: str) -> HttpResponse:
    """Redirects addresses of servers without clusters to the default cluster."""
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
        "namespaces": [each for each in names if each not in namespaces.SYSTEM or each == space.namespace],
        "can_edit": may(request.user, "edit", space),
        "can_turn": may(request.user, "admin", Space(space.cluster, "")),
        "is_member": is_member(request.user, space.cluster),
    }
    return render(request, template, context)


def answers(verb: str) -> Callable[[Answer], Answer]:
    """Checks the permission in the namespace, and returns the Status of a refusal."""

    def decorate(view: Answer) -> Answer:
        @wraps(view)
        def wrapped(request: HttpRequest, cluster: str, namespace: str, *arguments: Any, **named: Any) -> HttpResponse:
            space = Space(cluster, namespace)
            return answer(request, verb, space, lambda: view(request, space, *arguments, **named))

        return wrapped

    return decorate


def answers_for_cluster(verb: str) -> Callable[[Answer], Answer]:
    """Like `answers`, for views of the whole cluster."""

    def decorate(view: Answer) -> Answer:
        @wraps(view)
        def wrapped(request: HttpRequest, cluster: str, **named: Any) -> HttpResponse:
            return answer(request, verb, Space(cluster, ""), lambda: view(request, cluster, **named))

        return wrapped

    return decorate


def answer(request: HttpRequest, verb: str, space: Space, view: Callable[[], HttpResponse]) -> HttpResponse:
    if not may(request.user, verb, space):
        return status_response(denied(request, verb, space))
    return refusing(request, view)


def refusing(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The response of a view, or the Status of what it raises."""
    try:
        return view()
    except statuses.Refused as refused:
        return status_response(refused.status)
    except BadField as error:
        return status_response(statuses.bad_request(str(error)))
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
    return done(creating.create(request.user, space, take(body, "yaml", str), actor=actor(request)))


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
    """Runs the verb of `core.manifests.verbs` with this name."""
    verb = VERBS.get(action)
    if verb is None or verb.read is None:
        raise Http404
    body, who = read(request), actor(request)
    if action == "delete":
        return done(actions.delete(space, name, actor=who))
    version = take(body, "resource_version", int, below=INT64) if "resource_version" in body else None
    value = verb.read({key: each for key, each in body.items() if key != "resource_version"})
    if action == "edit":
        return done(actions.edit(space, name, value, actor=who, resource_version=version))
    return done(actions.act(space, name, action, value, actor=who, resource_version=version))


@require_POST
@answers("view")
def forecast(request: HttpRequest, space: Space, name: str) -> HttpResponse:
    check_forecast_rate(request)
    answers = forecasting.foresee(space, name, question(read(request)))
    return JsonResponse({"forecasts": [each.as_json() for each in answers]})


def check_forecast_rate(request: HttpRequest) -> None:
    """Raises Refused (429)."""
    check_rate(request, forecast_buckets, FORECASTS_A_SECOND)


def check_rate(request: HttpRequest, buckets: limits.Buckets, a_second: float) -> None:
    """Limits a user, or a visitor's address. Raises Refused (429)."""
    limits.check_rate(buckets, hash(request.user.pk or request.META.get("REMOTE_ADDR")), a_second)


def question(body: Body) -> forecasting.Question:
    """The Question in the body of a forecast's request. Raises BadField."""
    action, change = take(body, "action", str), take(body, "body", dict)
    if action not in forecasting.FORESEEN:
        raise BadField(f"action: Unsupported value: {action!r}")
    check, _ = forecasting.FORESEEN[action]
    check(change)
    variants = take(body, "variants", list) if "variants" in body else [{}]
    for each in variants:
        check_variant(each)
    overrides = take(body, "overrides", dict) if "overrides" in body else {}
    check_overrides(overrides)
    model = traffic.read_model(take(body, "traffic", dict) if "traffic" in body else {})
    return forecasting.Question(action=action, body=change, overrides=overrides, variants=variants, model=model)


def check_overrides(overrides: Body) -> None:
    if len(overrides) > MOST_OVERRIDES:
        raise BadField(f"overrides: Too many: must have at most {MOST_OVERRIDES} items")
    for image, times in overrides.items():
        check_type(f"overrides[{image}]", times, (dict,))
        for key, value in times.items():
            if key not in TIMES:
                raise BadField(f"overrides[{image}].{key}: unknown field; allowed are {', '.join(TIMES)}")
            check_seconds(f"overrides[{image}].{key}", value)


def check_seconds(key: str, value: Any) -> None:
    check_type(key, value, (int, float))
    if not 0 <= value <= LONGEST_SECONDS:
        message = f"{key}: Invalid value: {value!r}: must be between 0 and {LONGEST_SECONDS:,}, inclusive"
        raise BadField(message)


def check_variant(variant: Any) -> None:
    check_type("variants", variant, (dict,))
    for key, value in variant.items():
        if key in ASSUMED:
            check_type(key, value, ASSUMED[key])
            check_seconds(key, value)
        elif key in forecasting.LIMITS:
            check_type(key, value, LIMITS[key].kinds)
        else:
            raise BadField(f"{key}: unknown field")


def done(result: writes.Result) -> JsonResponse:
    return JsonResponse({"rv": result.rv, "message": result.message})


def actor(request: HttpRequest) -> str:
    return request.user.get_username() or "anonymous"


def read(request: HttpRequest) -> Body:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        raise statuses.Refused(statuses.bad_request(f"Content-Length: Invalid value: {length!r}: expected a number"))
    if int(length[:20]) > LARGEST_BODY:
        message = f"the request body is larger than {LARGEST_BODY:,} bytes"
        raise statuses.Refused(statuses.failure(413, "RequestEntityTooLarge", message))
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise statuses.Refused(statuses.bad_request(f"the body is not valid JSON: {error}")) from error
    if not isinstance(body, dict):
        raise statuses.Refused(statuses.bad_request("the body must be a JSON object"))
    bad = documents.unstorable(body)
    if bad is not None:
        raise statuses.Refused(statuses.bad_request(f"{bad!r}: invalid Unicode character"))
    return body
