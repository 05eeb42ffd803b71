"""A team's people: an account each, and a namespace each. What a group opens, cluster.permissions says."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from cluster import namespaces
from cluster.core.validation import formats
from cluster.models import Namespace

LEVELS = ("view", "edit")


class BadName(Exception):
    """Raised when a namespace can't be named so."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """`password` is shown once; None: the account was there and keeps its own."""

    user: str
    password: str | None
    namespace: str
    is_new_namespace: bool


def invite(name: str, *, namespace: str, level: str, actor: str) -> Invitation:
    """Makes what is missing of account, namespace and membership. Raises BadName."""
    problems = formats.dns_label(namespace)
    if problems:
        raise BadName(f"a namespace can't be named {namespace!r}: {problems[0]}")
    with transaction.atomic():
        is_new = not Namespace.objects.filter(name=namespace).exists()
        if is_new:
            namespaces.create(namespace, actor=actor)
        user, is_new_user = get_user_model().objects.get_or_create(username=name)
        password = give_password(user) if is_new_user else None
        join(user, namespace, level)
    return Invitation(user=name, password=password, namespace=namespace, is_new_namespace=is_new)


def give_password(user: Any) -> str:
    """A new one, which is kept hashed: the answer is the only place where it can be read."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def join(user: Any, namespace: str, level: str) -> None:
    """One level in a namespace at a time. All its groups are made, so that the admin offers them."""
    groups = {each: Group.objects.get_or_create(name=f"{namespace}:{each}")[0] for each in LEVELS}
    user.groups.remove(*groups.values())
    user.groups.add(groups[level])
