"""Amounts of resources that keep the format of their quantities (apiserver pkg/quota/v1/resources.go; apimachinery
Quantity.Add)."""

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.core.manifests import quantities
from cluster.core.manifests.quantities import Quantity

Amount = tuple[int, str]
"""(billionths, format): the format is that of the first amount above zero that went in."""
Amounts = dict[str, Amount]
DECIMAL, NANOS = "DecimalSI", 10**9
NOTHING: Amount = (0, DECIMAL)


def whole(number: int) -> Amount:
    return number * NANOS, DECIMAL


def read(manifest: Mapping[str, Any] | None) -> Amounts:
    """The amounts of a resource list."""
    return {
        name: (quantities.nanos(value), quantities.parse(str(value).strip()).format)
        for name, value in (manifest or {}).items()
    }


def text(amount: Amount) -> str:
    """The amount as Quantity.String writes it."""
    return quantities.canonical(Quantity(value=amount[0], scale=quantities.NANO, format=amount[1]))


def add(one: Mapping[str, Amount], other: Mapping[str, Amount], times: int = 1) -> Amounts:
    """Adds `other` so many times; -1 subtracts it."""
    found = dict(one)
    for name, (nanos, form) in other.items():
        held = found.get(name, NOTHING)
        found[name] = (held[0] + times * nanos, held[1] if held[0] else form)
    return found


def only(amounts: Mapping[str, Amount], names: Iterable[str]) -> Amounts:
    wanted = set(names)
    return {name: amount for name, amount in amounts.items() if name in wanted}


def shown(amounts: Mapping[str, Amount]) -> str:
    """The amounts as refusals list them: by name, with commas (prettyPrint)."""
    return ",".join(f"{name}={text(amounts[name])}" for name in sorted(amounts))


def written(amounts: Mapping[str, Amount]) -> dict[str, str]:
    """The amounts as a resource list."""
    return {name: text(amount) for name, amount in sorted(amounts.items())}
