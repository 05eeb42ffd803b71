"""How many pods match a selector, and how many carry an affinity term, by node and by topology value. The numbers are updated
as pods change, so that no scheduling decision counts pods (the sums of plugins/interpodaffinity and podtopologyspread).

Pods with the same namespace and labels form a group. A selector is matched against groups, not pods.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from cluster.core.objects import Labels
from cluster.core.scheduling.nodes import NodeInfo, bump
from cluster.core.scheduling.pods import Identity, PodInfo, PodSelector, PodSpec, Term

MOST_SELECTORS = 1024

GroupKey: TypeAlias = tuple[Identity, bool]  # terminating pods are groups of their own
MatchKey: TypeAlias = tuple[tuple[PodSelector, ...], bool]
CarriedKey: TypeAlias = tuple[str, Term]  # which list of the pod's affinity the term is in


class Count:
    """Numbers of pods by node and, for the topology keys requested so far, by value. Zeros are removed."""

    __slots__ = ("by_node", "by_value")

    def __init__(self) -> None:
        self.by_node: dict[str, int] = {}
        self.by_value: dict[str, dict[str, int]] = {}

    def add(self, node: NodeInfo, by: int) -> None:
        bump(self.by_node, node.spec.name, by)
        for key, counts in self.by_value.items():
            value = node.spec.labels.get(key)
            if value is not None:
                bump(counts, value, by)

    def values(self, key: str, nodes: Mapping[str, NodeInfo]) -> dict[str, int]:
        """Numbers of pods by the value of this topology key; the dictionary is kept up to date."""
        found = self.by_value.get(key)
        if found is None:
            found = self.by_value[key] = {}
            for name, number in self.by_node.items():
                value = nodes[name].spec.labels.get(key)
                if value is not None:
                    bump(found, value, number)
        return found


class Group:
    """The pods of one namespace with the same labels."""

    __slots__ = ("by_node", "matching")

    def __init__(self) -> None:
        self.by_node: dict[str, int] = {}
        self.matching: list[Count] = []


class Counts:
    """`namespaces` holds the labels of each namespace, for terms that select namespaces."""

    def __init__(self, nodes: Mapping[str, NodeInfo]) -> None:
        self.nodes = nodes
        self.namespaces: dict[str, Labels] = {}
        self.groups: dict[GroupKey, Group] = {}
        self.matches: dict[MatchKey, Count] = {}
        self.carried: dict[CarriedKey, Count] = {}
        self.carried_by: dict[Identity, list[tuple[CarriedKey, Count]]] = {}

    def count(self, pod: PodInfo, node: NodeInfo, by: int) -> None:
        key = (pod.spec.identity, pod.is_terminating)
        group = self.groups.get(key) or self._new_group(key)
        bump(group.by_node, node.spec.name, by)
        for count in group.matching:
            count.add(node, by)
        if not group.by_node:
            del self.groups[key]
        for carried in carried_terms(pod.spec):
            self._carry(carried, node, by)

    def _new_group(self, key: GroupKey) -> Group:
        group = self.groups[key] = Group()
        group.matching = [count for match, count in self.matches.items() if self._is_match(match, key)]
        return group

    def _carry(self, key: CarriedKey, node: NodeInfo, by: int) -> None:
        count = self.carried.get(key)
        if count is None:
            count = self.carried[key] = Count()
            self.carried_by.clear()
        count.add(node, by)
        if not count.by_node:
            del self.carried[key]

    def matching(self, selectors: Iterable[PodSelector], *, living: bool = False) -> Count:
        """The numbers of pods that all of these selectors match; `living`: without those that are being deleted."""
        match = (tuple(selectors), living)
        found = self.matches.get(match)
        if found is None:
            found = self.matches[match] = Count()
            for key, group in self.groups.items():
                if self._is_match(match, key):
                    group.matching.append(found)
                    for name, number in group.by_node.items():
                        bump(found.by_node, name, number)
        return found

    def _is_match(self, match: MatchKey, key: GroupKey) -> bool:
        (selectors, living), ((namespace, labels), terminating) = match, key
        if living and terminating:
            return False
        known, about = dict(labels), self.namespaces.get(namespace, {})
        return bool(selectors) and all(each.matches(namespace, known, about) for each in selectors)

    def carried_about(self, spec: PodSpec) -> list[tuple[CarriedKey, Count]]:
        """The terms carried by placed pods that select a pod of this spec, with their numbers."""
        found = self.carried_by.get(spec.identity)
        if found is None:
            if len(self.carried_by) >= MOST_SELECTORS:
                self.carried_by.clear()
            about = self.namespaces.get(spec.namespace, {})
            found = self.carried_by[spec.identity] = [
                (key, count)
                for key, count in self.carried.items()
                if key[1].pods.matches(spec.namespace, spec.labels, about)
            ]
        return found

    def has_too_many(self) -> bool:
        return len(self.matches) > MOST_SELECTORS

    def forget_matches(self) -> None:
        """Drops the matches; they are counted again when requested."""
        self.matches.clear()
        self.carried_by.clear()
        for group in self.groups.values():
            group.matching = []


def carried_terms(spec: PodSpec) -> Iterable[CarriedKey]:
    if not (spec.anti_affinity or spec.preferred_terms or spec.affinity):
        return ()
    return (
        *(("anti", term) for term in spec.anti_affinity),
        *(("required", term) for term in spec.affinity),
        *(("preferred", term) for term in spec.preferred_terms),
    )
