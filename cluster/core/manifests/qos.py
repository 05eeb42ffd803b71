"""A pod's quality of service class (pkg/apis/core/v1/helper/qos/qos.go)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from cluster.core.manifests import quantities
from cluster.core.objects import Manifest

COMPUTE = ("cpu", "memory")
QosClass = Literal["BestEffort", "Burstable", "Guaranteed"]


def qos_class(spec: Manifest) -> QosClass:
    """The class of a pod with this spec, as a pod has it: requests that were left out already equal the limits."""
    requests: dict[str, int] = defaultdict(int)
    limits: dict[str, int] = defaultdict(int)
    all_limited = True
    for container in _containers(spec):
        resources = container.get("resources") or {}
        _add(requests, resources.get("requests") or {})
        limited = _add(limits, resources.get("limits") or {})
        all_limited = all_limited and limited == set(COMPUTE)
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if all_limited and requests == limits else "Burstable"


def _containers(spec: Manifest) -> Iterator[Manifest]:
    yield from spec.get("containers") or ()
    yield from spec.get("initContainers") or ()


def _add(total: dict[str, int], amounts: Manifest) -> set[str]:
    """Adds the amounts above zero; returns their names."""
    found = {name: quantities.nanos(amounts[name]) for name in COMPUTE if name in amounts}
    positive = {name: amount for name, amount in found.items() if amount > 0}
    for name, amount in positive.items():
        total[name] += amount
    return set(positive)
