"""The ConfigMaps and Secrets that a pod's containers need before they can be created (pkg/kubelet/kubelet_pods.go,
makeEnvironmentVariables; pkg/volume/configmap and secret, MakePayload)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cluster.core.objects import Manifest

CONFIG_MAP, SECRET = "configmap", "secret"
SOURCES = {"configMapRef": CONFIG_MAP, "secretRef": SECRET}
VOLUMES = {"configMap": CONFIG_MAP, "secret": SECRET}
KEYS = {"configMapKeyRef": CONFIG_MAP, "secretKeyRef": SECRET}
KINDS: Mapping[str, str] = {CONFIG_MAP: "ConfigMap", SECRET: "Secret"}
KEY_WORDS = {CONFIG_MAP: "config", SECRET: "secret"}
Place = tuple[str, str, str]  # (kind, namespace, name)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of the volume of that name; `volume` "": of a variable. `key`: the one that has to be there; "": any."""

    kind: str
    name: str
    volume: str = ""
    key: str = ""


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
                keys = [str(each.get("key")) for each in found.get("items") or ()]
                yield from (Reference(kind, name_of(found), volume["name"], key) for key in keys or ("",))


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
            yield Reference(kind, found["name"], key=str(found.get("key") or ""))


def problem(
    needs: Iterable[Reference],
    namespace: str,
    config: Collection[Place] | None,
    keys: Mapping[Place, Collection[str]],
) -> str:
    """Why the kubelet can't set up the first of these references that is missing; "" if none is. `config`: the objects that exist,
    None: all do. `keys`: their keys; an object that is not in the mapping has every key."""
    if config is None:
        return ""
    for each in needs:
        place = (each.kind, namespace, each.name)
        mount = f'MountVolume.SetUp failed for volume "{each.volume}" : ' if each.volume else ""
        if place not in config:
            return f'{mount}{each.kind} "{each.name}" not found'
        if lacks_key(each, place, keys):
            missing = f"references non-existent {KEY_WORDS[each.kind]} key: {each.key}"
            return (
                mount + missing
                if mount
                else f"couldn't find key {each.key} in {KINDS[each.kind]} {namespace}/{each.name}"
            )
    return ""


def lacks_key(reference: Reference, place: Place, keys: Mapping[Place, Collection[str]]) -> bool:
    return bool(reference.key) and place in keys and reference.key not in keys[place]
