"""The ConfigMaps and Secrets that a pod's containers need before they can be created (pkg/kubelet/kubelet_pods.go,
makeEnvironmentVariables; pkg/volume). Their keys are not checked."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.core.objects import Manifest

CONFIG_MAP, SECRET = "configmap", "secret"
SOURCES = {"configMapRef": CONFIG_MAP, "secretRef": SECRET}
VOLUMES = {"configMap": CONFIG_MAP, "secret": SECRET}
KEYS = {"configMapKeyRef": CONFIG_MAP, "secretKeyRef": SECRET}


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of the volume of that name; `volume` "": of a variable."""

    kind: str
    name: str
    volume: str = ""


def of_volumes(spec: Manifest) -> tuple[Reference, ...]:
    """The references of a pod spec's volumes, without optional ones."""
    return tuple(dict.fromkeys(_volumes(spec)))


def of_variables(container: Manifest) -> tuple[Reference, ...]:
    """The references of a container's variables, without optional ones, in the kubelet's order."""
    return tuple(dict.fromkeys(_variables(container)))


def _volumes(spec: Manifest) -> Iterator[Reference]:
    for volume, source in sources_of(spec):
        for field, kind in VOLUMES.items():
            found = source.get(field)
            if found and name_of(found) and not found.get("optional"):
                yield Reference(kind, name_of(found), volume["name"])


def sources_of(spec: Manifest) -> Iterator[tuple[Manifest, Manifest]]:
    """Pairs (volume, source): each volume itself, and each source that is projected into it."""
    for volume in spec.get("volumes") or ():
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            yield volume, source


def name_of(source: Manifest) -> str:
    """The name of a volume's ConfigMap or Secret."""
    return str(source.get("secretName") or source.get("name") or "")


def _variables(container: Manifest) -> Iterator[Reference]:
    for source in container.get("envFrom") or ():
        yield from _named(source, SOURCES)
    for variable in container.get("env") or ():
        yield from _named(variable.get("valueFrom") or {}, KEYS)


def _named(holder: Manifest, kinds: dict[str, str]) -> Iterator[Reference]:
    for field, kind in kinds.items():
        found = holder.get(field)
        if found and found.get("name") and not found.get("optional"):
            yield Reference(kind, found["name"])
