"""How images behave in a cluster: rules made, changed and deleted, each as one write that is felt at once."""

from typing import Any

from django.core.exceptions import ValidationError

from cluster import models
from cluster.core.nodes import kubelet
from cluster.core.validation import errors
from cluster.records import journal
from cluster.records.loading import BEHAVIOURS, load_part
from cluster.spaces import Space
from cluster.statuses import Refused, failure, not_found
from cluster.writing import writes

MOST_IN_A_CLUSTER = 200


def create(cluster: str, *, actor: str, **fields: Any) -> models.ImageBehaviour:
    """`fields` are columns of the model. Raises Refused (403, 422)."""
    with journal.exclusive(cluster) as row:
        if row.behaviours.count() >= MOST_IN_A_CLUSTER:
            message = f"{MOST_IN_A_CLUSTER} image behaviours are the most that a cluster may have"
            raise Refused(failure(403, "Forbidden", message))
        made = models.ImageBehaviour(cluster=row, **fields)
        return keep(made, actor=actor)


def change(cluster: str, key: int, *, actor: str, **fields: Any) -> models.ImageBehaviour:
    """Raises Refused (404, 422)."""
    with journal.exclusive(cluster):
        row = find(cluster, key)
        for name, value in fields.items():
            setattr(row, name, value)
        return keep(row, actor=actor)


def delete(cluster: str, key: int, *, actor: str) -> None:
    """Raises Refused (404)."""
    with journal.exclusive(cluster):
        find(cluster, key).delete()
        changed(Space(cluster, ""), actor=actor)


def keep(row: models.ImageBehaviour, *, actor: str) -> models.ImageBehaviour:
    check(row)
    row.save()
    changed(Space(row.cluster.name, ""), actor=actor)
    return row


def check(row: models.ImageBehaviour) -> None:
    """Raises Refused (422), with a cause for each field."""
    try:
        row.full_clean(exclude=("cluster",))
    except ValidationError as error:
        causes = [
            errors.invalid(name, getattr(row, name, None), text)
            for name, texts in error.message_dict.items()
            for text in texts
        ]
        raise Refused(errors.status(causes, kind="ImageBehaviour", name=row.pattern, group="")) from error


def find(cluster: str, key: int) -> models.ImageBehaviour:
    found = models.ImageBehaviour.objects.select_related("cluster").filter(cluster__name=cluster, pk=key).first()
    if found is None:
        raise Refused(not_found("imagebehaviours", str(key)))
    return found


def changed(space: Space, *, actor: str) -> writes.Result:
    """The journal tells that images behave differently, so that workers read the rules again; running pods, of the namespace
    or ("") of the cluster, are probed anew."""
    with journal.exclusive(space.cluster) as cluster:
        with journal.write(space.cluster, actor=actor) as writer:
            writer.append("MODIFIED", BEHAVIOURS, {"uid": f"behaviours-of-{space.cluster}"[:36]}, name=BEHAVIOURS)
        running = models.Pod.objects.filter(namespace__cluster=cluster, started_at__isnull=False, deleted_at=None)
        if space.namespace:
            running = running.filter(namespace__name=space.namespace)
        loaded = load_part(cluster, pods=running.values_list("pk", flat=True))
        changes = kubelet.look_again(loaded.state, loaded.now, space.namespace)
        return writes.write(loaded, changes, "images behave differently", actor=actor)
