"""What a user asks about himself: `kubectl auth can-i`, `auth can-i --list`, `auth whoami` (pkg/registry/authorization)."""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.api.auth import access, own_roles, roles
from cluster.api.auth.roles import Grant
from cluster.api.kinds import REVIEW_KINDS, REVIEWS
from cluster.statuses import Refused, bad_request

Json = dict[str, Any]


def find(parts: list[str]) -> str | None:
    """The review that a path names."""
    if len(parts) != 4 or parts[0] != "apis":
        return None
    return parts[3] if parts[3] in REVIEWS.get((parts[1], parts[2]), ()) else None


def review(name: str, value: Any, user: Any, cluster: str) -> Json:
    """Raises Refused (400)."""
    spec = value.get("spec") or {} if isinstance(value, Mapping) else {}
    if not isinstance(spec, Mapping):
        raise Refused(bad_request(f"{REVIEW_KINDS[name]}.spec: an object is wanted"))
    group, version = next(pair for pair, names in REVIEWS.items() if name in names)
    kind = {"kind": REVIEW_KINDS[name], "apiVersion": f"{group}/{version}"}
    return {**kind, "metadata": {"creationTimestamp": None}, **ANSWERS[name](spec, user, cluster)}


def whoami(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:  # noqa: ARG001 the shape of ANSWERS
    masters = ["system:masters"] if user.is_superuser else []
    members = [own_roles.MEMBERS] if not user.is_superuser and access.grants(user, cluster) else []
    groups = [*masters, *members, *user.groups.order_by("name").values_list("name", flat=True), "system:authenticated"]
    return {"status": {"userInfo": {"username": user.get_username(), "uid": str(user.pk), "groups": groups}}}


def can_i(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:
    asked, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if isinstance(asked, Mapping) is isinstance(path, Mapping):
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise Refused(bad_request(f"spec.resourceAttributes: Invalid value: {text}"))
    allowed = may_use(asked, user, cluster) if isinstance(asked, Mapping) else may_visit(path or {}, user, cluster)
    return {"spec": dict(spec), "status": {"allowed": allowed}}


def may_use(asked: Mapping[str, Any], user: Any, cluster: str) -> bool:
    plural, subresource = str(asked.get("resource", "")), str(asked.get("subresource") or "")
    group, verb = str(asked.get("group", "")), str(asked.get("verb", ""))
    namespace = str(asked.get("namespace") or "")
    if plural == "namespaces" and not group:
        namespace = str(asked.get("name") or "")
    resource = f"{plural}/{subresource}" if subresource else plural
    basic = any(each.allows(verb, group, resource) for each in roles.BASIC_USER)
    return basic or access.allowed(user, cluster, verb, group, resource, namespace)


def may_visit(asked: Mapping[str, Any], user: Any, cluster: str) -> bool:
    verb, path = str(asked.get("verb", "")), str(asked.get("path", ""))
    given = roles.rules_in(access.grants(user, cluster), "")
    return user.is_superuser or any(each.visits(verb, path) for each in (*roles.DISCOVERY, *given))


def rules(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:
    namespace = str(spec.get("namespace") or "")
    if not namespace:
        raise Refused(bad_request("no namespace on request"))
    given = [Grant(role="cluster-admin")] if user.is_superuser else access.grants(user, cluster)
    found = [*roles.EVERYBODYS, *roles.rules_in(given, namespace)]
    about = [each.manifest for each in dict.fromkeys(found)]
    return {
        "spec": {},
        "status": {
            "resourceRules": [each for each in about if "resources" in each],
            "nonResourceRules": [each for each in about if "nonResourceURLs" in each],
            "incomplete": False,
        },
    }


ANSWERS: Mapping[str, Callable[[Mapping[str, Any], Any, str], Json]] = {
    "selfsubjectaccessreviews": can_i,
    "selfsubjectrulesreviews": rules,
    "selfsubjectreviews": whoami,
}
