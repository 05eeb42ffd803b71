"""What a person did to a Deployment, in a few words, for a teacher who watches many students."""

from cluster.core.lessons.telling import tell
from cluster.core.objects import Deployment, Explanation, ReplicaSet

LIMITS = ("max_surge", "max_unavailable", "min_ready_seconds", "progress_deadline_seconds", "revision_history_limit")


def told(old: Deployment | None, new: Deployment | None) -> tuple[Explanation, ...]:
    """Describes a creation, a deletion or an edit of the spec; empty for any other change."""
    if old is None or new is None:
        return (tell("act-created", name=new.name),) if new else (tell("act-deleted", name=old.name),) if old else ()
    if old.generation == new.generation:
        return ()
    found = []
    if old.paused != new.paused:
        found.append(tell("act-paused" if new.paused else "act-resumed"))
    if images_of(old) != images_of(new):
        found.append(tell("act-image", images=", ".join(images_of(new))))
    if old.replicas != new.replicas:
        found.append(tell("act-scaled", replicas=new.replicas))
    if old.strategy != new.strategy:
        found.append(tell("act-strategy", strategy=new.strategy))
    if any(getattr(old, each) != getattr(new, each) for each in LIMITS):
        found.append(tell("act-limits"))
    return tuple(found) or (tell("act-template"),)


def images_of(thing: Deployment | ReplicaSet) -> list[str]:
    """The images in the order of the containers."""
    spec = thing.template.get("spec", {})
    return [str(each.get("image", "")) for each in spec.get("containers", ())]
