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
