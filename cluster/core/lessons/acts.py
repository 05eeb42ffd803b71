"""What a person did to a Deployment, in a few words: for a teacher who looks at many."""

from cluster.core.objects import Deployment, ReplicaSet

LIMITS = ("max_surge", "max_unavailable", "min_ready_seconds", "progress_deadline_seconds", "revision_history_limit")


def told(old: Deployment | None, new: Deployment | None) -> str:
    """Of an edit of the spec; "" for what is none."""
    if old is None or new is None:
        return f"created {new.name}" if new else f"deleted {old.name}" if old else ""
    if old.generation == new.generation:
        return ""
    words = []
    if old.paused != new.paused:
        words.append("paused" if new.paused else "resumed")
    if images_of(old) != images_of(new):
        words.append(f"image {', '.join(images_of(new))}")
    if old.replicas != new.replicas:
        words.append(f"scaled to {new.replicas}")
    if old.strategy != new.strategy:
        words.append(f"strategy {new.strategy}")
    if any(getattr(old, each) != getattr(new, each) for each in LIMITS):
        words.append("limits changed")
    return ", ".join(words) or "template changed"


def images_of(thing: Deployment | ReplicaSet) -> list[str]:
    """By the order of the containers."""
    spec = thing.template.get("spec", {})
    return [str(each.get("image", "")) for each in spec.get("containers", ())]
