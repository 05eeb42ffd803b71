"""Recorded rollouts: read from the journal for as long as it keeps them, permanently where they are pinned. A rollout's id is the
resource version of the edit that began it."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.db.models import Sum, TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone

from cluster import models, statuses
from cluster.core.objects import Create, Delete, Deployment, Pod, ReplicaSet
from cluster.core.rehearsals.rehearsed import SETTLED, STUCK, Frame, Rehearsed
from cluster.core.rehearsals.tally import Tally
from cluster.page import history
from cluster.records import journal
from cluster.spaces import Space
from cluster.writing import writes

MOST_LISTED = 50
MOST_PINNED = 100
MOST_PINNED_BYTES = 128 * 1024 * 1024  # per cluster
BESIDE = ("lane", "nodes")  # of page.lanes and page.replay_nodes
State = dict[str, Any]


def list_rollouts(space: Space, name: str) -> list[State]:
    """The rollouts of a Deployment, newest first."""
    row = history.find(space, name)
    found = begun(row.namespace.cluster_id, row.uid).order_by("-rv")[:MOST_LISTED]
    pinned = {each.rv: each for each in models.PinnedRollout.objects.filter(namespace=row.namespace, deployment=name)}
    recorded = [told(each, is_pinned=each.rv in pinned) for each in found]
    known = {each["id"] for each in recorded}
    return [*recorded, *(each.summary for rv, each in sorted(pinned.items(), reverse=True) if rv not in known)]


def begun(cluster_id: int, root: str) -> Any:
    return history.changes_of(cluster_id, root).filter(mark=models.Change.ROLLOUT)


def told(change: models.Change, *, is_pinned: bool) -> State:
    return {
        "id": change.rv,
        "deployment": change.name,
        "namespace": change.namespace,
        "images": [each["image"] for each in change.state["containers"]],
        "at": change.at,
        "wall": change.wall,
        "actor": change.actor,
        "pinned": is_pinned,
    }


def space_of(cluster: str, rv: int) -> Space:
    """The Space of a rollout. Raises Refused for one that is not kept."""
    pinned = models.PinnedRollout.objects.filter(namespace__cluster__name=cluster, rv=rv)
    name = pinned.values_list("namespace__name", flat=True).first()
    return Space(cluster, name or change_of(cluster, rv).namespace)


def pinned_rollout(cluster: str, rv: int) -> models.PinnedRollout | None:
    rows = models.PinnedRollout.objects.select_related("namespace")
    return rows.filter(namespace__cluster__name=cluster, rv=rv).first()


def film(cluster: str, rv: int) -> State:
    """Like history.film, plus the rollout itself; `is_open`: it may still continue."""
    pinned = pinned_rollout(cluster, rv)
    if pinned:
        return {key: each for key, each in pinned.film.items() if key not in BESIDE}
    change = change_of(cluster, rv)
    own = history.changes_of(change.cluster_id, change.root)
    later = begun(change.cluster_id, change.root).filter(rv__gt=rv).order_by("rv").values_list("rv", flat=True).first()
    items = own.filter(rv__gte=rv, kind__in=history.FILMED).order_by("rv")
    if later:
        items = items.filter(rv__lt=later)
    found = list(items.values_list(*journal.CHANGE_FIELDS)[: history.MOST_FILM_ITEMS + 1])
    return {
        "rollout": told(change, is_pinned=False),
        "since": rv - 1,
        "start": history.states_at(change.cluster_id, change.root, rv - 1),
        "frames": [journal.as_item(each) for each in found[: history.MOST_FILM_ITEMS]],
        "is_cut": len(found) > history.MOST_FILM_ITEMS,
        "is_open": later is None and not is_complete(change),
    }


def change_of(cluster: str, rv: int) -> models.Change:
    change = models.Change.objects.filter(cluster__name=cluster, rv=rv, mark=models.Change.ROLLOUT).first()
    if change is None:
        raise statuses.Refused(statuses.not_found("rollouts", str(rv)))
    return change


def is_complete(change: models.Change) -> bool:
    row = models.Deployment.objects.filter(pk=change.root).values("replicas", "generation", "status").first()
    return row is None or has_settled(row)


def has_settled(deployment: Mapping[str, Any]) -> bool:
    status, wanted = deployment["status"], deployment["replicas"]
    counts = {status["updated_replicas"], status["replicas"], status["available_replicas"]}
    return counts == {wanted} and status["observed_generation"] >= deployment["generation"]


def pin(cluster: str, rv: int, *, actor: str, beside: State | None = None) -> State:
    """Keeps a rollout as it is now, independent of the journal. `beside`: data kept with the film (BESIDE)."""
    with journal.exclusive(cluster):
        kept = film(cluster, rv)
        namespace = writes.find_namespace(Space(cluster, kept["rollout"]["namespace"]))
        summary = {**kept["rollout"], "pinned": True}
        whole = {**kept, "rollout": summary, "is_open": False, **(beside or {})}
        check_room(namespace, rv, len(orjson.dumps(whole)))
        models.PinnedRollout.objects.update_or_create(
            namespace=namespace,
            rv=rv,
            defaults={
                "deployment": summary["deployment"],
                "pinned_by": actor,
                "created": timezone.now(),
                "summary": summary,
                "film": whole,
            },
        )
        return summary


def check_room(namespace: models.Namespace, rv: int, size: int) -> None:
    """Raises Refused (403) where there is no room for `size` bytes of the rollout rv."""
    others = models.PinnedRollout.objects.exclude(namespace=namespace, rv=rv)
    if others.filter(namespace=namespace).count() >= MOST_PINNED:
        message = f"{MOST_PINNED} rollouts are pinned in this namespace; unpin one first"
        raise statuses.Refused(statuses.failure(403, "Forbidden", message))
    held = others.filter(namespace__cluster=namespace.cluster_id).aggregate(
        size=Sum(Length(Cast("film", TextField())))
    )["size"]
    if (held or 0) + size > MOST_PINNED_BYTES:
        message = (
            f"this rollout is {size:,} bytes long, and the pinned rollouts of a cluster may hold {MOST_PINNED_BYTES:,}: "
            f"they hold {held or 0:,}; unpin one first"
        )
        raise statuses.Refused(statuses.failure(403, "Forbidden", message))


def unpin(cluster: str, rv: int) -> None:
    with journal.exclusive(cluster) as row:
        models.PinnedRollout.objects.filter(namespace__cluster=row, rv=rv).delete()


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
