"""Bindings, which are memberships, and ClusterRoles (pkg/registry/rbac). Users can only be bound to the memberships' roles;
service accounts to any role, as no client can log in as one."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model

from cluster.api.auth import own_roles
from cluster.api.registry import common, kept
from cluster.api.registry.common import Json, Request, Strategy
from cluster.core.validation.errors import FieldError, forbidden, invalid, unsupported
from cluster.models import KeptObject
from cluster.records import journal
from cluster.statuses import Refused, already_exists
from cluster.writing import memberships

SERVICE_ACCOUNTS = "system:serviceaccounts"


def prepared(manifest: Json, request: Request, before: Json | None) -> Json:
    full = kept.prepared(manifest, request, before)
    if "roleRef" in full:
        common.refuse(list(problems(full)), full, request.target)
    return full


def problems(manifest: Json) -> Iterator[FieldError]:
    """The errors for subjects and roles that memberships can't represent."""
    subjects = manifest.get("subjects") or []
    people = [(place, each) for place, each in enumerate(subjects) if each.get("kind") == "User"]
    for place, each in enumerate(subjects):
        if each.get("kind") == "Group" and not str(each.get("name")).startswith(SERVICE_ACCOUNTS):
            detail = "groups of people are not served; bind each person by a subject of kind User"
            yield forbidden(f"subjects[{place}].kind", detail)
    if people:
        yield from role_problems(manifest)
    names = {str(each.get("name")) for _, each in people}
    known = set(get_user_model().objects.filter(username__in=names).values_list("username", flat=True))
    for place, each in people:
        if each.get("name") not in known:
            yield invalid(
                f"subjects[{place}].name", each.get("name"), "there is no account of that name on this server"
            )


def role_problems(manifest: Json) -> Iterator[FieldError]:
    ref: dict[str, Any] = manifest["roleRef"]
    if ref.get("kind") != "ClusterRole":
        yield unsupported("roleRef.kind", ref.get("kind"), ("ClusterRole",))
        return
    allowed = tuple(memberships.roles_of(manifest["metadata"].get("namespace", "")).values())
    if ref.get("name") not in allowed:
        yield unsupported("roleRef.name", ref.get("name"), allowed)


def insert(manifest: Json, request: Request) -> None:
    target, name = request.target, manifest["metadata"]["name"]
    if name in own_roles.names(target.kind.resource):
        raise Refused(already_exists(target.kind.resource, name))
    with journal.exclusive(target.cluster) as cluster:
        if "roleRef" in manifest:
            memberships.check_limit(cluster)
        kept.insert(manifest, request)
        follow(request, name)


def replace(before: Json, manifest: Json, request: Request) -> None:
    name = request.target.name or ""
    own_roles.check_others(request.target.kind.resource, name)
    kept.replace(before, manifest, request)
    follow(request, name)


def remove(before: Json, options: Json, request: Request) -> None:
    own_roles.check_others(request.target.kind.resource, request.target.name or "")
    kept.remove(before, options, request)


def follow(request: Request, name: str) -> None:
    row = KeptObject.objects.select_related("cluster").filter(**kept.place_of(request.target, name)).first()
    if row and "roleRef" in row.manifest:
        memberships.follow(row)


STRATEGY = Strategy(prepared=prepared, insert=insert, replace=replace, remove=remove)
