"""A pod's priority from its PriorityClass (plugin/pkg/admission/priority/admission.go)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cluster.core.objects import Manifest

PREEMPTS, NEVER_PREEMPTS = "PreemptLowerPriority", "Never"


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorityClass:
    name: str
    value: int
    preemption_policy: str = PREEMPTS
    is_default: bool = False


SYSTEM_CLASSES = (
    PriorityClass(name="system-node-critical", value=2_000_001_000),
    PriorityClass(name="system-cluster-critical", value=2_000_000_000),
)
NO_CLASS = PriorityClass(name="", value=0)


def read_class(manifest: Manifest) -> PriorityClass:
    return PriorityClass(
        name=manifest["metadata"]["name"],
        value=int(manifest["value"]),
        preemption_policy=manifest.get("preemptionPolicy") or PREEMPTS,
        is_default=bool(manifest.get("globalDefault")),
    )


def admit(spec: Manifest, classes: Iterable[PriorityClass]) -> dict[str, Any]:
    """The spec with the priority and the preemption policy of its class or, if it names none, of the default class with the
    lowest value. Raises ValueError with the text of the refusal (403 Forbidden)."""
    found = class_of(spec.get("priorityClassName") or "", tuple(classes))
    demand(spec.get("priority"), found.value, "integer value of priority")
    demand(spec.get("preemptionPolicy"), found.preemption_policy, "string value of PreemptionPolicy")
    named = {"priorityClassName": found.name} if found.name else {}
    return {**spec, **named, "priority": found.value, "preemptionPolicy": found.preemption_policy}


def class_of(name: str, classes: tuple[PriorityClass, ...]) -> PriorityClass:
    if not name:
        return min((each for each in classes if each.is_default), key=lambda each: each.value, default=NO_CLASS)
    for each in (*classes, *SYSTEM_CLASSES):
        if each.name == name:
            return each
    raise ValueError(f"no PriorityClass with name {name} was found")


def demand(given: object, computed: object, what: str) -> None:
    """Raises ValueError where the pod gives a value other than its class's."""
    if given is not None and given != computed:
        raise ValueError(
            f"the {what} ({given}) must not be provided in pod spec; "
            f"priority admission controller computed {computed} from the given PriorityClass name"
        )
