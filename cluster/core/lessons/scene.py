"""What a lesson's checks read: the lesson's Deployment with its ReplicaSets and pods, updated change by change, and what has
happened since the task began."""

from dataclasses import dataclass, field
from typing import Any, Literal

from cluster.core.controllers import conditions, status
from cluster.core.controllers.revisions import REVISION, revision_of
from cluster.core.lessons import acts
from cluster.core.lessons.acts import images_of
from cluster.core.lessons.telling import tell
from cluster.core.nodes.podstatus import status_word
from cluster.core.objects import Deployment, Explanation, Object, Pod, ReplicaSet

Verb = Literal["ADDED", "MODIFIED", "DELETED"]
READY_AGAIN = ("Running", "Completed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One change of the journal. `thing` is the object after the change (for DELETED, the last one before it); `data` belongs
    to the other kinds: Cluster (`pace`), Event (`reason`), Answer (`right`), Hint. `actor` is "" for controllers."""

    kind: str
    verb: Verb = "MODIFIED"
    thing: Object | None = None
    data: dict[str, Any] = field(default_factory=dict)
    wall: float = 0.0
    actor: str = ""


@dataclass(kw_only=True, slots=True)
class Since:
    """What has happened in the present task. `lowest` and `highest` are of the numbers of available pods and of pods that are
    not terminating, since the task's newest rollout began; None: no rollout has begun in this task."""

    edits: int = 0
    first_edit: float | None = None
    lowest: int | None = None
    highest: int | None = None
    scaled_midway: tuple[int, int] | None = None
    reasons: set[str] = field(default_factory=set)
    deleted_pods: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """The last thing that a person did in the cluster, its wall time and the actor."""

    told: tuple[Explanation, ...] = ()
    wall: float = 0.0
    actor: str = ""


class Scene:
    """`name` is that of the lesson's Deployment."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.deployment: Deployment | None = None
        self.replicasets: dict[str, ReplicaSet] = {}
        self.pods: dict[str, Pod] = {}
        self.pace = 1.0
        self.scalings = 0  # changes of any ReplicaSet's size, over the scene's whole life
        self.since = Since()
        self.last_act = Act()

    def begin_task(self) -> None:
        self.since = Since()

    def take(self, seen: Seen) -> None:
        thing, gone = seen.thing, seen.verb == "DELETED"
        if isinstance(thing, Deployment) and thing.name == self.name:
            self.take_deployment(None if gone else thing, seen)
        elif isinstance(thing, ReplicaSet):
            before = self.replicasets.get(thing.uid)
            self.scalings += gone or before is None or before.replicas != thing.replicas
            put(self.replicasets, thing, gone=gone)
        elif isinstance(thing, Pod):
            self.take_pod(thing, gone, seen)
        elif seen.kind == "Cluster":
            self.pace = float(seen.data.get("pace", self.pace))
            told = tell("act-pace", pace=self.pace) if self.pace else tell("act-pace-zero")
            self.note_act((told,), seen)
        elif seen.kind == "Event":
            self.since.reasons.add(str(seen.data.get("reason", "")))

    def take_deployment(self, new: Deployment | None, seen: Seen) -> None:
        old, self.deployment = self.deployment, new
        if seen.actor:
            self.note_act(acts.told(old, new), seen)
            self.count_edit(old, new, seen.wall)
        if new is None:
            return
        since, total = self.since, new.status.replicas
        if old is not None and old.annotations.get(REVISION) != new.annotations.get(REVISION):
            since.lowest, since.highest = new.status.available_replicas, total
        if since.lowest is not None and since.highest is not None:
            since.lowest = min(since.lowest, new.status.available_replicas)
            since.highest = max(since.highest, total)
        if old is not None and old.replicas != new.replicas and not status.is_complete(old, old.status):
            since.scaled_midway = (old.replicas, new.replicas)

    def count_edit(self, old: Deployment | None, new: Deployment | None, wall: float) -> None:
        """Counts a person's edit of the spec; changes of labels and status do not count."""
        if old and new and old.generation == new.generation:
            return
        self.since.edits += 1
        if self.since.first_edit is None:
            self.since.first_edit = wall

    def take_pod(self, pod: Pod, gone: bool, seen: Seen) -> None:
        before = self.pods.get(pod.uid)
        if seen.actor and before and before.deleted_at is None and (gone or pod.deleted_at is not None):
            self.since.deleted_pods += 1
            self.note_act((tell("act-pod", name=pod.name),), seen)
        put(self.pods, pod, gone=gone)

    def note_act(self, told: tuple[Explanation, ...], seen: Seen) -> None:
        if told and seen.actor:
            self.last_act = Act(told, seen.wall, seen.actor)

    @property
    def owned(self) -> list[ReplicaSet]:
        """The Deployment's ReplicaSets, oldest first."""
        if self.deployment is None:
            return []
        uid = self.deployment.uid
        return sorted(
            (each for each in self.replicasets.values() if each.owner_uid == uid), key=lambda each: each.number
        )

    @property
    def new(self) -> ReplicaSet | None:
        """The ReplicaSet of the Deployment's revision."""
        if self.deployment is None:
            return None
        wanted = revision_of(self.deployment)
        return next((each for each in self.owned if revision_of(each) == wanted), None)

    @property
    def old(self) -> list[ReplicaSet]:
        new = self.new
        return [each for each in self.owned if new is None or each.uid != new.uid]

    def pods_of(self, replicaset: ReplicaSet) -> list[Pod]:
        return [each for each in self.pods.values() if each.owner_uid == replicaset.uid]

    @property
    def own_pods(self) -> list[Pod]:
        owners = {each.uid for each in self.owned}
        return [each for each in self.pods.values() if each.owner_uid in owners]

    @property
    def failing(self) -> dict[str, int]:
        """STATUS -> number of pods that are neither ready nor terminating."""
        found: dict[str, int] = {}
        for pod in self.own_pods:
            word = status_word(pod)
            if pod.deleted_at is None and not pod.ready and word not in READY_AGAIN:
                found[word] = found.get(word, 0) + 1
        return found

    @property
    def progress(self) -> str:
        """The reason of the condition Progressing; "" without one."""
        if self.deployment is None:
            return ""
        found = conditions.find(self.deployment.status.conditions, conditions.PROGRESSING)
        return found.reason if found else ""

    @property
    def images(self) -> list[str]:
        return images_of(self.deployment) if self.deployment else []


def put(things: dict[str, Any], thing: Any, *, gone: bool) -> None:
    if gone:
        things.pop(thing.uid, None)
    else:
        things[thing.uid] = thing
