"""The tables of `kubectl describe node`: its pods' requests and limits, and their sums
(kubectl/pkg/describe/describe.go, describeNodeResource)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.manifests.quantities import Quantity, canonical
from cluster.core.objects import Manifest
from cluster.core.scheduling.resources import NANOS, Amounts, amounts, pod_amounts, total

MILLI = NANOS // 1000
BASIC = ("cpu", "memory", "ephemeral-storage")
COLUMNS = ("cpu", "memory")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """As printed: "50m (0%)"; extended resources have no percent. `name` is the resource's or, with `namespace`, the
    pod's."""

    name: str
    cells: tuple[str, ...]
    namespace: str = ""


def pod_rows(allocatable: Mapping[str, Any], pods: Iterable[tuple[str, str, Manifest]]) -> list[Row]:
    """CPU requests and limits, memory requests and limits of each pod, (namespace, name, spec)."""
    has = amounts(allocatable)
    return [Row(namespace=namespace, name=name, cells=cells(has, [spec], COLUMNS)) for namespace, name, spec in pods]


def cells(has: Amounts, specs: list[Manifest], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(shown(has, specs, name, kind) for name in names for kind in ("requests", "limits"))


def allocated_rows(allocatable: Mapping[str, Any], specs: Iterable[Manifest]) -> list[Row]:
    """Requests and limits by resource: CPU, memory, storage, huge pages and then the node's extended resources."""
    has, known = amounts(allocatable), list(specs)
    huge = sorted(name for name in has if name.startswith("hugepages-"))
    extended = sorted(name for name in has if name not in (*BASIC, "pods") and name not in huge)
    rows = [Row(name=name, cells=cells(has, known, [name])) for name in (*BASIC, *huge)]
    return rows + [Row(name=name, cells=counted(known, name)) for name in extended]


def counted(specs: list[Manifest], name: str) -> tuple[str, str]:
    return amount_text(specs, name, "requests"), amount_text(specs, name, "limits")


def shown(has: Amounts, specs: list[Manifest], name: str, kind: str) -> str:
    return f"{amount_text(specs, name, kind)} ({percent(sum_of(specs, name, kind), has.get(name, 0), name)}%)"


def percent(used: int, allocatable: int, name: str) -> int:
    """Of thousandths for CPU, of whole units for the rest, cut."""
    unit = MILLI if name == "cpu" else NANOS
    whole = -(-allocatable // unit)
    return int(-(-used // unit) / whole * 100) if whole else 0


def sum_of(specs: list[Manifest], name: str, kind: str) -> int:
    return total(pod_amounts(spec, kind) for spec in specs).get(name, 0)


def amount_text(specs: list[Manifest], name: str, kind: str) -> str:
    value = sum_of(specs, name, kind)
    return canonical(Quantity(value=value, scale=quantities.NANO, format=format_of(specs, name, kind)))


def format_of(specs: list[Manifest], name: str, kind: str) -> str:
    """A sum is written as its first summand is (Quantity.Add)."""
    for spec in specs:
        for part in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ()), spec):
            text = ((part.get("resources") or {}).get(kind) or {}).get(name)
            if text is not None and amounts({name: text})[name]:
                return quantities.parse(str(text)).format
    return "DecimalSI"
