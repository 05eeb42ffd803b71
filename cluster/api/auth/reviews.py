"""Access reviews: `kubectl auth can-i`, `auth can-i --list`, `auth whoami`, and reviews of other users
(pkg/registry/authorization)."""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.api.auth import access, impersonation, own_roles, roles, tokens
from cluster.api.auth.roles import Grant
from cluster.api.kinds import NAMESPACED_REVIEWS, REVIEW_KINDS, REVIEWS
from cluster.core.fields import unlike
from cluster.statuses import Refused, bad_request, failure

Json = dict[str, Any]
OF_OTHERS = ("localsubjectaccessreviews", "subjectaccessreviews", "tokenreviews")


def find(parts: list[str]) -> str | None:
    """The review that a path names; None for any other path."""
    in_namespace = len(parts) == 6 and parts[3] == "namespaces"
    if parts[:1] != ["apis"] or not (in_namespace or len(parts) == 4):
        return None
    name = parts[-1]
    served_here = name in REVIEWS.get((parts[1], parts[2]), ()) and in_namespace is (name in NAMESPACED_REVIEWS)
    return name if served_here else None


def review(name: str, value: Any, user: Any, cluster: str) -> Json:
    """The response to a review. Raises Refused (400; 403: only superusers may review others)."""
    if name in OF_OTHERS and not user.is_superuser:
        group = next(pair[0] for pair, names in REVIEWS.items() if name in names)
        text = f'{name}.{group} is forbidden: User "{user.get_username()}" cannot create resource "{name}" in API group "{group}"'
        raise Refused(failure(403, "Forbidden", f"{text} at the cluster scope", group=group, kind=name))
    spec = value.get("spec") or {} if isinstance(value, Mapping) else {}
    if not isinstance(spec, Mapping):
        raise Refused(bad_request(f"{REVIEW_KINDS[name]}.spec: {unlike('an object', spec)}"))
    group, version = next(pair for pair, names in REVIEWS.items() if name in names)
    kind = {"kind": REVIEW_KINDS[name], "apiVersion": f"{group}/{version}"}
    return {**kind, "metadata": {"creationTimestamp": None}, **ANSWERS[name](spec, user, cluster)}


def can_somebody(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:  # noqa: ARG001 the shape of ANSWERS
    """(Local)SubjectAccessReview: of a user by name, or of groups only."""
    groups = [str(each) for each in spec.get("groups") or ()]
    if not spec.get("user") and not groups:
        raise Refused(bad_request('spec.user: Invalid value: "": at least one of user or group must be specified'))
    return can_i(spec, impersonation.impersonated(str(spec.get("user") or "system:anonymous"), groups), cluster)


def of_token(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:  # noqa: ARG001
    """TokenReview: the user of a token."""
    found = tokens.user_of(f"Bearer {spec.get('token') or ''}")
    if found is None:
        error = "[invalid bearer token, unknown token]"
        return {"spec": dict(spec), "status": {"user": {}, "error": error}}
    return {
        "spec": dict(spec),
        "status": {"authenticated": True, "user": user_info(found, cluster)},
    }


def whoami(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:  # noqa: ARG001 the shape of ANSWERS
    return {"status": {"userInfo": user_info(user, cluster)}}


def user_info(user: Any, cluster: str) -> Json:
    return {"username": user.get_username(), "uid": str(user.pk), "groups": groups_of(user, cluster)}


def groups_of(user: Any, cluster: str) -> list[str]:
    if isinstance(user, impersonation.Impersonated) and user.named:
        return list(dict.fromkeys([*user.named, "system:authenticated"]))
    masters = ["system:masters"] if user.is_superuser else []
    members = [own_roles.MEMBERS] if not user.is_superuser and access.grants(user, cluster) else []
    return [*masters, *members, *user.groups.order_by("name").values_list("name", flat=True), "system:authenticated"]


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
    "localsubjectaccessreviews": can_somebody,
    "subjectaccessreviews": can_somebody,
    "tokenreviews": of_token,
}
