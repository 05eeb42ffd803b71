"""The handlers of verbs: they read options and body, call the storage, and return an object (apiserver
pkg/endpoints/handlers)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from cluster.api import bindings, bodies, lists, reading, subresources, write_options, writing
from cluster.api.auth import access, reviews
from cluster.api.kinds import STREAMS
from cluster.api.patching import Patch
from cluster.api.printers import logs, manifests
from cluster.api.registry import common
from cluster.api.registry.common import Request
from cluster.api.targets import Target
from cluster.api.write_options import WriteOptions
from cluster.machinery import patches, schemas
from cluster.statuses import Refused, failure

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response; `warnings` become Warning headers."""

    body: Json | HttpResponse
    code: int = 200
    warnings: tuple[str, ...] = ()


STATUSES = ("status", "approval")
NO_TOKENS = "service accounts are kept here, and open nothing: no token is made for one"
Change = Callable[[Json], Json]
Handler = Callable[[HttpRequest, Any, Target], Answer]


def get_one(request: HttpRequest, user: Any, target: Target) -> Answer:  # noqa: ARG001 the shape of a handler
    found = writing.current(target)
    if target.subresource in STREAMS:
        raise Refused(subresources.nothing_runs(found, target.subresource, request.GET.get("container", "")))
    if target.subresource == "scale":
        return Answer(body=manifests.scale(found, target.kind.scales.get(target.version)))
    if target.subresource == "log":
        return Answer(body=HttpResponse(logs.read(found, request.GET.dict()), content_type="text/plain"))
    return Answer(body=lists.shown(request, target, found))


def get_list(request: HttpRequest, user: Any, target: Target) -> Answer:
    return Answer(body=lists.listed(request, target, access.visible_namespaces(user, target.cluster)))


def create(request: HttpRequest, user: Any, target: Target) -> Answer:
    if target.subresource in STREAMS:
        return get_one(request, user, target)
    if target.subresource == "token":
        writing.current(target)
        raise Refused(failure(405, "MethodNotAllowed", NO_TOKENS))
    asked = write_options.of_write(request, "create")
    value, repeated = bodies.read(request.body, request.headers.get("Content-Type", ""), kind_of(target))
    if target.subresource == "eviction":
        return Answer(body=subresources.evict(value, by(asked, user, target), trial=asked.trial), code=201)
    with writing.trial(asked.trial, target):
        if target.subresource == "rollback":
            return Answer(body=subresources.rollback(value, by(asked, user, target)), code=201)
        if target.kind.name == "Binding" or target.subresource == "binding":
            binding = bodies.manifest_of(value, "v1", "Binding")
            return Answer(body=bindings.bind(binding, by(asked, user, target)), code=201)
        manifest, warnings = checked(target, value, repeated, asked)
        return Answer(body=writing.create(manifest, by(asked, user, target)), code=201, warnings=warnings)


def update(request: HttpRequest, user: Any, target: Target) -> Answer:
    asked = write_options.of_write(request, "update")
    value, repeated = bodies.read(request.body, request.headers.get("Content-Type", ""), kind_of(target))
    with writing.trial(asked.trial, target):
        if target.subresource == "scale":
            return Answer(body=subresources.scale(lambda _: value, by(asked, user, target)))
        manifest, warnings = checked(target, value, repeated, asked)
        if target.subresource in STATUSES:
            found = subresources.status(lambda _: manifest, by(asked, user, target))
            return Answer(body=found, warnings=(*warnings, *subresources.status_warnings(target, manifest, found)))
        return Answer(body=writing.update(manifest, by(asked, user, target)), warnings=warnings)


def patch(request: HttpRequest, user: Any, target: Target) -> Answer:
    content_type = request.headers.get("Content-Type", "").partition(";")[0].strip()
    check_patch_type(content_type, target)
    applying = content_type == patches.APPLY_PATCH
    asked = write_options.of_write(request, "patch", applying=applying)
    value, repeated = bodies.read(request.body, content_type)
    if applying and target.subresource != "scale":
        with writing.trial(asked.trial, target):
            return apply(value, repeated, asked, user, target)
    scaled = target.subresource == "scale"
    schema = schemas.definition("autoscaling", "v1", "Scale") if scaled else target.schema
    given = Patch(media_type=content_type, value=value, schema=schema)
    repeated = [] if content_type == patches.JSON_PATCH else repeated

    def carry_out(change: Change) -> Answer:
        with writing.trial(asked.trial, target), given.told():
            return patch_object(change, repeated, asked, user, target)

    if content_type == patches.JSON_PATCH:
        return writing.tried(given.change, lambda: read_part(target), carry_out, target)
    return carry_out(given.change)


def read_part(target: Target) -> Json:
    """The object that a patch of the target changes, or its Scale."""
    found = writing.current(target)
    return manifests.scale(found, target.kind.scales.get(target.version)) if target.subresource == "scale" else found


def patch_object(change: Change, repeated: list[str], asked: WriteOptions, user: Any, target: Target) -> Answer:
    if target.subresource == "scale":
        return Answer(body=subresources.scale(change, by(asked, user, target)))
    told: list[str] = []
    wanted: Json = {}

    def check(manifest: Json) -> Json:
        cleaned, warnings = checked(target, manifest, repeated, asked)
        told.extend(warnings)
        wanted.update(cleaned)
        return cleaned

    request = by(asked, user, target)
    write = subresources.status if target.subresource in STATUSES else writing.change
    body = write(lambda before: check(change(before)), request)
    return Answer(body=body, warnings=(*told, *subresources.status_warnings(target, wanted, body)))


def apply(value: Any, repeated: list[str], asked: WriteOptions, user: Any, target: Target) -> Answer:
    if target.subresource:
        raise Refused(
            failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        )
    config, warnings = checked(target, value, repeated, asked)
    found, is_new = writing.apply(config, by(asked, user, target), force=asked.force)
    return Answer(body=found, code=201 if is_new else 200, warnings=warnings)


def kind_of(target: Target) -> str:
    """The kind of the body of a write."""
    parts = {"scale": "Scale", "rollback": "DeploymentRollback", "eviction": "Eviction", "binding": "Binding"}
    return parts.get(target.subresource, target.kind.name)


def check_patch_type(content_type: str, target: Target) -> None:
    if content_type in target.kind.patches:
        return
    if content_type == patches.STRATEGIC_PATCH:
        listed = ", ".join((*target.kind.patches, "application/apply-patch+cbor"))
        message = f"the body of the request was in an unknown format - accepted media types include: {listed}"
        raise Refused(failure(415, "UnsupportedMediaType", message))
    raise Refused(failure(415, "UnsupportedMediaType", "415: Unsupported Media Type"))


def delete(request: HttpRequest, user: Any, target: Target) -> Answer:
    asked, trial = write_options.of_delete(request, body_of(request))
    with writing.trial(trial, target):
        return Answer(body=writing.delete(asked, Request(target=target, actor=user.get_username(), manager="")))


def delete_many(request: HttpRequest, user: Any, target: Target) -> Answer:
    asked, trial = write_options.of_delete(request, body_of(request))
    found = lists.listed(request, target, access.visible_namespaces(user, target.cluster), plain=True)
    with writing.trial(trial, target):
        for each in found["items"]:
            about = each["metadata"]
            one = replace(target, namespace=about.get("namespace"), name=about["name"])
            try:
                writing.delete(asked, Request(target=one, actor=user.get_username(), manager=""))
            except (
                Refused
            ) as refused:  # gone since the list was read (registry/generic/registry/store.go, DeleteCollection)
                if refused.status["code"] != 404:
                    raise
    return Answer(body=found)


def version_kept(handler: Handler) -> Handler:
    """A dry run returns the stored resource version, or none for an object that would be created (DryRunnableStorage)."""

    @wraps(handler)
    def handled(request: HttpRequest, user: Any, target: Target) -> Answer:
        answer = handler(request, user, target)
        body = answer.body
        if "All" not in request.GET.getlist("dryRun") or not isinstance(body, dict) or "metadata" not in body:
            return answer
        found = reading.read(target, name=body["metadata"].get("name", ""))
        about = {key: each for key, each in body["metadata"].items() if key != "resourceVersion"}
        stored = {"resourceVersion": found[0]["metadata"]["resourceVersion"]} if found else {}
        return replace(answer, body={**body, "metadata": {**about, **stored}})

    return handled


HANDLERS: Mapping[str, Handler] = {
    "get": get_one,
    "list": get_list,
    "create": version_kept(create),
    "update": version_kept(update),
    "patch": version_kept(patch),
    "delete": delete,
    "deletecollection": delete_many,
}


def by(asked: WriteOptions, user: Any, target: Target) -> Request:
    def asker() -> Json:
        return reviews.user_info(user, target.cluster)

    return Request(target=target, actor=user.get_username(), manager=asked.manager, asker=asker)


def body_of(request: HttpRequest) -> Any:
    return bodies.read(request.body, request.content_type or "")[0] if request.body else None


def checked(target: Target, value: Any, repeated: list[str], asked: WriteOptions) -> tuple[Json, tuple[str, ...]]:
    """(manifest, warnings). Unknown fields are refused with Strict and dropped otherwise; with Warn there are warnings for
    them."""
    manifest = bodies.manifest_of(value, target.group_version, target.kind.name)
    common.shaped(manifest, target.kind.name, target.group_version)
    schema = target.schema
    unknown = schemas.unknown_fields(manifest, schema)
    warnings = bodies.check_fields(manifest, unknown, repeated, asked.validation)
    cleaned: Json = bodies.without_unknown(manifest, schema, frozenset(unknown)) if unknown else manifest
    return cleaned, tuple(warnings)
