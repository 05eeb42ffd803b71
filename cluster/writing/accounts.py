"""Inviting people: an account each, with a cluster of their own or a membership of a shared one."""

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
    """Raised when a name is not valid for a cluster or a namespace."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """`space`: where the user may work, with `namespace` "" for the whole cluster. `password` is shown once; None: the account
    already existed and keeps its password."""

    user: str
    password: str | None
    space: Space
    role: str
    is_new_place: bool


def invite(
    name: str, *, cluster: str = "", namespace: str = "", role: str = "", ends: datetime | None = None
) -> Invitation:
    """Creates the account, cluster, namespace and membership that are missing. Without `cluster` the user gets a cluster of their
    own, and the default role is admin, else edit. `ends`: the end of the membership; None: no end. Raises BadName and Refused."""
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
    """The name of the user's first cluster; without a cluster, a free name derived from the username: Ada.L@example.org gets
    ada-l."""
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
    """Sets a new random password and returns it. Only its hash is stored, so the return value is the only place to read it."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def join(user: Any, space: Space, role: str, *, actor: str = ACTOR, ends: datetime | None = None) -> None:
    """Gives the user this one role in the space, replacing other roles there. Raises Refused."""
    memberships.grant(space, user, role, actor=actor, ends=ends)
