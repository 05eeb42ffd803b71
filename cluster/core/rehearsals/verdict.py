"""Whether a rollout will ever finish, and which progress deadline would be long enough."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from cluster.core.controllers import status
from cluster.core.controllers.revisions import has_deadline
from cluster.core.objects import Deployment, DeploymentStatus
from cluster.core.rehearsals.causes import Cause

COMPLETE: Final = "complete"
NOT_BEFORE: Final = "not before"
NEVER: Final = "never"
UNKNOWN: Final = "unknown"
Answer = Literal["complete", "not before", "never", "unknown"]
ROOM, ROUND_SECONDS = 1.5, 10  # advised: 1.5 times the longest gap, in tens of seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """`complete`: after `seconds`. `not before`: it takes `seconds`, but the progress deadline passes first, after
    `deadline_passes` seconds, or the `causes` have to end. `never`: because of the `causes`. `unknown`: some causes are not
    certain, or the rollout does not complete and no cause is found. Seconds count from the start of the measurement.
    `longest_gap`: the longest time between two steps that the controller counts as progress; `advised_deadline`: a
    progressDeadlineSeconds that leaves room for that, None where there is none."""

    answer: Answer
    seconds: float | None = None
    deadline_passes: float | None = None
    causes: tuple[Cause, ...] = ()
    longest_gap: float = 0.0
    deadline: int | None = None
    advised_deadline: int | None = None

    @property
    def is_good(self) -> bool:
        return self.answer == COMPLETE

    def as_json(self) -> dict[str, Any]:
        return {
            "answer": self.answer,
            "seconds": self.seconds,
            "deadline_passes_seconds": self.deadline_passes,
            "because": [each.as_json() for each in self.causes],
            "longest_gap_seconds": self.longest_gap,
            "deadline_seconds": self.deadline,
            "advised_deadline_seconds": self.advised_deadline,
        }


def judge(seconds: float | None, deadline_passes: float | None, causes: Sequence[Cause]) -> Answer:
    """The answer of a verdict. `seconds` None: the rollout does not complete."""
    if not all(each.is_certain for each in causes):
        return UNKNOWN
    if seconds is not None:
        return COMPLETE if deadline_passes is None and not causes else NOT_BEFORE
    return NEVER if causes else UNKNOWN


class Progress:
    """Follows a Deployment's status: `longest` is the longest time between two steps of progress, `passed_at` when its progress
    deadline passed."""

    def __init__(self, now: float) -> None:
        self.since, self.longest = now, 0.0
        self.passed_at: float | None = None
        self.seen: DeploymentStatus | None = None
        self.reason, self.is_over = "", True

    def begin(self, now: float) -> None:
        """Starts again, as a rollout begins."""
        self.since, self.longest, self.passed_at, self.is_over = now, 0.0, None, False

    def look(self, deployment: Deployment, now: float, reason: str) -> None:
        """Reads the Deployment's status. `reason`: that of the condition Progressing."""
        before, self.seen = self.seen, deployment.status
        known, self.reason = self.reason, reason
        if self.is_over or before is deployment.status:
            return
        if reason == status.TIMED_OUT != known and self.passed_at is None:
            self.passed_at = now
        self.is_over = status.is_complete(deployment, deployment.status)
        if self.is_over or (before is not None and status.is_progressing(before, deployment.status)):
            self.longest, self.since = max(self.longest, now - self.since), now


def advised(deployment: Deployment | None, longest_gap: float) -> int | None:
    if deployment is None or not has_deadline(deployment) or deployment.paused:
        return None
    rounded = max(math.ceil(longest_gap * ROOM / ROUND_SECONDS), 1) * ROUND_SECONDS
    return max(rounded, deployment.min_ready_seconds + 1)
