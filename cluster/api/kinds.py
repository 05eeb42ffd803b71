"""The kinds that are served. Routes, discovery and schemas follow from this table."""

from collections.abc import Mapping
from dataclasses import dataclass

EVERYTHING = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READING = ("get", "list", "watch")
CHANGING = ("get", "patch", "update")
APPS = (("apps", "v1"), ("apps", "v1beta2"), ("apps", "v1beta1"), ("extensions", "v1beta1"))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Kind:
    """There is one of each. `served`: (group, version) pairs, the preferred one first. `subresources`: name -> verbs."""

    name: str
    plural: str
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    namespaced: bool = True
    verbs: tuple[str, ...] = READING
    served: tuple[tuple[str, str], ...] = (("", "v1"),)
    subresources: Mapping[str, tuple[str, ...]]

    @property
    def singular(self) -> str:
        return self.name.lower()

    @property
    def resource(self) -> str:
        """As error texts name it: deployments.apps."""
        group = self.served[0][0]
        return f"{self.plural}.{group}" if group else self.plural


KINDS = (
    Kind(name="Namespace", plural="namespaces", short=("ns",), namespaced=False,
         verbs=("create", "delete", "get", "list", "patch", "update", "watch"), subresources={}),
    Kind(name="Node", plural="nodes", short=("no",), namespaced=False, verbs=EVERYTHING, subresources={}),
    Kind(name="Pod", plural="pods", short=("po",), categories=("all",), verbs=EVERYTHING,
         subresources={"log": ("get",), "status": ("get",)}),
    Kind(name="Event", plural="events", short=("ev",), verbs=EVERYTHING, served=(("", "v1"), ("events.k8s.io", "v1")), subresources={}),
    Kind(name="Deployment", plural="deployments", short=("deploy",), categories=("all",), verbs=EVERYTHING, served=APPS,
         subresources={"scale": CHANGING, "status": CHANGING, "rollback": ("create",)}),
    Kind(name="ReplicaSet", plural="replicasets", short=("rs",), categories=("all",), verbs=EVERYTHING, served=APPS[:2] + APPS[3:],
         subresources={"scale": CHANGING, "status": CHANGING}),
)  # fmt: skip
REVIEWS = {
    ("authorization.k8s.io", "v1"): ("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
    ("authentication.k8s.io", "v1"): ("selfsubjectreviews",),
}
REVIEW_KINDS = {
    "selfsubjectaccessreviews": "SelfSubjectAccessReview",
    "selfsubjectrulesreviews": "SelfSubjectRulesReview",
    "selfsubjectreviews": "SelfSubjectReview",
}
BY_PLURAL = {each.plural: each for each in KINDS}


def find(group: str, version: str, plural: str) -> Kind | None:
    kind = BY_PLURAL.get(plural)
    return kind if kind and (group, version) in kind.served else None


def group_versions() -> dict[str, list[str]]:
    """Group -> versions, the preferred first; without the core group."""
    found: dict[str, list[str]] = {}
    pairs = [pair for kind in KINDS for pair in kind.served] + list(REVIEWS)
    for group, version in pairs:
        if group and version not in found.setdefault(group, []):
            found[group].append(version)
    return found


def has_subresource(kind: Kind, name: str, group: str, version: str) -> bool:
    """`rollback` belongs to the old versions."""
    if name == "rollback":
        return (group, version) in (("apps", "v1beta1"), ("extensions", "v1beta1"))
    return name in kind.subresources
