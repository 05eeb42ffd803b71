"""What a lesson says about the cluster: rules with the values in them. Pages have their own texts for the rules, in the
reader's language (static/js/model/lessonwords.js); `text` is for the command line."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.core.objects import Explanation


def tell(rule: str, **inputs: Any) -> Explanation:
    """`inputs` are JSON values."""
    return Explanation(rule=rule, inputs=inputs, text=TEXTS[rule](**inputs))


def plain(value: Any) -> str | None:
    """A field's value as a manifest has it; None: not set."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def fields_text(fields: Sequence[Mapping[str, Any]]) -> str:
    """The fields that are not as expected, or all of them if there are none."""
    wrong = [
        f"{each['field']} is {shown(each['found'])}, expected {shown(each['expected'])}"
        for each in fields
        if not each["is_met"]
    ]
    right = [f"{each['field']} is {shown(each['found'])}" for each in fields]
    return f"{'; '.join(wrong)}." if wrong else f"{', '.join(right)}."


def shown(value: str | None) -> str:
    return "not set" if value is None else value


def failing_text(word: str, found: int, pods: int, failing: Mapping[str, int]) -> str:
    others = ", ".join(f"{count} {each}" for each, count in failing.items()) or "none"
    return f"{found} of {pods} pods are in {word} (not ready: {others})."


def scaling_text(side: str, name: str, before: int, after: int, why: Mapping[str, Any] | None) -> str:
    begin = f"The {side} ReplicaSet {name} goes from {before} to {after}"
    return f"{begin}: {why['text']}." if why else f"{begin}."


TEXTS: Mapping[str, Callable[..., str]] = {
    "no-deployment": "There is no Deployment {name} yet.".format,
    "other-image": "The Deployment's image is {images}, expected {image}.".format,
    "complete": "All {pods} pods are updated and available.".format,
    "paused": "The rollout is paused with {updated} of {pods} pods updated.".format,
    "under-way": "{updated} of {pods} pods are updated, {available} available, {old} old left.".format,
    "fields": fields_text,
    "updated": "{found} pods are updated, expected exactly {expected}.".format,
    "no-rollout": "No rollout has begun in this task.".format,
    "no-rollout-floor": (
        "No rollout has begun in this task, expected one with at least {floor} pods available all the time.".format
    ),
    "no-rollout-ceiling": "No rollout has begun in this task, expected one with at most {ceiling} pods.".format,
    "below-floor": "Only {lowest} pods were available during the rollout, expected at least {floor}. Roll out again.".format,
    "floor-held": "At least {lowest} pods were available all the time.".format,
    "above-ceiling": "There were {highest} pods during the rollout, expected at most {ceiling}. Roll out again.".format,
    "ceiling-held": "There were never more than {highest} pods.".format,
    "no-outage": "{lowest} pods were available even at the worst moment, expected 0.".format,
    "outage": "For a while no pod was available.".format,
    "newest": "Revision {revision} belongs to the newest ReplicaSet; expected an earlier one.".format,
    "undone": "{name} is in use again, as revision {revision}.".format,
    "failing": failing_text,
    "deadline-exceeded": "The progress deadline has run out.".format,
    "progress": "Progressing has the reason {reason}, expected ProgressDeadlineExceeded.".format,
    "no-progress": "The condition Progressing has no reason yet, expected ProgressDeadlineExceeded.".format,
    "pending": "{found} pods are Pending, expected at least {expected}.".format,
    "still-pending": "{found} pods are Pending, expected none.".format,
    "none-pending": "No pod is Pending.".format,
    "event": "An event {reason} was recorded since the task began.".format,
    "no-event": "No event {reason} since the task began.".format,
    "revisions": "{found} ReplicaSets are kept, expected at least {expected}.".format,
    "not-scaled": "The number of replicas has not been changed in the middle of a rollout.".format,
    "scaled": "Scaled from {before} to {after} in the middle of the rollout.".format,
    "pods-deleted": "{found} of {expected} pods were deleted by hand.".format,
    "deleted": "{name} is deleted.".format,
    "still-there": "The Deployment {name} is still there.".format,
    "clock-runs": "The clock is running.".format,
    "clock-paused": "The clock is paused.".format,
    "clock-should-pause": "The clock is running, expected paused.".format,
    "clock-should-run": "The clock is paused, expected running.".format,
    "nothing-next": "Nothing more happens by itself: no ReplicaSet changes its size.".format,
    "scaling": scaling_text,
    "look-again": "Look again.".format,
    "answer-available": "status.availableReplicas of the Deployment is {value}: pods that have been ready for minReadySeconds.".format,
    "answer-updated": "status.updatedReplicas of the Deployment is {value}: pods of the newest template.".format,
    "answer-pods": "status.replicas of the Deployment is {value}: pods that do not terminate, old and new.".format,
    "answer-unavailable": "status.unavailableReplicas of the Deployment is {value}: pods that should be available and are not.".format,
    "answer-floor": "{desired} desired less maxUnavailable {given}, which is {spared}: {value}.".format,
    "answer-ceiling": "{desired} desired and maxSurge {given}, which is {extra}: {value}.".format,
    "answer-revision": "The Deployment's annotation deployment.kubernetes.io/revision is {value}.".format,
    "answer-replicasets": (
        "The Deployment has {value} ReplicaSets, one for each pod template that it still remembers.".format
    ),
    "all-ready": "Every pod is ready.".format,
    "answer-failing": "kubectl get pods shows {word} for {count} of the pods that are not ready.".format,
    "answer-progress": "The condition Progressing has the reason {reason}.".format,
    "answer-no-progress": "The condition Progressing has no reason yet.".format,
    "answer-hash": "The new ReplicaSet and its pods have the label {label}={value}.".format,
    "act-created": "created {name}".format,
    "act-deleted": "deleted {name}".format,
    "act-paused": "paused".format,
    "act-resumed": "resumed".format,
    "act-image": "image {images}".format,
    "act-scaled": "scaled to {replicas}".format,
    "act-strategy": "strategy {strategy}".format,
    "act-limits": "limits changed".format,
    "act-template": "template changed".format,
    "act-pod": "deleted pod {name}".format,
    "act-pace": "clock at {pace:g}×".format,
    "act-pace-zero": "clock paused".format,
}  # fmt: skip
