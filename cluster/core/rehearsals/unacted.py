"""Fields of a Deployment's manifest that Rollstage stores but does not act on, although a real cluster would: tables of fields,
each with the sentence that a forecast shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.nodes.lives import read_pre_stop
from cluster.core.objects import Manifest
from cluster.core.rehearsals.stories.story import Story
from cluster.core.texts import noop

CONTAINERS = ("containers", "initContainers")
KNOWN_VOLUMES = frozenset(
    {"name", "emptyDir", "configMap", "secret", "projected", "downwardAPI", "persistentVolumeClaim"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unacted:
    """`places` are paths within the pod's spec (`containers[app].lifecycle.postStart`), or an object beside the Deployment
    (`HorizontalPodAutoscaler/web`); `text` is translated where it is shown."""

    places: tuple[str, ...]
    text: str


# Paths in a pod's spec; [*] means each item of a list.
OF_PODS = {
    "nodeName": noop(
        "Pods are bound to this node without a look at its room. A kubelet refuses a pod that does not fit (OutOfcpu)."
    ),
    "readinessGates": noop(
        "Clients set the conditions of readiness gates. A rehearsal counts the gates as met at once."
    ),
    "imagePullSecrets": noop("Pulling an image needs no credentials here."),
    "runtimeClassName": noop("The runtime class is not looked up. Kubernetes refuses pods of one that does not exist."),
    "resourceClaims": noop("Resource claims are not allocated: no node lacks a device."),
    "securityContext": noop("No process runs, so nothing fails or is slow for its user, its rights or its files."),
    "volumes[*].persistentVolumeClaim": noop(
        "Only whether the claim exists is looked at: no volume is bound, attached or held by another node."
    ),
    "volumes[*].emptyDir.sizeLimit": noop("Nothing is written, so no pod is evicted for its disk."),
}
# Paths in each container and init container.
OF_CONTAINERS = {
    "command": noop("What a container does follows from its image's rule, not from its command."),
    "args": noop("What a container does follows from its image's rule, not from its command."),
    "resources.limits": noop("No container uses anything: none is slowed down, and none is killed for its memory."),
    "lifecycle.postStart": noop("The hook takes no time and does not fail."),
    "lifecycle.stopSignal": noop("A container stops as its image's rule says, whatever the signal."),
    "restartPolicyRules": noop("The rules for exit codes are not looked at; the restart policy is."),
    "securityContext": noop("No process runs, so nothing fails or is slow for its user, its rights or its files."),
}
PRE_STOP = noop("Only a hook that sleeps takes time; this one takes none.")
OTHER_VOLUME = noop("The volume is not mounted: mounting takes no time and does not fail.")
AUTOSCALER = noop("No autoscaler scales this Deployment.")


def unacted(*templates: Manifest) -> list[Unacted]:
    """The unacted fields of pod templates, in the order of the tables; places with the same text are one entry."""
    together: dict[str, dict[str, None]] = {}
    for template in templates:
        for place, text in found_in(template.get("spec") or {}):
            together.setdefault(text, {})[place] = None
    return [Unacted(places=tuple(places), text=text) for text, places in together.items()]


def unacted_in(story: Story) -> list[Unacted]:
    """The unacted fields of a story's manifests."""
    return unacted(*((each.get("spec") or {}).get("template") or {} for each in story.manifests.values()))


def found_in(spec: Manifest) -> Iterator[tuple[str, str]]:
    """Pairs (place, text)."""
    for path, text in OF_PODS.items():
        for place, _ in at(spec, path, ""):
            yield place, text
    for place in other_volumes(spec):
        yield place, OTHER_VOLUME
    for group in CONTAINERS:
        for container in spec.get(group) or ():
            within = f"{group}[{container.get('name')}]"
            for path, text in OF_CONTAINERS.items():
                for place, _ in at(container, path, f"{within}."):
                    yield place, text
            if is_idle_hook(container):
                yield f"{within}.lifecycle.preStop", PRE_STOP


def at(value: Any, path: str, before: str) -> Iterator[tuple[str, Any]]:
    """Pairs (place, value) of all values at a path of a manifest that are not empty."""
    name, _, rest = path.partition(".")
    key, is_list = name.removesuffix("[*]"), name.endswith("[*]")
    found = value.get(key) if isinstance(value, Mapping) else None
    if found in (None, {}, [], ""):
        return
    if not is_list:
        yield from at(found, rest, f"{before}{key}.") if rest else [(f"{before}{key}", found)]
        return
    for each in found:
        yield from at(each, rest, f"{before}{key}[{each.get('name')}].")


def other_volumes(spec: Manifest) -> Iterator[str]:
    for volume in spec.get("volumes") or ():
        for kind in sorted(volume.keys() - KNOWN_VOLUMES):
            yield f"volumes[{volume.get('name')}].{kind}"


def is_idle_hook(container: Manifest) -> bool:
    """Whether the container has a preStop hook that would do something and takes no time here."""
    hook = (container.get("lifecycle") or {}).get("preStop") or {}
    return bool(hook.keys() - {"sleep"}) and not read_pre_stop(container)
