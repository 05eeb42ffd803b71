"""What pods request and nodes have (component-helpers resource/helpers.go; pkg/scheduler/framework/types.go, Resource)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.objects import Manifest

Amounts = dict[str, int]  # resource name -> nanos
NANOS, NANOS_OF_A_MILLI = 10**9, 10**6
# The requests assumed for a container without any when nodes are scored (pkg/scheduler/util/pod_resources.go).
NONZERO: Mapping[str, str] = {"cpu": "100m", "memory": "200Mi"}
POD_LEVEL = ("cpu", "memory")


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """`cpu` in thousandths, the others in whole units (bytes, devices)."""

    cpu: int = 0
    memory: int = 0
    ephemeral_storage: int = 0
    scalar: Mapping[str, int] = field(default_factory=dict)

    def is_zero(self) -> bool:
        return not (self.cpu or self.memory or self.ephemeral_storage or self.scalar)


def is_scalar(name: str) -> bool:
    """Whether a resource is counted by name: extended resources, huge pages and attachable volumes (IsScalarResourceName)."""
    return "/" in name or name.startswith(("hugepages-", "attachable-volumes-"))


@lru_cache(maxsize=4096)
def nanos(text: str) -> int:
    """The quantity in nanos. Raises ValueError."""
    return quantities.nanos(text)


def amounts(manifest: Mapping[str, Any] | None) -> Amounts:
    return {name: nanos(str(value)) for name, value in (manifest or {}).items()}


def resources(found: Mapping[str, int]) -> Resources:
    """Amounts as Resources, rounded up as Quantity.MilliValue and Quantity.Value are."""
    return Resources(
        cpu=-(-found.get("cpu", 0) // NANOS_OF_A_MILLI),
        memory=whole(found.get("memory", 0)),
        ephemeral_storage=whole(found.get("ephemeral-storage", 0)),
        scalar={name: whole(value) for name, value in found.items() if is_scalar(name)},
    )


def whole(value: int) -> int:
    return -(-value // NANOS)


def pod_amounts(spec: Manifest, kind: str = "requests", missing: Mapping[str, str] | None = None) -> Amounts:
    """What a pod requests (`kind` requests) or may use (limits): its containers and sidecars together or, where that is more,
    an init container with the sidecars before it; instead of these its pod-level resources where it has them; and its
    overhead. `missing`: the amounts assumed for a container without any (PodRequests, PodLimits)."""
    defaults = amounts(missing)
    together = total({**defaults, **of_container(each, kind)} for each in spec.get("containers") or ())
    starting: Amounts = {}
    sidecars: Amounts = {}
    for each in spec.get("initContainers") or ():
        own = {**defaults, **of_container(each, kind)}
        if each.get("restartPolicy") == "Always":
            together, sidecars = total((together, own)), total((sidecars, own))
            starting = greater(starting, sidecars)
        else:
            starting = greater(starting, total((own, sidecars)))
    found = greater(together, starting)
    own = of_container(spec, kind)
    found |= {name: value for name, value in own.items() if name in POD_LEVEL or name.startswith("hugepages-")}
    return with_overhead(found, amounts(spec.get("overhead")), kind)


def with_overhead(found: Amounts, overhead: Amounts, kind: str) -> Amounts:
    """Adds the overhead; a resource without a limit stays without one."""
    if kind == "limits":
        overhead = {name: value for name, value in overhead.items() if found.get(name)}
    return total((found, overhead)) if overhead else found


def of_container(container: Manifest, kind: str) -> Amounts:
    return amounts((container.get("resources") or {}).get(kind))


def total(several: Iterable[Mapping[str, int]]) -> Amounts:
    found: Amounts = {}
    for each in several:
        for name, value in each.items():
            found[name] = found.get(name, 0) + value
    return found


def greater(one: Mapping[str, int], other: Mapping[str, int]) -> Amounts:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in (*one, *other)}
