"""What a user asks about himself: `kubectl auth can-i`, `auth can-i --list`, `auth whoami` (pkg/registry/authorization)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cluster.api import served
from cluster.api.auth import access, impersonation, tokens
from cluster.api.kinds import NAMESPACED_REVIEWS, REVIEW_KINDS, REVIEWS, Kind
from cluster.spaces import Space
from cluster.statuses import Refused, bad_request, failure
from cluster.writing.permissions import LEVELS, level

Json = dict[str, Any]
OF_OTHERS = ("localsubjectaccessreviews", "subjectaccessreviews", "tokenreviews")
EVERYBODYS_PATHS = (
    "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version",
    "/version/",
)  # fmt: skip


def find(parts: list[str]) -> str | None:
    """The review that a path names."""
    in_namespace = len(parts) == 6 and parts[3] == "namespaces"
    if parts[:1] != ["apis"] or not (in_namespace or len(parts) == 4):
        return None
    name = parts[-1]
    served_here = name in REVIEWS.get((parts[1], parts[2]), ()) and in_namespace is (name in NAMESPACED_REVIEWS)
    return name if served_here else None


def review(name: str, value: Any, user: Any, cluster: str) -> Json:
    """Raises Refused (400; 403: only administrators ask about others)."""
    if name in OF_OTHERS and not user.is_superuser:
        group = next(pair[0] for pair, names in REVIEWS.items() if name in names)
        text = f'{name}.{group} is forbidden: User "{user.get_username()}" cannot create resource "{name}" in API group "{group}"'
        raise Refused(failure(403, "Forbidden", f"{text} at the cluster scope", group=group, kind=name))
    spec = value.get("spec") or {} if isinstance(value, Mapping) else {}
    if not isinstance(spec, Mapping):
        raise Refused(bad_request(f"{REVIEW_KINDS[name]}.spec: an object is wanted"))
    group, version = next(pair for pair, names in REVIEWS.items() if name in names)
    kind = {"kind": REVIEW_KINDS[name], "apiVersion": f"{group}/{version}"}
    return {**kind, "metadata": {"creationTimestamp": None}, **ANSWERS[name](spec, user, cluster)}


def can_somebody(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:  # noqa: ARG001 the shape of ANSWERS
    """(Local)SubjectAccessReview: of a user by name, or of groups alone."""
    groups = [str(each) for each in spec.get("groups") or ()]
    if not spec.get("user") and not groups:
        raise Refused(bad_request('spec.user: Invalid value: "": at least one of user or group must be specified'))
    return can_i(spec, impersonation.somebody(str(spec.get("user") or "system:anonymous"), groups), cluster)


def of_token(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:  # noqa: ARG001
    """TokenReview: whose a token is."""
    found = tokens.user_of(f"Bearer {spec.get('token') or ''}")
    if found is None:
        error = "[invalid bearer token, unknown token]"
        return {"spec": dict(spec), "status": {"user": {}, "error": error}}
    return {
        "spec": dict(spec),
        "status": {"authenticated": True, "user": whoami({}, found, cluster)["status"]["userInfo"]},
    }


def whoami(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:  # noqa: ARG001 the shape of ANSWERS
    masters = ["system:masters"] if user.is_superuser else []
    groups = [*masters, *user.groups.order_by("name").values_list("name", flat=True), "system:authenticated"]
    return {"status": {"userInfo": {"username": user.get_username(), "uid": str(user.pk), "groups": groups}}}


def can_i(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:
    asked, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if isinstance(asked, Mapping) is isinstance(path, Mapping):
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise Refused(bad_request(f"spec.resourceAttributes: Invalid value: {text}"))
    allowed = may_use(asked, user, cluster) if isinstance(asked, Mapping) else may_visit(path or {}, user)
    return {"spec": dict(spec), "status": {"allowed": allowed}}


def may_use(asked: Mapping[str, Any], user: Any, cluster: str) -> bool:
    verb, plural = str(asked.get("verb", "")), str(asked.get("resource", ""))
    if user.is_superuser:
        return True
    named = (each for each in served.table_of(cluster).rows if each.plural == plural)
    kind = next((each for each in named if str(asked.get("group", "")) in {group for group, _ in each.served}), None)
    if kind is None:
        return False
    subresource = str(asked.get("subresource") or "")
    verbs = kind.subresources.get(subresource, ()) if subresource else kind.verbs
    return verb in verbs and access.allowed(
        user, verb, plural, Space(cluster, str(asked.get("namespace") or "")), str(asked.get("name") or "")
    )


def may_visit(asked: Mapping[str, Any], user: Any) -> bool:
    path = str(asked.get("path", ""))
    return user.is_superuser or (
        asked.get("verb") == "get"
        and any(path == each or (each.endswith("*") and path.startswith(each[:-1])) for each in EVERYBODYS_PATHS)
    )


def rules(spec: Mapping[str, Any], user: Any, cluster: str) -> Json:
    namespace = str(spec.get("namespace") or "")
    if not namespace:
        raise Refused(bad_request("no namespace on request"))
    paths = [{"verbs": ["get"], "nonResourceURLs": list(EVERYBODYS_PATHS)}]
    if user.is_superuser:
        everything = rule(["*"], ["*"], ["*"])
        paths = [{"verbs": ["*"], "nonResourceURLs": ["*"]}]
        found = [everything]
    else:
        found = [
            *own_rules(),
            *(
                each
                for kind in served.table_of(cluster).rows
                for each in kind_rules(kind, level(user, Space(cluster, namespace)))
            ),
        ]
    return {"spec": {}, "status": {"resourceRules": found, "nonResourceRules": paths, "incomplete": False}}


def own_rules() -> Iterator[Json]:
    for (group, _), names in REVIEWS.items():
        yield rule(["create"], [group], [each for each in names if each not in OF_OTHERS])


def kind_rules(kind: Kind, given: int) -> Iterator[Json]:
    """Of a kind and its subresources, as far as a level goes."""
    groups = list(dict.fromkeys(group for group, _ in kind.served))
    for resource, verbs in (
        (kind.plural, kind.verbs),
        *((f"{kind.plural}/{n}", v) for n, v in kind.subresources.items()),
    ):
        if not kind.namespaced or given < LEVELS["edit"]:
            verbs = tuple(each for each in verbs if each in access.READING)
        if verbs and (not kind.namespaced or given >= LEVELS["view"]):
            yield rule(list(verbs), groups, [resource])


def rule(verbs: list[str], groups: list[str], resources: list[str]) -> Json:
    return {"verbs": verbs, "apiGroups": groups, "resources": resources}


ANSWERS: Mapping[str, Callable[[Mapping[str, Any], Any, str], Json]] = {
    "selfsubjectaccessreviews": can_i,
    "selfsubjectrulesreviews": rules,
    "selfsubjectreviews": whoami,
    "localsubjectaccessreviews": can_somebody,
    "subjectaccessreviews": can_somebody,
    "tokenreviews": of_token,
}
