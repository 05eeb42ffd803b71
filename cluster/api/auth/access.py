"""Authentication and authorization of requests (the texts of apiserver pkg/endpoints/handlers/responsewriters)."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from cluster import statuses
from cluster.api.auth import own_roles, roles, tokens
from cluster.api.auth.roles import Grant
from cluster.api.targets import Target
from cluster.models import Token
from cluster.statuses import Refused
from cluster.writing import limits, memberships, permissions

PUBLIC = frozenset(("healthz", "livez", "readyz", "version"))
UNAUTHORIZED = {
    key: value for key, value in statuses.failure(401, "Unauthorized", "Unauthorized").items() if key != "details"
}


def check_origin(host: str, origin: str) -> None:
    """Refuses pages of other sites, and hosts that are not ours, such as a foreign name resolved to this server. Raises Refused
    (403)."""
    asked = [host, *([urlsplit(origin).netloc or origin] if origin else [])]
    if not all(is_ours(each) for each in asked if each):
        raise Refused(statuses.failure(403, "Forbidden", f"requests from {origin or host} are not allowed"))


def is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def admit(header: str) -> tuple[Any, Token]:
    """The user and the token of an Authorization header. Raises Refused (401, 429)."""
    token = tokens.token_of(header)
    if token is None:
        raise Refused(UNAUTHORIZED)
    limits.check(token.user_id)
    tokens.note_use(token)
    return token.user, token


def authenticate(header: str) -> Any:
    """The user; raises Refused (401, 429)."""
    return admit(header)[0]


def is_public(parts: list[str]) -> bool:
    """Whether a path can be read without a token (the ClusterRole system:public-info-viewer)."""
    return len(parts) == 1 and parts[0] in PUBLIC


def forbidden_path(user: Any, path: str) -> dict[str, Any]:
    found = statuses.failure(403, "Forbidden", f'forbidden: User "{user.get_username()}" cannot get path "{path}"')
    return {**found, "details": {}}


def authorize(user: Any, verb: str, target: Target) -> None:
    if not allowed_target(user, verb, target):
        raise Refused(forbidden(user, verb, target))


def allowed_target(user: Any, verb: str, target: Target) -> bool:
    resource = f"{target.kind.plural}/{target.subresource}" if target.subresource else target.kind.plural
    return allowed(user, target.cluster, verb, target.group, resource, scope_of(target))


def scope_of(target: Target) -> str:
    """The namespace of a request; a request for a namespace is in that namespace (apiserver
    pkg/endpoints/request/requestinfo.go)."""
    return target.namespace or (target.name if target.kind.plural == "namespaces" and target.name else "")


def allowed(user: Any, cluster: str, verb: str, group: str, resource: str, namespace: str) -> bool:
    """`resource` as in deployments/scale; `namespace` "" is the whole cluster. One query."""
    return user.is_superuser or roles.allow(grants(user, cluster), verb, group, resource, namespace)


def grants(user: Any, cluster: str) -> list[Grant]:
    """A user's grants in a cluster, superusers excepted: from memberships, and from the role that visitors have in all
    clusters."""
    given = permissions.memberships_of(user, cluster)
    found = [Grant(role=memberships.roles_of(namespace)[role], namespace=namespace) for namespace, role in given]
    if settings.ANONYMOUS in own_roles.VISITORS_ROLES:
        found.append(Grant(role=own_roles.VISITORS_ROLES[settings.ANONYMOUS]))
    if found:
        found.append(Grant(role="rollstage:member"))
    return found


def refusals(watched: Iterable[tuple[str, Target]]) -> dict[tuple[str, Target], dict[str, Any]]:
    """The (token digest, watched target) pairs that are no longer allowed, with the Status of the refusal."""
    pairs = set(watched)
    living = tokens.living(list({digest for digest, _ in pairs}))
    found = {}
    for digest, target in pairs:
        token = living.get(digest)
        if token is None:
            found[digest, target] = UNAUTHORIZED
        elif not allowed_target(token.user, "watch", target):
            found[digest, target] = forbidden(token.user, "watch", target)
    return found


def visible_namespaces(user: Any, cluster: str) -> set[str]:
    return set(permissions.allowed_namespaces(user, cluster))


def forbidden(user: Any, verb: str, target: Target) -> dict[str, Any]:
    plural = target.kind.plural
    qualified = f"{plural}.{target.group}" if target.group else plural
    named = f'{qualified} "{target.name}"' if target.name else qualified
    namespace = target.namespace or (target.name if plural == "namespaces" else None)
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    resource = f"{plural}/{target.subresource}" if target.subresource else plural
    message = (
        f'{named} is forbidden: User "{user.get_username()}" cannot {verb} resource "{resource}" '
        f'in API group "{target.group}" {where}'
    )
    return statuses.failure(403, "Forbidden", message, name=target.name or "", group=target.group, kind=plural)
