"""The kinds of conditions in a task's check. Each reads a Scene and returns whether it holds and, where it does not, what is
missing, with numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.controllers import status
from cluster.core.controllers.revisions import REVISION
from cluster.core.controllers.rolling_limits import max_surge, max_unavailable
from cluster.core.fields import unlike
from cluster.core.lessons.acts import images_of
from cluster.core.lessons.scene import Scene
from cluster.core.lessons.telling import plain, tell
from cluster.core.objects import Deployment, Explanation


@dataclass(frozen=True, slots=True)
class Verdict:
    """`told` describes what holds, or what is missing."""

    met: bool
    told: Explanation

    @property
    def text(self) -> str:
        return self.told.text

    def as_json(self) -> dict[str, Any]:
        return {"met": self.met, **self.told.as_json()}


Read = Callable[[Any], Any]
Look = Callable[[Scene, Any], Verdict]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """`read` reads the value from the YAML, and raises ValueError with what is expected. `help` is for the documentation."""

    read: Read
    look: Look
    help: str


def look(kind: str, value: Any, scene: Scene) -> Verdict:
    return CHECKS[kind].look(scene, value)


def read_image(value: Any) -> str:
    """An image; `true` means any and is read as "" here."""
    if value is True:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(unlike("an image, or true for any image", value))
    return value


def read_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise ValueError(unlike("a whole number from 0 to 100,000", value))
    return value


def read_true(value: Any) -> bool:
    if value is not True:
        raise ValueError(unlike("true", value))
    return True


def read_clock(value: Any) -> str:
    if value not in ("paused", "running"):
        raise ValueError(unlike("paused or running", value))
    return str(value)


def read_word(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(unlike("a word, such as ImagePullBackOff", value))
    return value


def read_failing(value: Any) -> tuple[str, int]:
    """(STATUS word, how many pods): ImagePullBackOff, or {status: ImagePullBackOff, pods: 2}."""
    if isinstance(value, str) and value:
        return value, 1
    if not isinstance(value, Mapping) or value.keys() - {"status", "pods"} or not isinstance(value.get("status"), str):
        raise ValueError(unlike("a STATUS word, or {status, pods}", value))
    return value["status"], read_number(value.get("pods", 1))


def read_limits(value: Any) -> dict[str, Any]:
    """Fields of the Deployment with their expected values."""
    if not isinstance(value, Mapping) or not value:
        raise ValueError(unlike(f"a mapping of {', '.join(FIELDS)}", value))
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
    return Verdict(False, tell("no-deployment", name=scene.name))


def look_complete(scene: Scene, image: str) -> Verdict:
    found = scene.deployment
    if found is None:
        return missing(scene)
    if image and scene.images != [image] and image not in scene.images:
        return Verdict(False, other_image(scene, image))
    now, pods = found.status, found.replicas
    if status.is_complete(found, now):
        return Verdict(True, tell("complete", pods=pods))
    if found.paused:
        return Verdict(False, tell("paused", updated=now.updated_replicas, pods=pods))
    counts = {"updated": now.updated_replicas, "available": now.available_replicas}
    return Verdict(False, tell("under-way", **counts, pods=pods, old=now.replicas - now.updated_replicas))


def other_image(scene: Scene, image: str) -> Explanation:
    return tell("other-image", images=", ".join(scene.images), image=image)


def look_fields(scene: Scene, wanted: Mapping[str, Any]) -> Verdict:
    found = scene.deployment
    if found is None:
        return missing(scene)
    return compared({key: (FIELDS[key](found), value) for key, value in wanted.items()})


def compared(values: Mapping[str, tuple[Any, Any]]) -> Verdict:
    """The Verdict on pairs (found, expected), by field."""
    fields = [
        {"field": key, "found": plain(found), "expected": plain(expected), "is_met": found == expected}
        for key, (found, expected) in values.items()
    ]
    return Verdict(all(each["is_met"] for each in fields), tell("fields", fields=fields))


def look_updated(scene: Scene, wanted: int) -> Verdict:
    if scene.deployment is None:
        return missing(scene)
    found = scene.deployment.status.updated_replicas
    return Verdict(found == wanted, tell("updated", found=found, expected=wanted))


def look_floor(scene: Scene, floor: int) -> Verdict:
    lowest = scene.since.lowest
    if lowest is None:
        return Verdict(False, tell("no-rollout-floor", floor=floor))
    if lowest < floor:
        return Verdict(False, tell("below-floor", lowest=lowest, floor=floor))
    return Verdict(True, tell("floor-held", lowest=lowest))


def look_ceiling(scene: Scene, ceiling: int) -> Verdict:
    highest = scene.since.highest
    if highest is None:
        return Verdict(False, tell("no-rollout-ceiling", ceiling=ceiling))
    if highest > ceiling:
        return Verdict(False, tell("above-ceiling", highest=highest, ceiling=ceiling))
    return Verdict(True, tell("ceiling-held", highest=highest))


def look_outage(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001 the shape of a Look
    lowest = scene.since.lowest
    if lowest is None:
        return Verdict(False, tell("no-rollout"))
    return Verdict(False, tell("no-outage", lowest=lowest)) if lowest else Verdict(True, tell("outage"))


def look_undone(scene: Scene, image: str) -> Verdict:
    """Whether the newest revision belongs to a ReplicaSet that existed before."""
    new, owned = scene.new, scene.owned
    if scene.deployment is None or new is None:
        return missing(scene)
    newest = max(each.number for each in owned)
    if image and image not in scene.images:
        return Verdict(False, other_image(scene, image))
    revision = scene.deployment.annotations.get(REVISION, "?")
    if new.number == newest:
        return Verdict(False, tell("newest", revision=revision))
    return Verdict(True, tell("undone", name=new.name, revision=revision))


def look_failing(scene: Scene, wanted: tuple[str, int]) -> Verdict:
    word, count = wanted
    found = scene.failing.get(word, 0)
    failing = dict(sorted(scene.failing.items()))
    return Verdict(found >= count, tell("failing", word=word, found=found, pods=count, failing=failing))


def look_deadline(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001
    if scene.progress == status.TIMED_OUT:
        return Verdict(True, tell("deadline-exceeded"))
    return Verdict(False, tell("progress", reason=scene.progress) if scene.progress else tell("no-progress"))


def look_pending(scene: Scene, wanted: int) -> Verdict:
    found = sum(each.phase == "Pending" and each.deleted_at is None for each in scene.own_pods)
    return Verdict(found >= wanted, tell("pending", found=found, expected=wanted))


def look_none_pending(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001
    found = sum(each.phase == "Pending" and each.deleted_at is None for each in scene.own_pods)
    if scene.deployment is None:
        return missing(scene)
    return Verdict(False, tell("still-pending", found=found)) if found else Verdict(True, tell("none-pending"))


def look_event(scene: Scene, reason: str) -> Verdict:
    met = reason in scene.since.reasons
    return Verdict(met, tell("event" if met else "no-event", reason=reason))


def look_revisions(scene: Scene, wanted: int) -> Verdict:
    found = len(scene.owned)
    return Verdict(found >= wanted, tell("revisions", found=found, expected=wanted))


def look_scaled(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001
    scaled = scene.since.scaled_midway
    if scaled is None:
        return Verdict(False, tell("not-scaled"))
    return Verdict(True, tell("scaled", before=scaled[0], after=scaled[1]))


def look_deleted(scene: Scene, wanted: int) -> Verdict:
    found = scene.since.deleted_pods
    return Verdict(found >= wanted, tell("pods-deleted", found=found, expected=wanted))


def look_gone(scene: Scene, wanted: bool) -> Verdict:  # noqa: ARG001
    is_gone = scene.deployment is None
    return Verdict(is_gone, tell("deleted" if is_gone else "still-there", name=scene.name))


def look_clock(scene: Scene, wanted: str) -> Verdict:
    if scene.pace:
        met = wanted == "running"
        return Verdict(met, tell("clock-runs" if met else "clock-should-pause"))
    met = wanted == "paused"
    return Verdict(met, tell("clock-paused" if met else "clock-should-run"))


def look_room(scene: Scene, wanted: Mapping[str, int]) -> Verdict:
    found = scene.deployment
    if found is None:
        return missing(scene)
    limits = {"floor": found.replicas - max_unavailable(found), "ceiling": found.replicas + max_surge(found)}
    return compared({key: (limits[key], value) for key, value in wanted.items()})


def read_room(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping) or not value or value.keys() - {"floor", "ceiling"}:
        raise ValueError(unlike("floor, ceiling or both, with numbers", value))
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
    "event": Check(read=read_word, look=look_event, help="an event with this reason was recorded since the task began"),
    "revisions": Check(read=read_number, look=look_revisions, help="at least so many ReplicaSets are kept"),
    "scaled-midway": Check(
        read=read_true, look=look_scaled, help="`true`: replicas were changed in the middle of a rollout, in this task"
    ),
    "pods-deleted": Check(read=read_number, look=look_deleted, help="so many pods were deleted by hand in this task"),
    "deleted": Check(read=read_true, look=look_gone, help="`true`: the Deployment is gone"),
    "clock": Check(read=read_clock, look=look_clock, help="`paused` or `running`: the cluster's clock"),
}
