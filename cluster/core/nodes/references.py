"""The ConfigMaps and Secrets that a pod's containers need before they can be made (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables;
pkg/volume). Keys within them are not looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.core.objects import Manifest

CONFIG_MAP, SECRET = "configmap", "secret"
SOURCES = {"configMapRef": CONFIG_MAP, "secretRef": SECRET}
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
    for volume in spec.get("volumes") or ():
        projected = (volume.get("projected") or {}).get("sources") or ()
        for source in (volume, *projected):
            for field, kind, key in (("configMap", CONFIG_MAP, "name"), ("secret", SECRET, "secretName")):
                found = source.get(field)
                name = found and (found.get(key) or found.get("name"))
                if name and not found.get("optional"):
                    yield Reference(kind, name, volume["name"])


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
