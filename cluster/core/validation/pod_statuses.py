"""A pod's status as a client writes it (pkg/apis/core/validation: ValidatePodStatusUpdate)."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from cluster.core.objects import Manifest
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, FieldError, each_invalid, forbidden, invalid

SYSTEM_CONDITIONS = ("PodScheduled", "Ready", "Initialized")
NOT_NEGATIVE = "must be a non-negative integer"
NOT_ANEW = "may not be transitioned to non-terminated state"
ONE_OF_EACH_FAMILY = "may specify no more than one IP for each IP family"
BOUND = "may not be set on pods that are already bound to a node"
CONTAINERS = (("containerStatuses", "containers"), ("initContainerStatuses", "initContainers"))
EPHEMERAL = "ephemeralContainerStatuses"


def validate_pod_status(old: Manifest, new: Manifest, spec: Manifest) -> list[FieldError]:
    """The errors of a pod's new status; `old` is the stored one, `spec` the pod's."""
    found = [
        *conditions(new.get("conditions") or ()),
        *nominated_node(old, new, spec),
        *observed_generation(new, "status"),
        *qos(old, new),
    ]
    for key, containers in CONTAINERS:
        of_spec = {each["name"]: each for each in spec.get(containers) or ()}
        found += transitions(old.get(key) or (), new.get(key) or (), f"status.{key}", spec, of_spec)
    found += transitions(old.get(EPHEMERAL) or (), new.get(EPHEMERAL) or (), f"status.{EPHEMERAL}", {}, {})
    return [*found, *addresses(old, new, "podIPs"), *host_addresses(old, new)]


def conditions(found: Any) -> Errors:
    for place, each in enumerate(found):
        here, kind = f"status.conditions[{place}]", str(each.get("type") or "")
        yield from observed_generation(each, here)
        if kind not in SYSTEM_CONDITIONS:
            yield from each_invalid(f"{here}.Type", kind, formats.qualified_name(kind))


def observed_generation(found: Mapping[str, Any], field: str) -> Errors:
    if (found.get("observedGeneration") or 0) < 0:
        yield invalid(f"{field}.observedGeneration", found["observedGeneration"], NOT_NEGATIVE)


def nominated_node(old: Manifest, new: Manifest, spec: Manifest) -> Errors:
    field, name = "status.nominatedNodeName", new.get("nominatedNodeName") or ""
    if name and name != (old.get("nominatedNodeName") or ""):
        yield from each_invalid(field, name, formats.dns_subdomain(name))
        if spec.get("nodeName"):
            yield forbidden(field, BOUND)


def qos(old: Manifest, new: Manifest) -> Errors:
    if new.get("qosClass") != old.get("qosClass"):
        yield invalid("status.qosClass", new.get("qosClass") or "", "field is immutable")


def transitions(old: Any, new: Any, field: str, spec: Manifest, containers: Mapping[str, Manifest]) -> Errors:
    """A container that has ended, and is not to be restarted, may not run again."""
    running = {each.get("name") for each in new if not is_terminated(each)}
    for place, each in enumerate(old):
        container = containers.get(each.get("name", ""))
        may = container is not None and should_restart(container, spec, exit_code_of(each))
        if is_terminated(each) and each.get("name") in running and not may:
            yield forbidden(f"{field}[{place}].state", NOT_ANEW)


def is_terminated(status: Mapping[str, Any]) -> bool:
    return (status.get("state") or {}).get("terminated") is not None


def exit_code_of(status: Mapping[str, Any]) -> int:
    return int(((status.get("state") or {}).get("terminated") or {}).get("exitCode") or 0)


def should_restart(container: Manifest, spec: Manifest, exit_code: int) -> bool:
    """Whether one of the container's rules restarts it, else its own policy, else the pod's (ContainerShouldRestart)."""
    own = container.get("restartPolicy")
    rules = container.get("restartPolicyRules") or () if own else ()
    if any(each.get("action") == "Restart" and matches(each.get("exitCodes"), exit_code) for each in rules):
        return True
    policy = own or spec.get("restartPolicy") or "Always"
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def matches(rule: Mapping[str, Any] | None, exit_code: int) -> bool:
    if rule is None:
        return False
    return (exit_code in (rule.get("values") or ())) is (rule.get("operator") == "In")


def addresses(old: Manifest, new: Manifest, key: str) -> Errors:
    """New addresses must be well formed, and there may be at most one of each family."""
    told, held = ([str((each or {}).get("ip") or "") for each in status.get(key) or ()] for status in (new, old))
    for place, each in enumerate(told):
        if each not in held:
            yield from each_invalid(f"status.{key}[{place}]", each, formats.ip(each))
    if len(told) > 1 and families(told) != [4, 6]:
        yield invalid(f"status.{key}", new[key], ONE_OF_EACH_FAMILY)


def families(told: list[str]) -> list[int]:
    try:
        return sorted(ip_address(each).version for each in told)
    except ValueError:
        return []


def host_addresses(old: Manifest, new: Manifest) -> Errors:
    told = [(each or {}).get("ip") or "" for each in new.get("hostIPs") or ()]
    if told and (new.get("hostIP") or "") != told[0]:
        yield invalid("status.hostIPs[0].ip", told[0], "must be equal to `hostIP`")
    yield from addresses(old, new, "hostIPs")
