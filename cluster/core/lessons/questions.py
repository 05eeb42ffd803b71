"""Questions whose answers are computed from the cluster as it is: what happens next, and what can be read from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.core.controllers.revisions import revision_of
from cluster.core.controllers.rolling_limits import max_surge, max_unavailable
from cluster.core.lessons.scene import Scene
from cluster.core.lessons.telling import plain, tell
from cluster.core.objects import Change, Create, Delete, Deployment, Event, Explanation, ReplicaSet, Update
from cluster.core.reconcile import reconcile
from cluster.core.state import State

MOST_MOMENTS = 500  # steps of the simulated clock: a rollout without progress is not followed forever
HASH_LABEL = "pod-template-hash"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scaling:
    """The next change of a ReplicaSet's size: `side` is new or old, `why` the controller's own explanation, `at` the simulated
    time of the change, `moments` the number of clock steps before it."""

    side: str
    name: str
    before: int
    after: int
    why: Explanation | None
    at: float
    moments: int


def next_scaling(state: State, now: float, deployment: Deployment) -> Scaling | None:
    """What the controllers decide next without further edits; None: no ReplicaSet changes its size, or not within
    MOST_MOMENTS. The state is not changed."""
    twin = state.copy()
    at = now
    for moments in range(MOST_MOMENTS):
        before = dict(twin.replicasets_of(deployment.uid))
        result = reconcile(twin, at)
        found = first_scaling(result.changes, before, deployment.uid)
        if found:
            return scaling(*found, twin, deployment, at, moments)
        if result.due is None:
            return None
        at = max(result.due, at)
    return None


Sized = tuple[ReplicaSet, int, Explanation | None]  # (the ReplicaSet after the change, the size before, why)


def first_scaling(changes: list[Change], before: Mapping[str, ReplicaSet], owner: str) -> Sized | None:
    sizes = {uid: each.replicas for uid, each in before.items()}
    for change in changes:
        if isinstance(change, Event | Delete) or not isinstance(change.object, ReplicaSet):
            continue
        thing = change.object
        if thing.owner_uid == owner and isinstance(change, Create | Update):
            was = sizes.get(thing.uid, 0)
            sizes[thing.uid] = thing.replicas
            if was != thing.replicas:
                return thing, was, change.why
    return None


def scaling(
    replicaset: ReplicaSet,
    before: int,
    why: Explanation | None,
    state: State,
    deployment: Deployment,
    at: float,
    moments: int,
) -> Scaling:
    newest = max(revision_of(each) for each in state.replicasets_of(deployment.uid).values())
    side = "new" if revision_of(replicaset) == newest else "old"
    return Scaling(
        side=side, name=replicaset.name, before=before, after=replicaset.replicas, why=why, at=at, moments=moments
    )


def judge(found: Scaling | None, side: str, replicas: int) -> tuple[bool, Explanation]:
    """Returns (whether a prediction is right, what happens next and its rule). `side` is new, old or none."""
    if found is None:
        return side == "none", tell("nothing-next")
    why = found.why and found.why.as_json()
    told = tell("scaling", side=found.side, name=found.name, before=found.before, after=found.after, why=why)
    return (side, replicas) == (found.side, found.after), told


@dataclass(frozen=True, slots=True)
class Answer:
    """`why`: where the value is read, or how it is computed."""

    value: str
    why: Explanation


def need(scene: Scene) -> Deployment:
    """The scene's Deployment. Raises LookupError while there is none."""
    if scene.deployment is None:
        raise LookupError(f"there is no Deployment {scene.name} yet")
    return scene.deployment


def counted(name: str, rule: str) -> Callable[[Scene], Answer]:
    def answer(scene: Scene) -> Answer:
        value = getattr(need(scene).status, name)
        return Answer(str(value), tell(rule, value=value))

    return answer


def floor(scene: Scene) -> Answer:
    found = need(scene)
    spared = max_unavailable(found)
    value = found.replicas - spared
    told = tell("answer-floor", desired=found.replicas, given=plain(found.max_unavailable), spared=spared, value=value)
    return Answer(str(value), told)


def ceiling(scene: Scene) -> Answer:
    found = need(scene)
    extra = max_surge(found)
    value = found.replicas + extra
    told = tell("answer-ceiling", desired=found.replicas, given=plain(found.max_surge), extra=extra, value=value)
    return Answer(str(value), told)


def revision(scene: Scene) -> Answer:
    value = str(revision_of(need(scene)))
    return Answer(value, tell("answer-revision", value=value))


def failing_status(scene: Scene) -> Answer:
    """The STATUS of most of the pods that are not ready."""
    found = scene.failing
    if not found:
        return Answer("none", tell("all-ready"))
    word = max(sorted(found), key=lambda each: found[each])
    return Answer(word, tell("answer-failing", word=word, count=found[word]))


def progress_reason(scene: Scene) -> Answer:
    reason = scene.progress
    return Answer(reason, tell("answer-progress", reason=reason) if reason else tell("answer-no-progress"))


def template_hash(scene: Scene) -> Answer:
    need(scene)
    value = scene.new.labels.get(HASH_LABEL, "") if scene.new else ""
    return Answer(value, tell("answer-hash", label=HASH_LABEL, value=value))


def kept(scene: Scene) -> Answer:
    need(scene)
    value = len(scene.owned)
    return Answer(str(value), tell("answer-replicasets", value=value))


ASKS: Mapping[str, Callable[[Scene], Answer]] = {
    "available": counted("available_replicas", "answer-available"),
    "updated": counted("updated_replicas", "answer-updated"),
    "pods": counted("replicas", "answer-pods"),
    "unavailable": counted("unavailable_replicas", "answer-unavailable"),
    "floor": floor,
    "ceiling": ceiling,
    "revision": revision,
    "replicasets": kept,
    "failing-status": failing_status,
    "progress-reason": progress_reason,
    "template-hash": template_hash,
}


def is_right(given: Any, answer: Answer) -> bool:
    """Compares the given answer, ignoring case and surrounding spaces."""
    return str(given).strip().casefold() == answer.value.casefold()
