"""The parts of a pod's spec that determine its life on a node, with the behaviours of its images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cluster.core.nodes import behaviour, gates, probes, references
from cluster.core.nodes.probes import Probe
from cluster.core.nodes.references import Reference
from cluster.core.objects import ImageBehaviour, Manifest

Role = Literal["init", "sidecar", "main"]
DEFAULT_GRACE_SECONDS = 30.0
SLEEP = "sleep"


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerLife:
    """One container. A `sidecar` is an init container with restart policy Always (pkg/kubelet/types/pod_update.go
    IsRestartableInitContainer). `chances` is part of the seed of its random numbers, so that the containers of a pod differ."""

    name: str
    image: str
    role: Role
    behaviour: ImageBehaviour
    pull_policy: str
    restart_policy: str
    startup: Probe | None
    readiness: Probe | None
    liveness: Probe | None
    pre_stop_seconds: float
    needs: tuple[Reference, ...]
    chances: str

    def lasting(self, seconds: float, uid: str, purpose: str) -> float:
        return behaviour.lasting(seconds, self.behaviour, uid, purpose + self.chances)

    def fails(self, uid: str, failure: str) -> bool:
        """Whether the image has this failure and the pod is among those affected."""
        return self.behaviour.failure == failure and behaviour.is_struck(self.behaviour, uid)


@dataclass(frozen=True, kw_only=True, slots=True)
class PodLife:
    containers: tuple[ContainerLife, ...]
    mounts: tuple[Reference, ...]
    grace_seconds: float
    restart_policy: str
    gates: tuple[str, ...]


def read(spec: Manifest, behaviours: tuple[ImageBehaviour, ...]) -> PodLife:
    """The PodLife of a pod's spec, init containers first."""
    policy = str(spec.get("restartPolicy") or "Always")
    init: list[Any] = spec.get("initContainers") or []
    main: list[Any] = spec.get("containers") or [{"name": "container", "image": ""}]
    grace = spec.get("terminationGracePeriodSeconds")
    found = [(each, "sidecar" if each.get("restartPolicy") == "Always" else "init") for each in init]
    every = [*found, *((each, "main") for each in main)]
    return PodLife(
        containers=tuple(
            read_container(each, role, policy, behaviours, number - len(init))  # type: ignore[arg-type]
            for number, (each, role) in enumerate(every)
        ),
        mounts=references.of_volumes(spec),
        grace_seconds=DEFAULT_GRACE_SECONDS if grace is None else float(grace),
        restart_policy=policy,
        gates=gates.read(spec),
    )


def read_container(
    container: Mapping[str, Any], role: Role, policy: str, behaviours: tuple[ImageBehaviour, ...], number: int
) -> ContainerLife:
    image = str(container.get("image", ""))
    policies = {"sidecar": "Always", "init": "OnFailure" if policy == "Always" else policy, "main": policy}
    return ContainerLife(
        name=container["name"],
        image=image,
        role=role,
        behaviour=behaviour.find(behaviours, image),
        pull_policy=container.get("imagePullPolicy") or "IfNotPresent",
        restart_policy=policies[role],
        startup=probes.read(container, "startupProbe"),
        readiness=probes.read(container, "readinessProbe"),
        liveness=probes.read(container, "livenessProbe"),
        pre_stop_seconds=read_pre_stop(container),
        needs=references.of_variables(container),
        chances="" if number == 0 else f"/{container['name']}",
    )


def read_pre_stop(container: Mapping[str, Any]) -> float:
    """Seconds that the preStop hook takes: those of `sleep`, or of a command that only sleeps; others take no time."""
    hook = (container.get("lifecycle") or {}).get("preStop") or {}
    if hook.get("sleep"):
        return float(hook["sleep"].get("seconds") or 0)
    words = (hook.get("exec") or {}).get("command") or []
    if len(words) == 3 and words[0].endswith("sh") and words[1] == "-c":
        words = words[2].split()
    if len(words) == 2 and words[0].rpartition("/")[2] == SLEEP:
        return seconds_of(words[1])
    return 0.0


def seconds_of(text: str) -> float:
    """The text as a number of seconds; 0 for anything else."""
    try:
        return max(float(text), 0.0) if len(text) < 12 else 0.0
    except ValueError:
        return 0.0
