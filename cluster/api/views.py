"""The API over HTTP: one view for every path, since routes, discovery and schemas follow from one table."""

import gzip
import platform
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from cluster import documents
from cluster.api import bodies, discovery, handlers, kinds, openapi, targets
from cluster.api.auth import access, impersonation, reviews
from cluster.api.printers import negotiation
from cluster.api.targets import Target
from cluster.statuses import Refused, failure

Json = dict[str, Any]
PACKED_FROM_BYTES = 128 * 1024
DEPRECATED = {
    ("apps", "v1beta1"): "v1.9+, unavailable in v1.16+",
    ("apps", "v1beta2"): "v1.9+, unavailable in v1.16+",
    ("extensions", "v1beta1"): "v1.8+, unavailable in v1.16+",
}
READERS = ("curl", "Wget", "Mozilla/5.0")
VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@csrf_exempt
def entry(request: HttpRequest) -> HttpResponse:
    """Keys are tokens in a header, never cookies, so no other site's page can use one."""
    try:
        access.check_origin("", request.headers.get("Origin", ""))
        user = access.authenticate(request.headers.get("Authorization", ""))
        user = impersonation.acting(user, {key.lower(): each for key, each in request.headers.items()})
        return route(request, user)
    except Refused as refused:
        return answer(request, told(refused.status), refused.status["code"])
    except RequestDataTooBig:
        return answer(request, bodies.too_large().status, 413)


def told(status: Json) -> Json:
    """As the API tells it: causes of what can't be decoded are for forms."""
    return {key: each for key, each in status.items() if key != "details"} if status["code"] == 400 else status


def route(request: HttpRequest, user: Any) -> HttpResponse:
    cluster, parts = targets.split(request.path)
    if parts == ["version"]:
        return HttpResponse(orjson.dumps(version(), option=orjson.OPT_INDENT_2), content_type="application/json")
    if parts[0] == "openapi":
        return document(request, parts)
    if request.method == "GET" and len(parts) <= (2 if parts[0] == "api" else 3):
        return discover(request, parts)
    review = reviews.find(parts)
    if review and request.method == "POST":
        value, _ = bodies.read(request.body, request.content_type or "")
        return answer(request, reviews.review(review, value, user, cluster), 201)
    target = targets.parse(request.path)
    if target is None:
        raise Refused(failure(404, "NotFound", "the server could not find the requested resource"))
    return serve(request, user, target)


def serve(request: HttpRequest, user: Any, target: Target) -> HttpResponse:
    verb = VERBS.get(request.method or "", "")
    if verb == "get" and target.name is None:
        verb = "list"
    if verb == "delete" and target.name is None:
        verb = "deletecollection"
    check_served(target, verb)
    access.authorize(user, verb, target)
    found = handlers.HANDLERS[verb](request, user, target)
    if isinstance(found.body, HttpResponse):
        return found.body
    return answer(request, found.body, found.code, warnings(target, found.warnings))


def check_served(target: Target, verb: str) -> None:
    """Objects are created in their collection, and changed by name."""
    offered = target.kind.subresources[target.subresource] if target.subresource else target.kind.verbs
    misplaced = verb == "create" and target.name is not None and not target.subresource
    if verb not in offered or misplaced or (verb in ("update", "patch") and target.name is None):
        message = "the server does not allow this method on the requested resource"
        raise Refused(failure(405, "MethodNotAllowed", message))


def discover(request: HttpRequest, parts: list[str]) -> HttpResponse:
    wants_all = discovery.AGGREGATED in request.headers.get("Accept", "")
    groups = list(kinds.group_versions())
    if parts == ["api"]:
        found = discovery.aggregated([""]) if wants_all else discovery.versions()
    elif parts == ["apis"]:
        found = discovery.aggregated(groups) if wants_all else discovery.groups()
    elif parts == ["api", "v1"]:
        found = discovery.resources("", "v1")
    elif len(parts) == 2 and parts[1] in groups:
        found = discovery.group(parts[1])
    elif len(parts) == 3 and parts[2] in kinds.group_versions().get(parts[1], []):
        found = discovery.resources(parts[1], parts[2])
    else:
        raise Refused(failure(404, "NotFound", "the server could not find the requested resource"))
    kind = f"{discovery.AGGREGATED}" if wants_all and len(parts) == 1 else "application/json"
    return answer(request, found, content_type=kind)


def document(request: HttpRequest, parts: list[str]) -> HttpResponse:
    if parts == ["openapi", "v2"]:
        if openapi.OLD_PROTOBUF in request.headers.get("Accept", ""):
            return HttpResponse(openapi.old_protobuf(), content_type=openapi.OLD_PROTOBUF.replace("@", "."))
        return answer(request, openapi.old_document())
    if parts[:2] != ["openapi", "v3"]:
        raise Refused(failure(404, "NotFound", "the server could not find the requested resource"))
    found = openapi.index() if len(parts) == 2 else openapi.document("/".join(parts[2:]))
    if found is None:
        raise Refused(failure(404, "NotFound", "the server could not find the requested resource"))
    return answer(request, found)


def version() -> Json:
    return {
        "major": "1",
        "minor": "37",
        "gitVersion": "v1.37.0+rollstage",
        "gitCommit": "",
        "gitTreeState": "",
        "buildDate": "",
        "goVersion": f"python{platform.python_version()}",
        "compiler": "rollstage",
        "platform": "linux/amd64",
    }


def warnings(target: Target, told: tuple[str, ...]) -> list[str]:
    since = DEPRECATED.get((target.group, target.version))
    old = f"{target.group_version} {target.kind.name} is deprecated in {since}; use apps/v1 {target.kind.name}"
    return [*([old] if since else []), *told]


def answer(
    request: HttpRequest,
    body: Json,
    status: int = 200,
    warnings: list[str] | None = None,
    content_type: str = "application/json",
) -> HttpResponse:
    wants_yaml = negotiation.is_yaml(request.headers.get("Accept", ""))
    text = (
        documents.dump(body).encode()
        if wants_yaml
        else orjson.dumps(body, option=layout(request) | orjson.OPT_APPEND_NEWLINE)
    )
    response = HttpResponse(text, status=status, content_type="application/yaml" if wants_yaml else content_type)
    if warnings:
        response["Warning"] = ", ".join(f'299 - "{quotable(each)}"' for each in warnings)
    if len(text) > PACKED_FROM_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, compresslevel=1)
        response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = "no-cache, private"
    seconds = (body.get("details") or {}).get("retryAfterSeconds") if status == 429 else None
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def quotable(text: str) -> str:
    """As a quoted string of a header; UTF-8, which HttpResponse knows as Latin-1."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return printable.replace("\\", "\\\\").replace('"', '\\"').encode(errors="replace").decode("latin-1")


def layout(request: HttpRequest) -> int:
    """Indented for people: when asked for, or when the client looks like one of theirs."""
    asked = request.GET.get("pretty", "")
    wanted = asked.lower() in ("1", "t", "true") if asked else request.headers.get("User-Agent", "").startswith(READERS)
    return orjson.OPT_INDENT_2 if wanted else 0
