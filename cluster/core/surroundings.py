"""Further objects of a cluster that matter to its pods: kept objects that the scheduler and admission read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cluster.core.objects import Labels, Manifest
from cluster.core.scheduling.priority import PriorityClass, read_class

ACCOUNTS, CLAIMS, SERVICES = "serviceaccounts", "persistentvolumeclaims", "services"
CLASSES = "priorityclasses.scheduling.k8s.io"
RESOURCES = (ACCOUNTS, CLAIMS, SERVICES, CLASSES)
KINDS = ("ServiceAccount", "PersistentVolumeClaim", "Service", "PriorityClass")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """`namespaces`: their labels by name. `services`: (namespace, selector). `claims`: (namespace, name) of the volume claims
    that exist, `accounts` of the service accounts, `classes`: the priority classes. These three are None where they are unknown,
    as in a rehearsal: then none counts as missing."""

    namespaces: Mapping[str, Labels] = field(default_factory=dict)
    services: tuple[tuple[str, Labels], ...] = ()
    claims: frozenset[tuple[str, str]] | None = None
    accounts: frozenset[tuple[str, str]] | None = None
    classes: tuple[PriorityClass, ...] | None = None

    def services_of(self, namespace: str, labels: Labels) -> list[Labels]:
        """The selectors of the services that select pods with these labels (GetPodServices)."""
        return [
            selector
            for there, selector in self.services
            if there == namespace and selector and selector.items() <= labels.items()
        ]


def read(namespaces: Mapping[str, Labels], kept: Iterable[tuple[str, Manifest]]) -> Surroundings:
    """The Surroundings of these namespaces and of `kept`: (resource, manifest) of RESOURCES."""
    by_resource: dict[str, list[Manifest]] = {each: [] for each in RESOURCES}
    for resource, manifest in kept:
        by_resource[resource].append(manifest)
    services = ((namespace_of(each), each.get("spec", {}).get("selector") or {}) for each in by_resource[SERVICES])
    return Surroundings(
        namespaces={name: {**labels, "kubernetes.io/metadata.name": name} for name, labels in namespaces.items()},
        services=tuple(services),
        claims=keys_of(by_resource[CLAIMS]),
        accounts=keys_of(by_resource[ACCOUNTS]),
        classes=tuple(map(read_class, by_resource[CLASSES])),
    )


def keys_of(manifests: Iterable[Manifest]) -> frozenset[tuple[str, str]]:
    return frozenset((namespace_of(each), each["metadata"]["name"]) for each in manifests)


def namespace_of(manifest: Manifest) -> str:
    return str(manifest["metadata"].get("namespace") or "")
