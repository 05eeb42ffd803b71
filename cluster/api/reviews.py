"""What a user asks about himself: `kubectl auth can-i`, `kubectl auth whoami`."""

from typing import Any

from cluster.api import access
from cluster.api.kinds import REVIEWS

Json = dict[str, Any]


def find(parts: list[str]) -> str | None:
    """The review that a path names."""
    if len(parts) != 4 or parts[0] != "apis":
        return None
    name = REVIEWS.get((parts[1], parts[2]))
    return name if name == parts[3] else None


def review(name: str, value: Any, user: Any) -> Json:
    return whoami(user) if name == "selfsubjectreviews" else can_i(value if isinstance(value, dict) else {}, user)


def whoami(user: Any) -> Json:
    groups = [*user.groups.order_by("name").values_list("name", flat=True), "system:authenticated"]
    info = {"username": user.get_username(), "uid": str(user.pk), "groups": groups}
    kind = {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"}
    return {**kind, "metadata": {"creationTimestamp": None}, "status": {"userInfo": info}}


def can_i(value: Json, user: Any) -> Json:
    spec = value.get("spec") or {}
    asked = spec.get("resourceAttributes") or {}
    verb, plural = asked.get("verb", ""), asked.get("resource", "")
    allowed = access.allowed(user, verb, plural, asked.get("namespace") or None)
    kind = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1"}
    return {**kind, "metadata": {"creationTimestamp": None}, "spec": spec, "status": {"allowed": allowed}}
