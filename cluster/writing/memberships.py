"""Memberships of a cluster or of one namespace, each with the binding that the API shows for it: a RoleBinding of the ClusterRole
view, edit or admin in a namespace, a ClusterRoleBinding of view, edit or cluster-admin in the whole cluster."""

import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from cluster import models
from cluster.records import journal
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, failure
from cluster.writing.writes import find_namespace

GROUP = "rbac.authorization.k8s.io"
ROLES = ("view", "edit", "admin")
MOST_IN_A_CLUSTER = 2000
Json = dict[str, Any]
# What a membership's role is called as a ClusterRole, in a namespace and in the whole cluster.
IN_NAMESPACE = {"view": "view", "edit": "edit", "admin": "admin"}
IN_CLUSTER = {"view": "view", "edit": "edit", "admin": "cluster-admin"}


def kind_of(namespace: str) -> str:
    return "RoleBinding" if namespace else "ClusterRoleBinding"


def resource_of(namespace: str) -> str:
    return f"{kind_of(namespace).lower()}s.{GROUP}"


def roles_of(namespace: str) -> dict[str, str]:
    return IN_NAMESPACE if namespace else IN_CLUSTER


def find_user(name: str) -> Any:
    """An active account. Raises Refused (400)."""
    found = get_user_model().objects.filter(username=name, is_active=True).first()
    if found is None:
        raise Refused(bad_request(f"user: Invalid value: {name!r}: there is no account of that name on this server"))
    return found


def add(space: Space, name: str, role: str, *, actor: str) -> None:
    """Gives a person a role in a namespace that is there or, with the namespace "", in the whole cluster. Raises Refused."""
    if role not in ROLES:
        raise Refused(bad_request(f"role: Unsupported value: {role!r}: supported values: {', '.join(ROLES)}"))
    if space.namespace:
        find_namespace(space)
    grant(space, find_user(name), role, actor=actor)


def grant(space: Space, user: Any, role: str, *, actor: str) -> None:
    """One role in a place: what the person had there before goes. Raises Refused."""
    with journal.exclusive(space.cluster) as cluster:
        held = list(place(cluster, space.namespace).filter(user=user).values_list("role", flat=True))
        if held == [role]:
            return
        revoke(space, user, actor=actor)
        check_limit(cluster)
        row = bind(cluster, space.namespace, user.get_username(), role, actor=actor)
        models.Membership.objects.create(cluster=cluster, namespace=space.namespace, user=user, role=role, binding=row)


def check_limit(cluster: models.Cluster) -> None:
    if models.Membership.objects.filter(cluster=cluster).count() >= MOST_IN_A_CLUSTER:
        message = f"{MOST_IN_A_CLUSTER:,} memberships are the most that a cluster may have"
        raise Refused(failure(403, "Forbidden", message))


def place(cluster: models.Cluster, namespace: str) -> Any:
    return models.Membership.objects.filter(cluster=cluster, namespace=namespace)


def revoke(space: Space, user: Any, *, actor: str) -> bool:
    """Takes all roles that a person has in a place; True if there was one. A binding with other subjects keeps those."""
    with journal.exclusive(space.cluster) as cluster:
        rows = list(place(cluster, space.namespace).filter(user=user).select_related("binding"))
        for each in rows:
            unbind(cluster, each.binding, user.get_username(), actor=actor)
            each.delete()
    return bool(rows)


def leave_all(user: Any, *, actor: str) -> None:
    """Before an account is deleted: its bindings go with it, cluster by cluster in one order."""
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
    record(row, "ADDED", actor=actor)
    row.save(force_insert=True)
    return row


def free_name(cluster: models.Cluster, namespace: str, wanted: str) -> str:
    where = {"cluster": cluster, "resource": resource_of(namespace), "namespace": namespace}
    name, number = wanted, 1
    while models.KeptObject.objects.filter(**where, name=name).exists():
        number += 1
        name = f"{wanted}-{number}"
    return name


def unbind(cluster: models.Cluster, row: models.KeptObject, name: str, *, actor: str) -> None:  # noqa: ARG001
    """Takes a person out of a binding's subjects; the last one takes the binding along."""
    left = [
        each for each in row.manifest.get("subjects") or () if (each.get("kind"), each.get("name")) != ("User", name)
    ]
    if left:
        row.manifest = {**row.manifest, "subjects": left}
        record(row, "MODIFIED", actor=actor)
        row.save(update_fields=["manifest", "resource_version"])
    else:
        record(row, "DELETED", actor=actor)
        row.delete()


def record(row: models.KeptObject, verb: str, *, actor: str) -> None:
    with journal.write(row.cluster.name, row.namespace, actor=actor) as writer:
        told = {"uid": row.uid, "manifest": row.manifest}
        row.resource_version = writer.append(verb, row.manifest["kind"], told, name=row.name)


def follow(row: models.KeptObject) -> None:
    """Makes the memberships of a binding that was written through the API what its subjects say. Called under the lock."""
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
