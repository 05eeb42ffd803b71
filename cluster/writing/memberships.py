"""Memberships of a cluster or of one namespace, each with the binding that the API shows for it: a RoleBinding of the ClusterRole
view, edit or admin in a namespace, a ClusterRoleBinding of view, edit or cluster-admin in the whole cluster. The binding of an
ended membership is deleted within seconds; the row stays for ENDED_KEPT, so that admins see what has ended."""

import contextlib
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from cluster import models
from cluster.records import journal, kept
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, failure
from cluster.writing import permissions
from cluster.writing.writes import find_namespace

GROUP = "rbac.authorization.k8s.io"
ROLES = ("view", "edit", "admin")
MOST_IN_A_CLUSTER = 2000
LONGEST = timedelta(days=3650)
ENDED_KEPT = timedelta(days=30)
ENDING = "end-date"  # the actor in the journal when bindings of ended memberships are deleted
Json = dict[str, Any]
# The ClusterRole of a membership's role, in a namespace and in the whole cluster.
IN_NAMESPACE = {"view": "view", "edit": "edit", "admin": "admin"}
IN_CLUSTER = {"view": "view", "edit": "edit", "admin": "cluster-admin"}


def kind_of(namespace: str) -> str:
    return "RoleBinding" if namespace else "ClusterRoleBinding"


def resource_of(namespace: str) -> str:
    return f"{kind_of(namespace).lower()}s.{GROUP}"


def roles_of(namespace: str) -> dict[str, str]:
    return IN_NAMESPACE if namespace else IN_CLUSTER


def find_user(name: str) -> Any:
    """The active account of that name. Raises Refused (400)."""
    found = get_user_model().objects.filter(username=name, is_active=True).first()
    if found is None:
        raise Refused(bad_request(f"user: Invalid value: {name!r}: there is no account of that name on this server"))
    return found


def add(space: Space, name: str, role: str, *, actor: str, ends: datetime | None = None) -> None:
    """Gives a user a role in an existing namespace or, with the namespace "", in the whole cluster. Raises Refused."""
    if role not in ROLES:
        raise Refused(bad_request(f"role: Unsupported value: {role!r}: supported values: {', '.join(ROLES)}"))
    if space.namespace:
        find_namespace(space)
    grant(space, find_user(name), role, actor=actor, ends=ends)


def grant(space: Space, user: Any, role: str, *, actor: str, ends: datetime | None = None) -> None:
    """Gives a user one role in a space, replacing any other roles there. Raises Refused."""
    check_end(ends)
    with journal.exclusive(space.cluster) as cluster:
        held = list(place(cluster, space.namespace).filter(user=user).values_list("role", "ends"))
        if held == [(role, ends)]:
            return
        revoke(space, user, actor=actor)
        give(cluster, space.namespace, user, role, ends, actor=actor)


def add_to(space: Space, user: Any, role: str, *, actor: str, ends: datetime | None) -> bool:
    """Gives a user at least this role until `ends`; a higher or longer membership there is kept beside it. Returns False, without
    a change, if they already have as much. Raises Refused."""
    check_end(ends)
    with journal.exclusive(space.cluster) as cluster:
        rows = models.Membership.objects.filter(cluster=cluster, user=user, namespace__in={"", space.namespace})
        held = list(rows.select_related("user"))
        living = [each for each in held if not permissions.has_ended(each)]
        if any(covers(each.role, each.ends, role, ends) for each in living):
            return False
        for each in held:
            is_less = permissions.has_ended(each) or covers(role, ends, each.role, each.ends)
            if is_less and each.namespace == space.namespace:
                take(cluster, each, actor=actor)
                each.delete()
        give(cluster, space.namespace, user, role, ends, actor=actor)
    return True


def covers(role: str, ends: datetime | None, other: str, other_ends: datetime | None) -> bool:
    """Whether the first role and end include the other: at least the same level, for at least as long."""
    is_as_long = ends is None or (other_ends is not None and ends >= other_ends)
    return is_as_long and permissions.LEVELS[role] >= permissions.LEVELS[other]


def end_of(day: date) -> datetime:
    """The end of a day in UTC. Raises ValueError if the day is in the past or more than LONGEST ahead."""
    today = timezone.now().date()
    if not today <= day <= today + LONGEST:
        raise ValueError(f"{day} is not a day from today on, and within ten years")
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def check_end(ends: datetime | None) -> None:
    if ends is not None and ends <= timezone.now():
        raise Refused(bad_request(f"ends: Invalid value: {ends:%Y-%m-%d %H:%M} UTC: must be in the future"))


def give(cluster: models.Cluster, namespace: str, user: Any, role: str, ends: datetime | None, *, actor: str) -> None:
    """Adds a membership beside the user's other ones. Called under the lock. Raises Refused."""
    check_limit(cluster)
    row = bind(cluster, namespace, user.get_username(), role, actor=actor)
    models.Membership.objects.create(cluster=cluster, namespace=namespace, user=user, role=role, ends=ends, binding=row)


def check_limit(cluster: models.Cluster) -> None:
    if models.Membership.objects.filter(cluster=cluster).count() >= MOST_IN_A_CLUSTER:
        message = f"{MOST_IN_A_CLUSTER:,} memberships are the most that a cluster may have"
        raise Refused(failure(403, "Forbidden", message))


def place(cluster: models.Cluster, namespace: str) -> Any:
    return models.Membership.objects.filter(cluster=cluster, namespace=namespace)


def revoke(space: Space, user: Any, *, actor: str) -> bool:
    """Removes all roles of a user in a space; True if there was one. A binding with other subjects keeps those."""
    with journal.exclusive(space.cluster) as cluster:
        rows = list(place(cluster, space.namespace).filter(user=user).select_related("user"))
        for each in rows:
            take(cluster, each, actor=actor)
            each.delete()
    return bool(rows)


def take(cluster: models.Cluster, row: models.Membership, *, actor: str) -> None:
    """Removes the user from the membership's binding, but keeps the membership. Called under the lock."""
    binding = models.KeptObject.objects.filter(pk=row.binding_id or "").first()
    models.Membership.objects.filter(pk=row.pk).update(binding=None)
    if binding:
        unbind(cluster, binding, row.user.get_username(), actor=actor)


def end_due() -> None:
    """Deletes the bindings of memberships that have ended, and the rows of those that ended ENDED_KEPT ago."""
    now = timezone.now()
    due = Q(binding__isnull=False) | Q(ends__lte=now - ENDED_KEPT)
    ended = models.Membership.objects.filter(due, ends__lte=now)
    for name in ended.order_by("cluster__name").values_list("cluster__name", flat=True).distinct():
        with contextlib.suppress(Refused), journal.exclusive(name) as cluster:  # it may be deleted or renamed
            for each in ended.filter(cluster=cluster, binding__isnull=False).select_related("user"):
                take(cluster, each, actor=ENDING)
            ended.filter(cluster=cluster, ends__lte=now - ENDED_KEPT).delete()


def leave_all(user: Any, *, actor: str) -> None:
    """Removes a user's memberships and bindings before the account is deleted; clusters are locked in order of their key."""
    rows = models.Membership.objects.filter(user=user).order_by("cluster_id", "namespace")
    for cluster, namespace in rows.values_list("cluster__name", "namespace").distinct():
        revoke(Space(cluster, namespace), user, actor=actor)


def bind(cluster: models.Cluster, namespace: str, name: str, role: str, *, actor: str) -> models.KeptObject:
    uid, now = str(uuid.uuid4()), timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    role_name = roles_of(namespace)[role]
    metadata: Json = {"name": free_name(cluster, namespace, f"{name}-{role_name}")}
    if namespace:
        metadata["namespace"] = namespace
    manifest: Json = {
        "apiVersion": f"{GROUP}/v1",
        "kind": kind_of(namespace),
        "metadata": {**metadata, "uid": uid, "creationTimestamp": now},
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role_name},
        "subjects": [{"apiGroup": GROUP, "kind": "User", "name": name}],
    }
    row = models.KeptObject(
        uid=uid,
        cluster=cluster,
        namespace=namespace,
        resource=resource_of(namespace),
        name=metadata["name"],
        manifest=manifest,
    )
    with journal.write(cluster.name, namespace, actor=actor) as writer:
        kept.insert(writer, row)
    return row


def free_name(cluster: models.Cluster, namespace: str, wanted: str) -> str:
    where = {"cluster": cluster, "resource": resource_of(namespace), "namespace": namespace}
    name, number = wanted, 1
    while models.KeptObject.objects.filter(**where, name=name).exists():
        number += 1
        name = f"{wanted}-{number}"
    return name


def unbind(cluster: models.Cluster, row: models.KeptObject, name: str, *, actor: str) -> None:
    """Removes a user from a binding's subjects; deletes the binding if no subjects are left."""
    left = [
        each for each in row.manifest.get("subjects") or () if (each.get("kind"), each.get("name")) != ("User", name)
    ]
    with journal.write(cluster.name, row.namespace, actor=actor) as writer:
        if left:
            kept.update(writer, row, {**row.manifest, "subjects": left})
        else:
            kept.delete(writer, row)


def follow(row: models.KeptObject) -> None:
    """Makes the memberships match the subjects of a binding that was written through the API. Called under the lock."""
    roles = {value: key for key, value in roles_of(row.namespace).items()}
    role = roles.get(row.manifest["roleRef"]["name"])
    names = [each["name"] for each in row.manifest.get("subjects") or () if each.get("kind") == "User"]
    users = get_user_model().objects.filter(username__in=names if role else ())
    row.memberships.exclude(user__in=users).delete()
    known = set(row.memberships.values_list("user_id", flat=True))
    models.Membership.objects.bulk_create(
        models.Membership(cluster=row.cluster, namespace=row.namespace, user=each, role=role or "", binding=row)
        for each in users
        if each.pk not in known
    )
