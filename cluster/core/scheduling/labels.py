"""Label selectors and node selectors, parsed once and compared by value (apimachinery pkg/labels/selector.go;
component-helpers scheduling/corev1/nodeaffinity/nodeaffinity.go)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.objects import Labels, Manifest

Test = Callable[[Labels, str, frozenset[str]], bool]


def is_beyond(labels: Labels, key: str, values: frozenset[str], sign: int) -> bool:
    """Compares whole numbers for Gt and Lt; other values do not match."""
    try:
        return sign * int(labels[key]) > sign * int(next(iter(values)))
    except (KeyError, ValueError):
        return False


TESTS: Mapping[str, Test] = {
    "In": lambda labels, key, values: labels.get(key) in values,
    "NotIn": lambda labels, key, values: labels.get(key) not in values,
    "Exists": lambda labels, key, _: key in labels,
    "DoesNotExist": lambda labels, key, _: key not in labels,
    "Gt": lambda labels, key, values: is_beyond(labels, key, values, 1),
    "Lt": lambda labels, key, values: is_beyond(labels, key, values, -1),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Labels) -> bool:
        return TESTS[self.operator](labels, self.key, self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """Matches where all requirements hold. `requirements` None matches nothing, an empty tuple everything."""

    requirements: tuple[Requirement, ...] | None = None

    def matches(self, labels: Labels) -> bool:
        return self.requirements is not None and all(each.holds(labels) for each in self.requirements)

    def is_empty(self) -> bool:
        return self.requirements == ()

    def with_more(self, requirements: Iterable[Requirement]) -> "Selector":
        """The selector with more requirements; one that matches nothing stays so (mergeLabelSetWithSelector)."""
        if self.requirements is None:
            return self
        return Selector(requirements=tuple(dict.fromkeys((*self.requirements, *requirements))))


NOTHING = Selector()
EVERYTHING = Selector(requirements=())


def label_selector(manifest: Manifest | None) -> Selector:
    """LabelSelectorAsSelector: None matches nothing, an empty selector everything."""
    if manifest is None:
        return NOTHING
    return Selector(requirements=(*equal(manifest.get("matchLabels")), *expressions(manifest.get("matchExpressions"))))


def equal(labels: Mapping[str, str] | None) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(key=key, operator="In", values=frozenset([value])) for key, value in sorted((labels or {}).items())
    )


def expressions(manifests: Iterable[Mapping[str, Any]] | None) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(key=each["key"], operator=each["operator"], values=frozenset(each.get("values") or ()))
        for each in manifests or ()
    )


def default_selector(owner: Manifest | None, services: Iterable[Labels] = ()) -> Selector:
    """Selects the pods that are spread by default with a pod, by its Services' selectors and its controller's selector
    (plugins/helper/spread.go, DefaultSelector). Empty: the pod is not spread."""
    merged = {key: value for service in services for key, value in service.items()}
    found = Selector(requirements=equal(merged))
    return found if owner is None else found.with_more(label_selector(owner).requirements or ())


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeSelectorTerm:
    """A term without expressions and fields matches no node."""

    expressions: tuple[Requirement, ...]
    fields: tuple[Requirement, ...]

    def matches(self, name: str, labels: Labels) -> bool:
        if not self.expressions and not self.fields:
            return False
        named = {"metadata.name": name}
        return all(each.holds(labels) for each in self.expressions) and all(each.holds(named) for each in self.fields)

    def names(self) -> frozenset[str] | None:
        """The nodes its fields name; None: any node."""
        found: frozenset[str] | None = None
        for each in self.fields:
            if each.key == "metadata.name" and each.operator == "In":
                found = each.values if found is None else found & each.values
        return found


def node_selector_term(manifest: Manifest) -> NodeSelectorTerm:
    return NodeSelectorTerm(
        expressions=expressions(manifest.get("matchExpressions")), fields=expressions(manifest.get("matchFields"))
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class RequiredNodeAffinity:
    """All of `labels`, and any of `terms`; `terms` None: any node."""

    labels: tuple[Requirement, ...] = ()
    terms: tuple[NodeSelectorTerm, ...] | None = None

    def matches(self, name: str, labels: Labels) -> bool:
        if not all(each.holds(labels) for each in self.labels):
            return False
        return self.terms is None or any(each.matches(name, labels) for each in self.terms)

    def names(self) -> frozenset[str] | None:
        """The only nodes that can match; None: any (plugins/nodeaffinity PreFilter)."""
        found = [each.names() for each in self.terms or ()]
        if not found:
            return None
        named: frozenset[str] = frozenset()
        for names in found:
            if names is None:
                return None
            named |= names
        return named


def required_node_affinity(spec: Manifest) -> RequiredNodeAffinity:
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    terms = None if required is None else tuple(map(node_selector_term, required.get("nodeSelectorTerms") or ()))
    return RequiredNodeAffinity(labels=equal(spec.get("nodeSelector")), terms=terms)


def preferred_node_terms(spec: Manifest) -> tuple[tuple[int, NodeSelectorTerm], ...]:
    """(weight, term) of the preferred terms; empty ones and those without weight are left out."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    preferred = affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
    found = ((int(each["weight"]), node_selector_term(each.get("preference") or {})) for each in preferred)
    return tuple((weight, term) for weight, term in found if weight and (term.expressions or term.fields))
