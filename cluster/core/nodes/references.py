"""The ConfigMaps and Secrets that a pod's containers need before they can be made (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables;
pkg/volume). Keys within them are not looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.core.objects import Manifest

CONFIG_MAP, SECRET = "configmap", "secret"
SOURCES = {"configMapRef": CONFIG_MAP, "secretRef": SECRET}
VOLUMES = {"configMap": CONFIG_MAP, "secret": SECRET}
KEYS = {"configMapKeyRef": CONFIG_MAP, "secretKeyRef": SECRET}


@dataclass(frozen=True, slots=True)
class Reference:
    """`volume` "": a variable's."""

    kind: str
    name: str
    volume: str = ""


def of_volumes(spec: Manifest) -> tuple[Reference, ...]:
    """Of a pod's spec, without those that are optional."""
    return tuple(dict.fromkeys(_volumes(spec)))


def of_variables(container: Manifest) -> tuple[Reference, ...]:
    """Of a container, without those that are optional, in the order in which a kubelet meets them."""
    return tuple(dict.fromkeys(_variables(container)))


def _volumes(spec: Manifest) -> Iterator[Reference]:
    for volume, source in sources_of(spec):
        for field, kind in VOLUMES.items():
            found = source.get(field)
            if found and name_of(found) and not found.get("optional"):
                yield Reference(kind, name_of(found), volume["name"])


def sources_of(spec: Manifest) -> Iterator[tuple[Manifest, Manifest]]:
    """(volume, source): a volume itself, and each source that is projected into it."""
    for volume in spec.get("volumes") or ():
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            yield volume, source


def name_of(source: Manifest) -> str:
    """Of a volume's ConfigMap, or of its Secret."""
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
