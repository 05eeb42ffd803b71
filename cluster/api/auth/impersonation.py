"""`kubectl --as`: a superuser acts as another user (apiserver pkg/endpoints/filters/impersonation.go)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from cluster.statuses import Refused, bad_request, failure

USER, GROUP = "impersonate-user", "impersonate-group"
MASTERS = "system:masters"


@dataclass(kw_only=True)
class Impersonated:
    """An impersonated user, with an account or without. Without an account or groups it has only what every token allows.
    `named`: the requested groups, whether they exist here or not."""

    username: str
    named: tuple[str, ...] = ()
    pk: str = ""
    is_superuser: bool = False
    groups: QuerySet[Group] = field(default_factory=Group.objects.none)
    is_active: bool = True
    is_authenticated: bool = True

    def get_username(self) -> str:
        return self.username


def acting(user: Any, headers: Mapping[str, str]) -> Any:
    """The user whose permissions apply to a request with these headers (names in lower case). Raises Refused."""
    name, groups = headers.get(USER, ""), [each.strip() for each in headers.get(GROUP, "").split(",") if each.strip()]
    if not name:
        if any(each.startswith("impersonate-") for each in headers):
            raise Refused(bad_request("requested impersonation without impersonating a user"))
        return user
    if not user.is_superuser:
        raise Refused(forbidden(user, name))
    return impersonated(name, groups)


def impersonated(name: str, groups: list[str]) -> Any:
    """A user by name, with these groups or, if none are given, with the account's own."""
    known = get_user_model().objects.filter(username=name, is_active=True).first()
    if known and not groups:
        return known
    return Impersonated(
        username=name,
        named=tuple(groups),
        pk=str(known.pk) if known else "",
        is_superuser=MASTERS in groups,
        groups=Group.objects.filter(name__in=groups),
    )


def forbidden(user: Any, name: str) -> dict[str, Any]:
    message = (
        f'users "{name}" is forbidden: User "{user.get_username()}" cannot impersonate resource "users" in API group "" '
        "at the cluster scope"
    )
    return failure(403, "Forbidden", message, name=name, kind="users")
