"""Who asks, and whether they may (the texts of apiserver pkg/endpoints/handlers/responsewriters)."""

from typing import Any

from cluster import actions
from cluster.actions import Refused
from cluster.api import tokens
from cluster.api.targets import Target
from cluster.permissions import allowed_namespaces, may

READING = frozenset({"get", "list", "watch"})


def authenticate(header: str) -> Any:
    """The user; raises Refused (401)."""
    user = tokens.user_of(header)
    if user is None:
        raise Refused(actions.failure(401, "Unauthorized", "Unauthorized"))
    return user


def authorize(user: Any, verb: str, target: Target) -> None:
    if not allowed(user, verb, target.kind.plural, target.namespace):
        raise Refused(forbidden(user, verb, target))


def allowed(user: Any, verb: str, plural: str, namespace: str | None) -> bool:
    """Nodes and namespaces may be read by everybody with a token; what belongs to no namespace is the administrators' to change."""
    if user.is_superuser:
        return True
    if plural in ("nodes", "namespaces"):
        return verb in READING
    if namespace is None:
        return False
    return may(user, "view" if verb in READING else "edit", namespace)


def visible_namespaces(user: Any) -> set[str]:
    return set(allowed_namespaces(user))


def forbidden(user: Any, verb: str, target: Target) -> dict[str, Any]:
    kind = target.kind
    named = f'{kind.resource} "{target.name}"' if target.name else kind.resource
    where = f'in the namespace "{target.namespace}"' if target.namespace else "at the cluster scope"
    resource = f"{kind.plural}/{target.subresource}" if target.subresource else kind.plural
    message = (
        f'{named} is forbidden: User "{user.get_username()}" cannot {verb} resource "{resource}" '
        f'in API group "{target.group}" {where}'
    )
    return actions.failure(403, "Forbidden", message, name=target.name or "", group=kind.served[0][0], kind=kind.plural)
