"""Label selectors (apimachinery pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector)."""

from collections.abc import Mapping
from typing import Any

from cluster.core.objects import Labels, Manifest


def matches(selector: Manifest, labels: Labels) -> bool:
    """True if all of matchLabels and matchExpressions hold. An empty selector matches everything."""
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_holds(expression, labels) for expression in selector.get("matchExpressions") or ())


def _holds(expression: Mapping[str, Any], labels: Labels) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values") or ()
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) is (operator == "Exists")


def with_label(selector: Manifest, key: str, value: str) -> dict[str, Any]:
    return {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), key: value}}


def text(selector: Manifest) -> str:
    """The selector as kubectl writes it, sorted by key: app=nginx,tier in (a,b),!old (apimachinery pkg/labels/selector.go)."""
    equal = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    others = [(each["key"], _requirement(each)) for each in selector.get("matchExpressions") or ()]
    return ",".join(shown for _, shown in sorted([*equal, *others], key=lambda pair: pair[0]))


def _requirement(expression: Mapping[str, Any]) -> str:
    key, operator, values = expression["key"], expression["operator"], expression.get("values") or ()
    if operator in ("In", "NotIn"):
        return f"{key} {operator.lower()} ({','.join(sorted(values))})"
    return key if operator == "Exists" else f"!{key}"
