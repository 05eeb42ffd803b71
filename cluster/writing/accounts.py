"""A team's people: an account each, and a cluster each or a namespace in a shared one."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from cluster.core.validation import formats
from cluster.models import Cluster
from cluster.spaces import Space
from cluster.writing import clusters, memberships, namespaces

ACTOR = "invite"
ROLES = memberships.ROLES
LONGEST_NAME = 63


class BadName(Exception):
    """Raised when a cluster or a namespace can't have that name."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """`space`: where the user may work, with `namespace` "" for the whole cluster. `password` is shown once; None: the
    account existed before and keeps its own."""

    user: str
    password: str | None
    space: Space
    role: str
    is_new_place: bool


def invite(
    name: str, *, cluster: str = "", namespace: str = "", role: str = "", ends: datetime | None = None
) -> Invitation:
    """Makes what is missing of account, place and membership. Without `cluster` and `namespace` the user gets a cluster
    of their own, as its admin. `ends`: of the membership; None: for good. Raises BadName and Refused."""
    for each in filter(None, (cluster, namespace)):
        check(each)
    with transaction.atomic():
        user, is_new_user = get_user_model().objects.get_or_create(username=name)
        password = give_password(user) if is_new_user else None
    space = Space(cluster or own_cluster(user), namespace)
    role = role or ("edit" if cluster else "admin")
    is_new = clusters.ensure(space.cluster, owner=None if cluster else user)
    if namespace:
        is_new = namespaces.ensure(space, actor=ACTOR)
    join(user, space, role, ends=ends)
    return Invitation(user=name, password=password, space=space, role=role, is_new_place=is_new)


def check(name: str) -> None:
    problems = formats.dns_label(name)
    if problems:
        raise BadName(f"{name!r} can't be the name of a cluster or a namespace: {problems[0]}")


def own_cluster(user: Any) -> str:
    """The name of the user's first cluster or, without any, of the one to make: Ada.L@example.org gets ada-l."""
    known = Cluster.objects.filter(owner=user).order_by("pk").values_list("name", flat=True).first()
    if known:
        return known
    base = re.sub("[^a-z0-9]+", "-", user.username.split("@")[0].lower()).strip("-")[:LONGEST_NAME] or "cluster"
    name, number = base, 1
    while Cluster.objects.filter(name=name).exists():
        number += 1
        name = f"{base[: LONGEST_NAME - 8].rstrip('-')}-{number}"
    return name


def give_password(user: Any) -> str:
    """A new one, which is kept hashed: the answer is the only place where it can be read."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def join(user: Any, space: Space, role: str, *, actor: str = ACTOR, ends: datetime | None = None) -> None:
    """One role in a place at a time. Raises Refused."""
    memberships.grant(space, user, role, actor=actor, ends=ends)
