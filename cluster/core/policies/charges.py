"""How a pod counts in a quota, and which scopes it is in (pkg/quota/v1/evaluator/core/pods.go)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.manifests.pod_defaults import only_in_pods
from cluster.core.manifests.qos import qos_class
from cluster.core.objects import Manifest
from cluster.core.policies.amounts import DECIMAL, Amounts, whole
from cluster.core.scheduling.resources import pod_amounts

COUNT_OF_PODS = "count/pods"
COMPUTE = frozenset(
    ("pods", "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
     "limits.cpu", "limits.memory", "limits.ephemeral-storage", COUNT_OF_PODS)
)  # fmt: skip
# A quota on one of these requires every container to specify it: upstream calls that a mistake, but keeps it.
MUST_SAY = frozenset(("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"))
LIMITED = ("cpu", "memory", "ephemeral-storage")


@dataclass(frozen=True, slots=True)
class Charge:
    """`usage` is what a pod counts while it has not ended; afterwards (`ended`) it counts as an object only. `spec` is as a pod
    has it: requests that were left out are as large as the limits. `scopes`: those of BestEffort ... that the pod is in,
    whether a quota selects them or not."""

    spec: Manifest
    usage: Amounts
    scopes: frozenset[str]
    ended: Amounts = field(default_factory=lambda: {COUNT_OF_PODS: whole(1)})


def charge_of(spec: Manifest) -> Charge:
    full = only_in_pods(spec)
    formats = formats_in(full)
    requests, limits = pod_amounts(full, "requests"), pod_amounts(full, "limits")
    usage = named(requests, limits, formats)
    return Charge(spec=full, usage={**usage, COUNT_OF_PODS: whole(1)}, scopes=frozenset(scopes_of(full)))


def named(requests: Mapping[str, int], limits: Mapping[str, int], formats: Mapping[str, str]) -> Amounts:
    """The amounts under the names that quotas count (podComputeUsageHelper)."""
    found: Amounts = {"pods": whole(1)}
    for name, nanos in requests.items():
        amount = (nanos, formats.get(name, DECIMAL))
        if name in LIMITED or name.startswith("hugepages-"):
            found[name] = found[f"requests.{name}"] = amount
        elif is_extended(name):
            found[f"requests.{name}"] = amount
    for name in LIMITED:
        if name in limits:
            found[f"limits.{name}"] = (limits[name], formats.get(name, DECIMAL))
    return found


def is_extended(name: str) -> bool:
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def is_counted(name: str) -> bool:
    """Whether a quota's entry of that name counts pods or their resources (MatchingResources)."""
    extended = name.startswith("requests.") and "/" in name
    return name in COMPUTE or name.startswith(("hugepages-", "requests.hugepages-")) or extended


def formats_in(spec: Manifest) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in containers(spec):
        for amounts in (each.get("resources") or {}).values():
            for name, value in amounts.items() if isinstance(amounts, Mapping) else ():
                found.setdefault(name, quantities.parse(str(value).strip()).format)
    return found


def containers(spec: Manifest) -> Iterable[Manifest]:
    return [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]


def unsaid(spec: Manifest, required: Iterable[str]) -> str:
    """What containers must specify and don't, in the words of a refusal; "" if nothing is missing (Constraints)."""
    wanted = sorted(set(required) & MUST_SAY)
    missing: dict[str, set[str]] = {}
    for each in containers(spec) if wanted else ():
        resources = each.get("resources") or {}
        said = named(zeros(resources.get("requests")), zeros(resources.get("limits")), {})
        for name in wanted:
            if name not in said:
                missing.setdefault(name, set()).add(each["name"])
    listed = [f"{name} for: {','.join(sorted(missing[name]))}" for name in wanted if name in missing]
    return f"must specify {'; '.join(listed)}" if listed else ""


def zeros(amounts: Mapping[str, Any] | None) -> dict[str, int]:
    return dict.fromkeys(amounts or (), 0)


def scopes_of(spec: Manifest) -> Iterable[str]:
    yield "BestEffort" if qos_class(spec) == "BestEffort" else "NotBestEffort"
    yield "Terminating" if (spec.get("activeDeadlineSeconds") or -1) >= 0 else "NotTerminating"
    if spec.get("priorityClassName"):
        yield "PriorityClass"
    if crosses_namespaces(spec.get("affinity") or {}):
        yield "CrossNamespacePodAffinity"


def crosses_namespaces(affinity: Manifest) -> bool:
    for kind in ("podAffinity", "podAntiAffinity"):
        found = affinity.get(kind) or {}
        terms = [
            *(found.get("requiredDuringSchedulingIgnoredDuringExecution") or ()),
            *(
                each.get("podAffinityTerm") or {}
                for each in found.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
            ),
        ]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False
