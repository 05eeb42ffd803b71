"""Recorded rollouts: read from the journal for as long as it keeps them, for good where they are pinned. A rollout's id is the
resource version of the edit that began it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cluster import history, journal, models, statuses, writes
from cluster.core.objects import Create, Delete, Deployment, Pod, ReplicaSet
from cluster.core.rehearsed import SETTLED, STUCK, Frame, Rehearsed
from cluster.core.tally import Tally

MOST_LISTED = 50
MOST_PINNED = 100
BEGINS = Q(verb="ADDED") | Q(why__rule="template-changed")
State = dict[str, Any]


def list_rollouts(namespace: str, name: str) -> list[State]:
    """Of a Deployment, newest first."""
    row = history.find(namespace, name)
    found = begun(row.family_id).order_by("-id")[:MOST_LISTED]
    pinned = {each.pk: each for each in models.PinnedRollout.objects.filter(namespace=row.namespace, deployment=name)}
    recorded = [told(each, is_pinned=each.pk in pinned) for each in found]
    known = {each["id"] for each in recorded}
    return [*recorded, *(each.summary for pk, each in sorted(pinned.items(), reverse=True) if pk not in known)]


def begun(family_id: int | None) -> Any:
    return models.Change.objects.filter(BEGINS, family_id=family_id, kind="Deployment")


def told(change: models.Change, *, is_pinned: bool) -> State:
    return {
        "id": change.pk,
        "deployment": change.name,
        "namespace": change.namespace,
        "images": [each["image"] for each in change.state["containers"]],
        "at": change.at,
        "wall": change.wall,
        "actor": change.actor,
        "pinned": is_pinned,
    }


def namespace_of(pk: int) -> str:
    """Raises Refused for a rollout that is not kept."""
    pinned = models.PinnedRollout.objects.filter(pk=pk).values_list("namespace__name", flat=True).first()
    return pinned or change_of(pk).namespace


def film(pk: int) -> State:
    """As history.film, with the rollout itself; `is_open`: it may still go on."""
    pinned = models.PinnedRollout.objects.filter(pk=pk).first()
    if pinned:
        kept: State = pinned.film
        return kept
    change = change_of(pk)
    later = begun(change.family_id).filter(id__gt=pk).order_by("id").values_list("id", flat=True).first()
    items = models.Change.objects.filter(family_id=change.family_id, id__gte=pk, kind__in=history.FILMED).order_by("id")
    if later:
        items = items.filter(id__lt=later)
    found = list(items.values_list(*journal.CHANGE_FIELDS)[: history.MOST_FILM_ITEMS + 1])
    return {
        "rollout": told(change, is_pinned=False),
        "since": pk - 1,
        "start": history.states_at(change.family_id or 0, pk - 1),
        "frames": [journal.as_item(each) for each in found[: history.MOST_FILM_ITEMS]],
        "is_cut": len(found) > history.MOST_FILM_ITEMS,
        "is_open": later is None and not is_complete(change),
    }


def change_of(pk: int) -> models.Change:
    change = models.Change.objects.filter(BEGINS, pk=pk, kind="Deployment").first()
    if change is None:
        raise statuses.Refused(statuses.not_found("rollouts", str(pk)))
    return change


def is_complete(change: models.Change) -> bool:
    newest = models.Change.objects.filter(family_id=change.family_id, kind="Deployment").order_by("-id").first()
    return newest is None or newest.verb == "DELETED" or has_settled(newest.state)


def has_settled(deployment: State) -> bool:
    status, wanted = deployment["status"], deployment["replicas"]
    counts = {status["updated_replicas"], status["replicas"], status["available_replicas"]}
    return counts == {wanted} and status["observed_generation"] >= deployment["generation"]


def pin(pk: int, *, actor: str) -> State:
    """Keeps a rollout as it is now, whatever the journal forgets."""
    kept = film(pk)
    space = writes.find_namespace(kept["rollout"]["namespace"])
    if models.PinnedRollout.objects.filter(namespace=space).exclude(pk=pk).count() >= MOST_PINNED:
        message = f"{MOST_PINNED} rollouts are pinned in this namespace; unpin one first"
        raise statuses.Refused(statuses.failure(403, "Forbidden", message))
    summary = {**kept["rollout"], "pinned": True}
    models.PinnedRollout.objects.update_or_create(
        pk=pk,
        defaults={
            "namespace": space,
            "deployment": summary["deployment"],
            "pinned_by": actor,
            "created": timezone.now(),
            "summary": summary,
            "film": {**kept, "rollout": summary, "is_open": False},
        },
    )
    return summary


def unpin(pk: int) -> None:
    models.PinnedRollout.objects.filter(pk=pk).delete()


def as_rehearsed(kept: State) -> Rehearsed:
    """A recorded rollout in the shape of a rehearsal, for its picture."""
    reel = Reel(kept["frames"][0]["at"] if kept["frames"] else 0.0)
    start = kept["start"]
    begin = ([start["deployment"]] if start["deployment"] else [], start["replicasets"], start["pods"])
    for kind, found in zip(("Deployment", "ReplicaSet", "Pod"), begin, strict=True):
        for state in found:
            reel.take({"kind": kind, "verb": "ADDED", "state": state, "at": reel.began})
    reel.frames = [Frame(at=0.0, label="start", counts=dict(reel.sizes))] if reel.sizes else []
    for item in kept["frames"]:
        reel.take(item)
    return reel.result(kept["rollout"]["deployment"])


def deployment_value(state: State) -> Deployment:
    limits = {key: state[key] for key in ("uid", "name", "replicas", "strategy", "max_surge", "max_unavailable")}
    return Deployment(**limits)


def replicaset_value(state: State) -> ReplicaSet:
    return ReplicaSet(**{key: state[key] for key in ("uid", "name", "number", "replicas", "min_ready_seconds")})


def pod_value(state: State) -> Pod:
    return Pod(**{key: state[key] for key in ("uid", "name", "owner_uid", "deleted_at", "ready", "ready_since")})


VALUES: Mapping[str, Callable[[State], Deployment | ReplicaSet | Pod]] = {
    "Deployment": deployment_value,
    "ReplicaSet": replicaset_value,
    "Pod": pod_value,
}


class Reel:
    """Frames and points of journal items."""

    def __init__(self, began: float) -> None:
        self.began = self.now = began
        self.tally = Tally()
        self.sizes: dict[int, int] = {}
        self.frames: list[Frame] = []
        self.deployment: State | None = None

    def take(self, item: State) -> None:
        self.now = item["at"]
        self.tally.ripen(self.now)
        state, gone = item["state"], item["verb"] == "DELETED"
        value = VALUES[item["kind"]](state)
        self.tally.take(Delete(object=value) if gone else Create(object=value), self.now)
        if item["kind"] == "Deployment":
            self.deployment = state
        if item["kind"] == "ReplicaSet" and not gone and self.sizes.get(state["number"]) != state["replicas"]:
            self.sizes[state["number"]] = state["replicas"]
            self.frames.append(Frame(at=self.now - self.began, label="", counts=dict(self.sizes)))

    def result(self, name: str) -> Rehearsed:
        tally = self.tally
        settled = self.deployment is not None and has_settled(self.deployment)
        points = [each._replace(at=each.at - self.began) for each in tally.points]
        return Rehearsed(
            name=name,
            outcome=SETTLED if settled else STUCK,
            problem="",
            duration_seconds=self.now - self.began,
            peak_pods=tally.peak,
            peak_pods_with_terminating=tally.peak_with_terminating,
            min_available=tally.min_available or 0,
            floor_held=tally.floor_broken_at is None,
            rollouts=[],
            lines=[],
            frames=self.frames,
            points=points,
            scalings=[],
            after_step={},
            events=[],
        )
