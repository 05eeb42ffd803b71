"""The kinds of conditions that a task's check is made of. Each looks at a Scene and says whether it holds and, where it does not,
what is missing, with numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.controllers import status
from cluster.core.controllers.revisions import REVISION
from cluster.core.controllers.rolling_limits import max_surge, max_unavailable
from cluster.core.lessons.acts import images_of
from cluster.core.lessons.scene import Scene
from cluster.core.objects import Deployment


@dataclass(frozen=True, slots=True)
class Verdict:
    """`text` says what holds, or what is missing."""

    met: bool
    text: str


Read = Callable[[Any], Any]
Look = Callable[[Scene, Any], Verdict]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """`read` makes a value of what the YAML says, and raises ValueError with what is wanted. `help` is for the documentation."""

    read: Read
    look: Look
    help: str


def look(kind: str, value: Any, scene: Scene) -> Verdict:
    return CHECKS[kind].look(scene, value)


def read_image(value: Any) -> str:
    """An image; `true`: any."""
    if value is True:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("an image is wanted, or true for any image")
    return value


def read_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise ValueError("a whole number from 0 to 100,000 is wanted")
    return value


def read_true(value: Any) -> bool:
    if value is not True:
        raise ValueError("only true is wanted here")
    return True


def read_clock(value: Any) -> str:
    if value not in ("paused", "running"):
        raise ValueError("paused or running is wanted")
    return str(value)


def read_word(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a word is wanted, such as ImagePullBackOff")
    return value


def read_failing(value: Any) -> tuple[str, int]:
    """(STATUS word, how many pods): ImagePullBackOff, or {status: ImagePullBackOff, pods: 2}."""
    if isinstance(value, str) and value:
        return value, 1
    if not isinstance(value, Mapping) or value.keys() - {"status", "pods"} or not isinstance(value.get("status"), str):
        raise ValueError("a STATUS word is wanted, or {status, pods}")
    return value["status"], read_number(value.get("pods", 1))


def read_limits(value: Any) -> dict[str, Any]:
    """Fields of the Deployment with the values they are to have."""
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"a mapping is wanted, of {', '.join(FIELDS)}")
    unknown = sorted(value.keys() - FIELDS.keys())
    if unknown:
        raise ValueError(f"{unknown[0]}: unknown field; there are {', '.join(FIELDS)}")
    return dict(value)


FIELDS: Mapping[str, Callable[[Deployment], Any]] = {
    "replicas": lambda each: each.replicas,
    "image": lambda each: ", ".join(images_of(each)),
    "paused": lambda each: each.paused,
    "strategy": lambda each: each.strategy,
    "max-surge": lambda each: each.max_surge,
    "max-unavailable": lambda each: each.max_unavailable,
    "min-ready-seconds": lambda each: each.min_ready_seconds,
    "progress-deadline-seconds": lambda each: each.progress_deadline_seconds,
}


def missing(scene: Scene) -> Verdict:
    return Verdict(False, f"There is no Deployment {scene.name} yet.")


def look_complete(scene: Scene, image: str) -> Verdict:
    found = scene.deployment
    if found is None:
        return missing(scene)
    if image and scene.images != [image] and image not in scene.images:
        return Verdict(False, f"The Deployment's image is {', '.join(scene.images)}; {image} is wanted.")
    now, wanted = found.status, found.replicas
    if status.is_complete(found, now):
        return Verdict(True, f"All {wanted} pods are updated and available.")
    if found.paused:
        return Verdict(False, f"The rollout is paused with {now.updated_replicas} of {wanted} pods updated.")
    left = now.replicas - now.updated_replicas
    return Verdict(
        False,
        f"{now.updated_replicas} of {wanted} pods are updated, {now.available_replicas} available, {left} old left.",
    )


def look_fields(scene: Scene, wanted: Mapping[str, Any]) -> Verdict:
    found = scene.deployment
    if found is None:
        return missing(scene)
    wrong = [
        f"{key} is {shown(FIELDS[key](found))}, {shown(value)} is wanted"
        for key, value in wanted.items()
        if FIELDS[key](found) != value
    ]
    text = "; ".join(wrong) if wrong else ", ".join(f"{key} is {shown(value)}" for key, value in wanted.items())
    return Verdict(not wrong, f"{text}.")


def shown(value: Any) -> str:
    if value is None:
        return "not set"
    return str(value).lower() if isinstance(value, bool) else str(value)


def look_updated(scene: Scene, wanted: int) -> Verdict:
    if scene.deployment is None:
        return missing(scene)
    found = scene.deployment.status.updated_replicas
    return Verdict(found == wanted, f"{found} pods are updated; exactly {wanted} wanted.")


def look_floor(scene: Scene, floor: int) -> Verdict:
    lowest = scene.since.lowest
    if lowest is None:
        return Verdict(False, f"No rollout has begun in this task; {floor} pods are to stay available during one.")
    if lowest < floor:
        return Verdict(
            False, f"Only {lowest} pods were available during the rollout; {floor} are to stay. Roll out again."
        )
    return Verdict(True, f"At least {lowest} pods were available all the time.")


def look_ceiling(scene: Scene, ceiling: int) -> Verdict:
    highest = scene.since.highest
    if highest is None:
        return Verdict(False, f"No rollout has begun in this task; there may be {ceiling} pods at most during one.")
    if highest > ceiling:
        return Verdict(False, f"There were {highest} pods during the rollout; {ceiling} are allowed. Roll out again.")
    return Verdict(True, f"There were never more than {highest} pods.")


def look_outage(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001 the shape of a Look
    lowest = scene.since.lowest
    if lowest is None:
        return Verdict(False, "No rollout has begun in this task.")
    if lowest:
        return Verdict(False, f"{lowest} pods were available even at the worst moment; 0 are expected.")
    return Verdict(True, "For a while no pod was available.")


def look_undone(scene: Scene, image: str) -> Verdict:
    """The newest revision is that of a ReplicaSet that was there before."""
    new, owned = scene.new, scene.owned
    if scene.deployment is None or new is None:
        return missing(scene)
    newest = max(each.number for each in owned)
    if image and image not in scene.images:
        return Verdict(False, f"The Deployment's image is {', '.join(scene.images)}; {image} is wanted back.")
    if new.number == newest:
        return Verdict(
            False, f"Revision {scene.deployment.annotations.get(REVISION, '?')} is of the newest ReplicaSet."
        )
    return Verdict(True, f"{new.name} is in use again, as revision {scene.deployment.annotations.get(REVISION, '?')}.")


def look_failing(scene: Scene, wanted: tuple[str, int]) -> Verdict:
    word, count = wanted
    found = scene.failing.get(word, 0)
    others = ", ".join(f"{number} {each}" for each, number in sorted(scene.failing.items())) or "none"
    return Verdict(found >= count, f"{found} of {count} pods are in {word} (not ready: {others}).")


def look_deadline(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001
    if scene.progress == status.TIMED_OUT:
        return Verdict(True, "The progress deadline has run out.")
    return Verdict(False, f"Progressing has the reason {scene.progress or 'none'}; ProgressDeadlineExceeded is wanted.")


def look_pending(scene: Scene, wanted: int) -> Verdict:
    found = sum(each.phase == "Pending" and each.deleted_at is None for each in scene.own_pods)
    return Verdict(found >= wanted, f"{found} pods are Pending; at least {wanted} wanted.")


def look_none_pending(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001
    found = sum(each.phase == "Pending" and each.deleted_at is None for each in scene.own_pods)
    if scene.deployment is None:
        return missing(scene)
    return Verdict(found == 0, f"{found} pods are Pending; none wanted.")


def look_event(scene: Scene, reason: str) -> Verdict:
    met = reason in scene.since.reasons
    return Verdict(met, f"{'An' if met else 'No'} event {reason} since the task began.")


def look_revisions(scene: Scene, wanted: int) -> Verdict:
    found = len(scene.owned)
    return Verdict(found >= wanted, f"{found} ReplicaSets are kept; at least {wanted} wanted.")


def look_scaled(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001
    scaled = scene.since.scaled_midway
    if scaled is None:
        return Verdict(False, "The number of replicas has not been changed in the middle of a rollout.")
    return Verdict(True, f"Scaled from {scaled[0]} to {scaled[1]} in the middle of the rollout.")


def look_deleted(scene: Scene, wanted: int) -> Verdict:
    found = scene.since.deleted_pods
    return Verdict(found >= wanted, f"{found} of {wanted} pods were deleted by hand.")


def look_gone(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001
    if scene.deployment is None:
        return Verdict(True, f"{scene.name} is deleted.")
    return Verdict(False, f"The Deployment {scene.name} is still there.")


def look_clock(scene: Scene, wanted: str) -> Verdict:
    now = "running" if scene.pace else "paused"
    return Verdict(now == wanted, f"The clock is {now}; {wanted} is wanted.")


def look_room(scene: Scene, wanted: Mapping[str, int]) -> Verdict:
    found = scene.deployment
    if found is None:
        return missing(scene)
    told = {"floor": found.replicas - max_unavailable(found), "ceiling": found.replicas + max_surge(found)}
    wrong = [f"the {key} is {told[key]}, {value} is wanted" for key, value in wanted.items() if told[key] != value]
    text = "; ".join(wrong) if wrong else ", ".join(f"the {key} is {value}" for key, value in wanted.items())
    return Verdict(not wrong, f"{text[:1].upper()}{text[1:]}.")


def read_room(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping) or not value or value.keys() - {"floor", "ceiling"}:
        raise ValueError("{floor, ceiling} with numbers are wanted, or one of them")
    return {key: read_number(each) for key, each in value.items()}


CHECKS: Mapping[str, Check] = {
    "complete": Check(
        read=read_image, look=look_complete, help="an image, or `true`: all pods are updated (to it) and available"
    ),
    "deployment": Check(read=read_limits, look=look_fields, help=f"fields with their values: {', '.join(FIELDS)}"),
    "limits": Check(
        read=read_room, look=look_room, help="`floor` and `ceiling` as they follow from replicas, surge and unavailable"
    ),
    "updated": Check(read=read_number, look=look_updated, help="exactly so many pods are updated"),
    "floor": Check(
        read=read_number,
        look=look_floor,
        help="available pods never fell under this number since the task's newest rollout began",
    ),
    "ceiling": Check(
        read=read_number, look=look_ceiling, help="there were never more pods since the task's newest rollout began"
    ),
    "outage": Check(
        read=read_true, look=look_outage, help="`true`: during the rollout no pod was available for a while"
    ),
    "undone": Check(
        read=read_image, look=look_undone, help="an image, or `true`: the newest revision is an earlier ReplicaSet's"
    ),
    "failing": Check(
        read=read_failing, look=look_failing, help="a STATUS word, or `{status, pods}`: pods that are not ready have it"
    ),
    "deadline-exceeded": Check(read=read_true, look=look_deadline, help="`true`: the progress deadline has run out"),
    "pending": Check(read=read_number, look=look_pending, help="at least so many pods are Pending"),
    "none-pending": Check(read=read_true, look=look_none_pending, help="`true`: no pod is Pending"),
    "event": Check(read=read_word, look=look_event, help="an event with this reason came since the task began"),
    "revisions": Check(read=read_number, look=look_revisions, help="at least so many ReplicaSets are kept"),
    "scaled-midway": Check(
        read=read_true, look=look_scaled, help="`true`: replicas were changed in the middle of a rollout, in this task"
    ),
    "pods-deleted": Check(read=read_number, look=look_deleted, help="so many pods were deleted by hand in this task"),
    "deleted": Check(read=read_true, look=look_gone, help="`true`: the Deployment is gone"),
    "clock": Check(read=read_clock, look=look_clock, help="`paused` or `running`: the cluster's clock"),
}
