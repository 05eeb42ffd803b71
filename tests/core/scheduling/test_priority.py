"""The priority that a pod gets when it is admitted."""

from typing import Any

import pytest

from cluster.core.scheduling.priority import PriorityClass, admit, read_class

HIGH = PriorityClass(name="high", value=1000)
SHY = PriorityClass(name="shy", value=500, preemption_policy="Never")
DEFAULTS = (
    PriorityClass(name="default", value=7, is_default=True),
    PriorityClass(name="lower", value=3, is_default=True),
)

ADMITTED = [
    ("none", {}, (), ("", 0, "PreemptLowerPriority")),
    ("named", {"priorityClassName": "high"}, (), ("high", 1000, "PreemptLowerPriority")),
    ("never-preempts", {"priorityClassName": "shy"}, (), ("shy", 500, "Never")),
    ("lowest-default", {}, DEFAULTS, ("lower", 3, "PreemptLowerPriority")),
    (
        "system",
        {"priorityClassName": "system-node-critical"},
        (),
        ("system-node-critical", 2000001000, "PreemptLowerPriority"),
    ),
    ("repeated", {"priorityClassName": "high", "priority": 1000}, (), ("high", 1000, "PreemptLowerPriority")),
]


@pytest.mark.parametrize(("spec", "more", "found"), [row[1:] for row in ADMITTED], ids=[row[0] for row in ADMITTED])
def test_what_a_pod_gets(spec: Any, more: Any, found: Any) -> None:
    admitted = admit(spec, (HIGH, SHY, *more))
    assert (admitted.get("priorityClassName", ""), admitted["priority"], admitted["preemptionPolicy"]) == found


REFUSED = [
    ("unknown", {"priorityClassName": "gone"}, "no PriorityClass with name gone was found"),
    (
        "own-number",
        {"priority": 5},
        "the integer value of priority (5) must not be provided in pod spec; "
        "priority admission controller computed 0 from the given PriorityClass name",
    ),
    (
        "own-policy",
        {"priorityClassName": "high", "preemptionPolicy": "Never"},
        "the string value of PreemptionPolicy (Never) must not be provided in pod spec; "
        "priority admission controller computed PreemptLowerPriority from the given PriorityClass name",
    ),
]


@pytest.mark.parametrize(("spec", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused(spec: Any, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        admit(spec, (HIGH, SHY))
    assert str(refused.value) == message


def test_a_class_is_read() -> None:
    manifest = {"metadata": {"name": "shy"}, "value": 500, "preemptionPolicy": "Never", "globalDefault": True}
    assert read_class(manifest) == PriorityClass(name="shy", value=500, preemption_policy="Never", is_default=True)
    assert read_class({"metadata": {"name": "high"}, "value": 1000}) == HIGH
