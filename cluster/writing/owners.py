"""A cluster's owner: handing a cluster over to another member, leaving a cluster. A cluster always keeps a member who is its
admin without an end date. (The admin site and the API do not check this, so that mistakes can be undone there.)"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cluster import models
from cluster.records import journal
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, failure
from cluster.writing import clusters, memberships, permissions


def may_hand_over(cluster: models.Cluster, user: Any) -> bool:
    """Whether a user is an admin of the whole cluster and also its owner or a superuser; without an owner any such admin may."""
    if not permissions.may(user, "admin", Space(cluster.name, "")):
        return False
    return cluster.owner_id is None or user.is_superuser or user.pk == cluster.owner_id


def hand_over(name: str, to: str, *, by: Any) -> None:
    """Makes a member the owner and an admin of the whole cluster without an end date; the former owner stays an admin. Raises
    Refused."""
    user = memberships.find_user(to)
    with transaction.atomic():
        clusters.check_owned(user)
        with journal.exclusive(name) as cluster:
            check_heir(cluster, user, by)
            actor = by.get_username() or "anonymous"
            memberships.add_to(Space(name, ""), user, "admin", actor=actor, ends=None)
            cluster.owner = user
            cluster.save(update_fields=["owner"])
            clusters.tell(cluster, f"handed over to {to}", actor=actor)


def check_heir(cluster: models.Cluster, user: Any, by: Any) -> None:
    name = user.get_username()
    if not may_hand_over(cluster, by):
        raise Refused(failure(403, "Forbidden", _("Only the owner hands a cluster over.")))
    if cluster.owner_id == user.pk:
        raise Refused(bad_request(_("%(name)s owns the cluster already.") % {"name": name}))
    if not permissions.living().filter(cluster=cluster, user=user).exists():
        raise Refused(bad_request(_("%(name)s is no member of the cluster. Make them one first.") % {"name": name}))


def add_member(space: Space, name: str, role: str, *, actor: str, ends: datetime | None) -> None:
    """As `memberships.add`, but refuses to demote the last admin of the whole cluster or its owner. Raises Refused."""
    with journal.exclusive(space.cluster) as cluster:
        if not space.namespace and (role != "admin" or ends is not None):
            check_stays(cluster, memberships.find_user(name))
        memberships.add(space, name, role, actor=actor, ends=ends)


def remove_member(space: Space, user: Any, *, actor: str) -> None:
    """As `memberships.revoke`, but refuses to remove the last admin of the whole cluster or its owner. Raises Refused."""
    with journal.exclusive(space.cluster) as cluster:
        if not space.namespace:
            check_stays(cluster, user)
        memberships.revoke(space, user, actor=actor)


def leave(name: str, user: Any) -> None:
    """Removes all memberships of a user in a cluster, at their own request. Raises Refused."""
    with journal.exclusive(name) as cluster:
        if cluster.owner_id == user.pk:
            text = _("You own this cluster. Hand it over to another member, or delete it, before you leave.")
            raise Refused(failure(409, "Conflict", text))
        check_stays(cluster, user)
        places = models.Membership.objects.filter(cluster=cluster, user=user).values_list("namespace", flat=True)
        for namespace in sorted(set(places)):
            memberships.revoke(Space(name, namespace), user, actor=user.get_username())


def check_stays(cluster: models.Cluster, user: Any) -> None:
    """Raises Refused (409) if the user is the owner, or the last admin of the whole cluster without an end date. Called under the
    lock, before that admin role is removed."""
    admins = permissions.living().filter(cluster=cluster, namespace="", role="admin")
    if not admins.filter(user=user).exists():
        return
    if cluster.owner_id == user.pk:
        text = _("%(name)s owns the cluster, and stays its admin until it is handed over.")
        raise Refused(failure(409, "Conflict", text % {"name": user.get_username()}))
    if not admins.filter(ends=None, user__is_active=True).exclude(user=user).exists():
        text = _(
            "Nobody else is an admin of the whole cluster for good. Make another member one first, or delete the cluster."
        )
        raise Refused(failure(409, "Conflict", text))
