"""Permissions in a cluster. A membership gives a role in a whole cluster or in one namespace, until it ends. Only this module
decides whether a membership has ended; other code uses `living` or `has_ended`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from cluster.models import Cluster, Membership, Namespace
from cluster.records.prepared import Prepared
from cluster.spaces import Space

LEVELS = {"none": 0, "view": 1, "edit": 2, "admin": 3}


def living() -> QuerySet[Membership]:
    """The memberships that have not ended."""
    return lasting(timezone.now())


def lasting(now: datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(Q(ends=None) | Q(ends__gt=now))


GIVEN = Prepared(
    lambda now, user, cluster: (
        lasting(now).filter(user_id=user, cluster__name=cluster).values_list("namespace", "role")
    ),
    datetime,
    int,
    str,
)
ROLES_IN = Prepared(
    lambda now, user, cluster, namespace: (
        lasting(now)
        .filter(Q(namespace="") | Q(namespace=namespace), user_id=user, cluster__name=cluster)
        .values_list("role", flat=True)
    ),
    datetime,
    int,
    str,
    str,
)


def has_ended(row: Membership) -> bool:
    return row.ends is not None and row.ends <= timezone.now()


def may(user: Any, verb: str, space: Space) -> bool:
    """`verb` is view, edit or admin; the namespace "" is the cluster itself."""
    return level(user, space) >= LEVELS[verb]


def level(user: Any, space: Space) -> int:
    """The user's level in a space, in one query. A role in the whole cluster applies in each of its namespaces."""
    known = everywhere(user)
    if known is not None:
        return known
    return highest(ROLES_IN(timezone.now(), user.pk or 0, space.cluster, space.namespace))


def everywhere(user: Any) -> int | None:
    """The level of a user who has the same one in all clusters: anonymous, inactive, superuser. None: it depends on the
    memberships."""
    if not user.is_authenticated or not user.is_active:
        return floor()
    return LEVELS["admin"] if user.is_superuser else None


def floor() -> int:
    """The level that everyone has everywhere."""
    return LEVELS[settings.ANONYMOUS]


def highest(roles: Iterable[str]) -> int:
    return max([floor(), *(LEVELS[role] for role in roles)])


def roles_in(user: Any, cluster: str) -> dict[str, int]:
    """Namespace -> level ("" for the whole cluster) from the user's memberships in a cluster."""
    found: dict[str, int] = {}
    for namespace, role in memberships_of(user, cluster):
        found[namespace] = max(found.get(namespace, 0), LEVELS[role])
    return found


def memberships_of(user: Any, cluster: str) -> list[tuple[str, str]]:
    """(namespace, role) of the user's memberships in a cluster; "" is the whole cluster."""
    return GIVEN(timezone.now(), user.pk or 0, cluster)


def allowed_namespaces(user: Any, cluster: str) -> list[str]:
    """The names of the namespaces that a user may view, sorted; two queries."""
    known = everywhere(user)
    given = roles_in(user, cluster) if known is None else {}
    whole = max(known or 0, given.get("", 0), floor() if known is None else 0)
    names = Namespace.objects.filter(cluster__name=cluster).order_by("name").values_list("name", flat=True)
    return [name for name in names if max(whole, given.get(name, 0)) >= LEVELS["view"]]


def is_member(user: Any, cluster: str) -> bool:
    """Whether a user has a membership in the cluster, or is admin of all clusters."""
    known = floor() if everywhere(user) is None else everywhere(user)
    if known == LEVELS["admin"]:
        return True
    return user.is_active and bool(memberships_of(user, cluster))


def allowed_clusters(user: Any) -> list[str]:
    """The names of the clusters in which a user may view anything, sorted."""
    known = everywhere(user)
    rows = Cluster.objects.order_by("name")
    if (floor() if known is None else known) < LEVELS["view"]:
        given = living().filter(user_id=user.pk or 0)
        rows = rows.filter(pk__in=given.values("cluster")) if known is None else rows.none()
    return list(rows.values_list("name", flat=True))


def administered_clusters(user: Any) -> QuerySet[Cluster]:
    """The clusters that a user may administer as a whole."""
    known = everywhere(user)
    if (floor() if known is None else known) >= LEVELS["admin"]:
        return Cluster.objects.all()
    given = living().filter(user_id=user.pk or 0, namespace="", role="admin")
    return Cluster.objects.filter(pk__in=given.values("cluster")) if known is None else Cluster.objects.none()
