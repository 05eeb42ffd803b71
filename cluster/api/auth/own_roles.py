"""The server's own ClusterRoles and ClusterRoleBindings as objects. They exist in every cluster, are not stored and can't be
changed (upstream stores them and restores them at each start)."""

import uuid
from typing import Any

from django.conf import settings

from cluster import models
from cluster.api.auth import roles
from cluster.api.auth.roles import RBAC
from cluster.core.manifests.deployments import timestamp
from cluster.statuses import Refused, failure

Json = dict[str, Any]
ROLES, BINDINGS = f"clusterroles.{RBAC}", f"clusterrolebindings.{RBAC}"
MEMBERS, EVERYBODY, STRANGERS = "rollstage:members", "system:authenticated", "system:unauthenticated"
VISITORS = "rollstage:visitors"
LABEL = {"kubernetes.io/bootstrapping": "rbac-defaults"}
AGGREGATED = {"edit": "admin", "view": "edit"}
BOUND = {
    "cluster-admin": ("system:masters",),
    "rollstage:member": (MEMBERS,),
    "system:basic-user": (EVERYBODY,),
    "system:discovery": (EVERYBODY,),
}
VISITORS_ROLES = {"view": "view", "edit": "edit", "admin": "cluster-admin"}


def manifests(cluster: str, resource: str) -> list[Json]:
    """The server's own objects of a resource, by name; none if the cluster does not exist."""
    if resource not in (ROLES, BINDINGS):
        return []
    created = models.Cluster.objects.filter(name=cluster).values_list("created", flat=True).first()
    if created is None:
        return []
    about = {"creationTimestamp": timestamp(created.timestamp()), "resourceVersion": "1"}
    made = role if resource == ROLES else binding
    return [made(name, about) for name in names(resource)]


def names(resource: str) -> list[str]:
    if resource == ROLES:
        return sorted(roles.RULES)
    visitors = [VISITORS] if settings.ANONYMOUS in VISITORS_ROLES else []
    return sorted([*BOUND, *visitors]) if resource == BINDINGS else []


def check_others(resource: str, name: str) -> None:
    """Raises Refused (403) if the object is one of the server's own."""
    if name in names(resource):
        plural, _, group = resource.partition(".")
        message = f'{resource} "{name}" is forbidden: the server\'s own roles and bindings can not be changed'
        raise Refused(failure(403, "Forbidden", message, name=name, group=group, kind=plural))


def metadata(name: str, about: Json, labels: Json) -> Json:
    return {
        "name": name,
        "uid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"rollstage:{name}")),
        **about,
        "labels": labels,
        "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
    }


def role(name: str, about: Json) -> Json:
    labels = dict(LABEL)
    upper = AGGREGATED.get(name) or name.removeprefix("system:aggregate-to-")
    if upper != name:
        labels[f"{RBAC}/aggregate-to-{upper}"] = "true"
    found: Json = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": metadata(name, about, labels),
        "rules": [each.manifest for each in roles.RULES[name]],
    }
    if name in ("admin", "edit", "view"):
        selector = {"matchLabels": {f"{RBAC}/aggregate-to-{name}": "true"}}
        found["aggregationRule"] = {"clusterRoleSelectors": [selector]}
    return found


def binding(name: str, about: Json) -> Json:
    is_visitors = name == VISITORS
    groups = (EVERYBODY, STRANGERS) if is_visitors else BOUND[name]
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata(f"{name}", about, dict(LABEL)),
        "roleRef": {
            "apiGroup": RBAC,
            "kind": "ClusterRole",
            "name": VISITORS_ROLES[settings.ANONYMOUS] if is_visitors else name,
        },
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": each} for each in groups],
    }
