"""Parses paths of the API."""

from dataclasses import dataclass
from typing import Any

from cluster.api import kinds, served
from cluster.api.kinds import Kind
from cluster.spaces import DEFAULT_CLUSTER, Space


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """`namespace` None: the whole cluster. `name` None: the collection."""

    cluster: str
    group: str
    version: str
    kind: Kind
    namespace: str | None = None
    name: str | None = None
    subresource: str = ""

    @property
    def space(self) -> Space:
        """The cluster and namespace, "" without one."""
        return Space(self.cluster, self.namespace or "")

    @property
    def schema(self) -> dict[str, Any]:
        return self.kind.schema(self.group, self.version)

    @property
    def group_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


def split(path: str) -> tuple[str, list[str]]:
    """(cluster, parts of the path below it): /clusters/NAME/api/v1 and, for the default cluster, /api/v1."""
    parts = [each for each in path.split("/") if each]
    if parts[:1] == ["clusters"] and len(parts) > 1:
        return parts[1], parts[2:]
    return DEFAULT_CLUSTER, parts


def names_cluster(path: str) -> bool:
    return path.startswith("/clusters/")


def names_collection(path: str) -> bool:
    """Whether a path has the form of a collection's."""
    rest = below_version(split(path)[1])
    return len(rest) == 1 or (len(rest) == 3 and rest[0] == "namespaces")


def names_object(path: str) -> bool:
    """Whether a path has the form of a stored object's, without a subresource: reading one is a small piece of work. Metrics are
    not stored."""
    _, parts = split(path)
    if parts[:1] not in (["api"], ["apis"]) or parts[1:2] == ["metrics.k8s.io"]:
        return False
    rest = below_version(parts)
    return len(rest) == 2 or (len(rest) == 4 and rest[0] == "namespaces")


def below_version(parts: list[str]) -> list[str]:
    return parts[2:] if parts[:1] == ["api"] else parts[3:]


def parse(path: str) -> Target | None:
    """.../api/v1/namespaces/NS/pods/NAME/log, .../apis/apps/v1/deployments; None for a path that is not served."""
    cluster, parts = split(path)
    if parts[:1] == ["api"]:
        parts.insert(1, "")
    if len(parts) < 4 or "\0" in path:
        return None
    _, group, version, *rest = parts
    namespace = None
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    if not 1 <= len(rest) <= 3:
        return None
    kind = served.find(cluster, group, version, rest[0])
    subresource = rest[2] if len(rest) == 3 else ""
    if kind is None or (subresource and not kinds.has_subresource(kind, subresource, group, version)):
        return None
    if bool(namespace) and not kind.namespaced:
        return None
    name = rest[1] if len(rest) > 1 else None
    return Target(
        cluster=cluster,
        group=group,
        version=version,
        kind=kind,
        namespace=namespace,
        name=name,
        subresource=subresource,
    )
