"""The API over HTTP: one view for all paths, since routes, discovery and schemas are derived from one table."""

import gzip
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt

from cluster import documents
from cluster.api import bodies, checks, discovery, handlers, kinds, metrics, openapi, served, targets
from cluster.api.auth import access, impersonation, reviews
from cluster.api.kinds import MODERN, Table
from cluster.api.printers import manifests, negotiation
from cluster.api.targets import Target
from cluster.statuses import Refused, failure

Json = dict[str, Any]
PACKED_FROM_BYTES = 128 * 1024
DEPRECATED = {
    ("apps", "v1beta1"): "v1.9+, unavailable in v1.16+",
    ("apps", "v1beta2"): "v1.9+, unavailable in v1.16+",
    ("extensions", "v1beta1"): "v1.8+, unavailable in v1.16+",
}
ROOTS = frozenset(("api", "apis", "openapi"))
COMPACT, INDENTED = orjson.OPT_APPEND_NEWLINE, orjson.OPT_APPEND_NEWLINE | orjson.OPT_INDENT_2
VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class NoSuchPath(Exception):
    """Raised for an unknown path; the response is plain text (apiserver pkg/util/notfoundhandler)."""


@csrf_exempt
def entry(request: HttpRequest) -> HttpResponse:
    """Exempt from CSRF checks: tokens are sent in a header, never in cookies, so pages of other sites can't use them."""
    request.GET = first_values(request.GET)  # type: ignore[assignment]
    try:
        access.check_origin("", request.headers.get("Origin", ""))
        cluster, parts = targets.split(request.path)
        if access.is_public(parts) and not request.headers.get("Authorization"):
            return about_server(request, parts)
        user = access.authenticate(request.headers.get("Authorization", ""))
        user = impersonation.acting(user, {key.lower(): each for key, each in request.headers.items()})
        return route(request, user, cluster, parts)
    except Refused as refused:
        return answer(request, told(refused.status), refused.status["code"])
    except NoSuchPath:
        return plain_text("404 page not found\n", 404)
    except RequestDataTooBig:
        return answer(request, bodies.too_large().status, 413)


def expect(request: HttpRequest, size: int) -> HttpResponse:
    """The response to a request whose body has `size` bytes or more: 100, or the refusal. The user is authenticated first, as
    upstream does before it reads the body."""
    try:
        access.authenticate(request.headers.get("Authorization", ""))
        if size > bodies.LARGEST_BYTES:
            raise bodies.too_large()
    except Refused as refused:
        return answer(request, refused.status, refused.status["code"])
    return HttpResponse(status=100)


def first_values(query: QueryDict) -> QueryDict:
    """For a name given twice the first value is used, as in Go; QueryDict's `get` would return the last."""
    found = QueryDict(mutable=True)
    for key, values in query.lists():
        found.setlist(key, values[::-1])
    return found


def told(status: Json) -> Json:
    """The status; a 400 without its details, which are only for forms."""
    return {key: each for key, each in status.items() if key != "details"} if status["code"] == 400 else status


def route(request: HttpRequest, user: Any, cluster: str, parts: list[str]) -> HttpResponse:
    if not parts or parts[0] not in ROOTS:
        if not reviews.may_visit({"path": request.path, "verb": "get"}, user, cluster):
            raise Refused(access.forbidden_path(user, request.path))
        return about_server(request, parts, served.table_of(cluster))
    if parts[0] == "openapi":
        return document(request, parts, served.table_of(cluster))
    if request.method == "GET" and len(parts) <= (2 if parts[0] == "api" else 3):
        return discover(request, parts, served.table_of(cluster))
    review = reviews.find(parts)
    if review and request.method == "POST":
        value, _ = bodies.read(request.body, request.content_type or "")
        return answer(request, reviews.review(review, value, user, cluster), 201)
    target = targets.parse(request.path)
    if target is None:
        raise not_routed(parts, MODERN)
    return serve(request, user, target)


def not_routed(parts: list[str], table: Table) -> Exception:
    """A Status for a path below a served group, plain text elsewhere (apiserver pkg/server/handler.go)."""
    if parts[0] == "apis" and parts[1:] and parts[1] not in table.group_versions:
        return NoSuchPath()
    return Refused(failure(404, "NotFound", "the server could not find the requested resource"))


def about_server(request: HttpRequest, parts: list[str], table: Table = MODERN) -> HttpResponse:
    """The server's own paths: list of paths, version, health, metrics. Raises NoSuchPath."""
    if parts in ([], ["index.html"]):
        return pretty({"paths": server_paths(table)})
    if parts == ["version"]:
        return pretty(version())
    if parts == ["metrics"]:
        return HttpResponse(metrics.text(version()), content_type=metrics.CONTENT_TYPE)
    excluded = request.GET.getlist("exclude")[::-1]
    found = checks.answer(parts, verbose="verbose" in request.GET, excluded=excluded)
    if found is None:
        raise NoSuchPath
    return plain_text(found[1], found[0])


def server_paths(table: Table) -> list[str]:
    groups = table.group_versions
    served = [f"/apis/{group}{each}" for group, found in groups.items() for each in ("", *(f"/{one}" for one in found))]
    own = ["/api", "/api/v1", "/apis", "/apis/", "/metrics", "/openapi/v2", "/openapi/v3", "/version"]
    return sorted([*own, *served, *checks.paths(), *(f"/openapi/v3/{each}" for each in openapi.paths(table))])


def pretty(body: Json) -> HttpResponse:
    return HttpResponse(orjson.dumps(body, option=orjson.OPT_INDENT_2), content_type="application/json")


def plain_text(text: str, code: int = 200) -> HttpResponse:
    return HttpResponse(text, status=code, content_type="text/plain; charset=utf-8")


def serve(request: HttpRequest, user: Any, target: Target) -> HttpResponse:
    verb = VERBS.get(request.method or "", "")
    if verb == "get" and target.name is None:
        verb = "list"
    if verb == "delete" and target.name is None:
        verb = "deletecollection"
    with counted(verb, target):
        check_served(target, verb)
        access.authorize(user, "create" if target.subresource in kinds.STREAMS else verb, target)
        found = handlers.HANDLERS[verb](request, user, target)
    metrics.count(verb, target, found.code)
    if isinstance(found.body, HttpResponse):
        return found.body
    return answer(request, found.body, found.code, warnings(target, found.warnings))


@contextmanager
def counted(verb: str, target: Target) -> Iterator[None]:
    """Counts refusals in the metrics."""
    try:
        yield
    except Refused as refused:
        metrics.count(verb, target, refused.status["code"])
        raise


def check_served(target: Target, verb: str) -> None:
    """Raises Refused (405) if the verb is not allowed: objects are created in their collection, and changed by name."""
    offered = target.kind.subresources[target.subresource] if target.subresource else target.kind.verbs
    misplaced = verb == "create" and target.name is not None and not target.subresource
    if verb not in offered or misplaced or (verb in ("update", "patch") and target.name is None):
        message = "the server does not allow this method on the requested resource"
        raise Refused(failure(405, "MethodNotAllowed", message))


def discover(request: HttpRequest, parts: list[str], table: Table) -> HttpResponse:
    wants_all = discovery.AGGREGATED in request.headers.get("Accept", "")
    groups = list(table.group_versions)
    if parts == ["api"]:
        found = discovery.aggregated([""], table) if wants_all else discovery.versions()
    elif parts == ["apis"]:
        found = discovery.aggregated(groups, table) if wants_all else discovery.groups(table)
    elif parts == ["api", "v1"]:
        found = discovery.resources("", "v1", table)
    elif len(parts) == 2 and parts[1] in groups:
        found = discovery.group(parts[1], table)
    elif len(parts) == 3 and parts[2] in table.group_versions.get(parts[1], []):
        found = discovery.resources(parts[1], parts[2], table)
    else:
        raise not_routed(parts, table)
    kind = f"{discovery.AGGREGATED}" if wants_all and len(parts) == 1 else "application/json"
    return answer(request, found, content_type=kind)


def document(request: HttpRequest, parts: list[str], table: Table) -> HttpResponse:
    if parts == ["openapi", "v2"]:
        if openapi.OLD_PROTOBUF in request.headers.get("Accept", ""):
            return HttpResponse(openapi.old_protobuf(), content_type=openapi.OLD_PROTOBUF.replace("@", "."))
        return answer(request, openapi.old_document(table))
    if parts[:2] != ["openapi", "v3"]:
        raise NoSuchPath
    found = openapi.index(table) if len(parts) == 2 else openapi.document("/".join(parts[2:]), table)
    if found is None:
        raise NoSuchPath
    return answer(request, found)


def version() -> Json:
    """The version numbers are for clients, which compare them; the other fields show that this is not Kubernetes."""
    return {
        "major": "1",
        "minor": "36",
        "emulationMajor": "1",
        "emulationMinor": "36",
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35",
        "gitVersion": f"{manifests.FOLLOWED}+rollstage",
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
        else orjson.dumps(body, option=INDENTED if negotiation.is_indented(request) else COMPACT)
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
    """The text escaped for a quoted string in a header; UTF-8 bytes as Latin-1, which HttpResponse expects."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return printable.replace("\\", "\\\\").replace('"', '\\"').encode(errors="replace").decode("latin-1")
