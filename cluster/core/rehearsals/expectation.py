"""The result that a story expects: a story about a failure passes when it fails as expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.rehearsals.verdict import COMPLETE, NEVER, NOT_BEFORE, UNKNOWN

OUTCOMES = (COMPLETE, NOT_BEFORE, NEVER, UNKNOWN)
FLOORS = ("held", "broken")
KEYS = ("outcome", "reason", "floor", "helps")


class ExpectationError(ValueError):
    """Raised when `expect` can't be read; one line names the key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """`outcome` is a verdict's answer; `reason`: a part of the text of one of its causes; `floor`: `held` or `broken`;
    `helps`: the key of a remedy that is found. "" where nothing is expected."""

    outcome: str
    reason: str = ""
    floor: str = ""
    helps: str = ""

    def misses(self, rehearsed: Rehearsed, helping: Sequence[str]) -> list[str]:
        """How a rehearsal differs from the expectation; `helping`: the keys of the remedies that were found."""
        verdict = rehearsed.verdict
        told = "; ".join(each.text for each in verdict.causes)
        floor = "held" if rehearsed.floor_held else "broken"
        found = [rehearsed.problem] if rehearsed.problem else []
        found += [] if verdict.answer == self.outcome else [f"outcome: expected {self.outcome}, found {verdict.answer}"]
        found += [] if self.reason in told else [f"reason: expected {self.reason!r}, found {told!r}"]
        found += [] if self.floor in ("", floor) else [f"floor: expected {self.floor}, found {floor}"]
        if self.helps and self.helps not in helping:
            found.append(f"helps: expected {self.helps}, found {', '.join(helping) or 'nothing'}")
        return found


def is_expectation(given: Any) -> bool:
    """Whether this is an expectation: recorded stories have a real cluster's results under the same key."""
    return isinstance(given, Mapping) and "outcome" in given


def is_recorded(data: Mapping[str, Any]) -> bool:
    """Whether a story contains a real cluster's results."""
    return "expect" in data and not is_expectation(data["expect"])


def read_expectation(given: Mapping[str, Any]) -> Expectation:
    """Reads an Expectation. Raises ExpectationError."""
    unknown = sorted(given.keys() - {*KEYS})
    if unknown:
        raise ExpectationError(f"expect.{unknown[0]}: unknown key; there are {', '.join(KEYS)}")
    for key, allowed in (("outcome", OUTCOMES), ("floor", FLOORS)):
        if key in given and given[key] not in allowed:
            raise ExpectationError(f"expect.{key}: {given[key]!r} is none of {', '.join(allowed)}")
    for key in ("reason", "helps"):
        if not isinstance(given.get(key, ""), str):
            raise ExpectationError(f"expect.{key}: expected a text, found {given[key]!r}")
    return Expectation(**given)
