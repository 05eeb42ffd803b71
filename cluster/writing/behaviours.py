"""Image behaviours of a cluster: rules are created, changed and deleted, each as one write that takes effect at once."""

from dataclasses import asdict, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Min

from cluster import models
from cluster.core.nodes import behaviour, kubelet
from cluster.core.rehearsals.assumptions import Overrides, exact, only
from cluster.core.validation import errors
from cluster.records import journal
from cluster.records.loading import BEHAVIOURS, load_behaviours, load_part
from cluster.spaces import Space
from cluster.statuses import Refused, failure, not_found
from cluster.writing import writes

MOST_IN_A_CLUSTER = 200
STEP = 10  # between the orders of two rules, so that one fits in between


def create(cluster: str, *, actor: str, **fields: Any) -> models.ImageBehaviour:
    """`fields` are columns of the model. A cluster without rules followed the shipped ones, so its first rule is followed by
    copies of those. Raises Refused (403, 422)."""
    with journal.exclusive(cluster) as row:
        is_first = not has_own(row)
        made = add(models.ImageBehaviour(cluster=row, **fields))
        if is_first:
            add_shipped(row, after=made.order)
        changed(Space(cluster, ""), actor=actor)
        return made


def has_own(cluster: models.Cluster) -> bool:
    """Whether the cluster has rules other than those set by a story."""
    return cluster.behaviours.filter(played=False).exists()


def add_shipped(cluster: models.Cluster, *, after: int) -> None:
    """Copies the shipped rules into the cluster, with orders that start after `after`. Raises Refused (403)."""
    for place, each in enumerate(behaviour.DEFAULTS, start=1):
        add(models.ImageBehaviour(cluster=cluster, order=after + STEP * place, **asdict(each)))


def first_order(cluster: models.Cluster) -> int:
    """The order of a rule that comes before all other rules of the cluster."""
    first = cluster.behaviours.filter(played=False, namespace=None).aggregate(first=Min("order"))["first"]
    return 0 if first is None else first - STEP


def add(row: models.ImageBehaviour) -> models.ImageBehaviour:
    """Raises Refused (403, 422)."""
    if row.cluster.behaviours.count() >= MOST_IN_A_CLUSTER:
        message = f"{MOST_IN_A_CLUSTER} image behaviours are the most that a cluster may have"
        raise Refused(failure(403, "Forbidden", message))
    check(row)
    row.save()
    return row


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


def keep_times(space: Space, times: Overrides, *, actor: str) -> None:
    """Creates rules of a namespace for exactly these images, before its other rules: their present behaviour with these times. A
    cluster without rules followed the shipped ones, so it gets copies of those too. Raises Refused (403, 404, 422)."""
    with journal.exclusive(space.cluster) as cluster:
        namespace = writes.find_namespace(space)
        today = load_behaviours(namespace)
        if not has_own(cluster):
            add_shipped(cluster, after=0)
        own = cluster.behaviours.filter(namespace=namespace)
        for image, given in times.items():
            rule = replace(exact(behaviour.find(today, image), given), pattern=only(image))
            own.filter(pattern=rule.pattern, played=False).delete()
            first = own.aggregate(first=Min("order"))["first"] or 0
            add(models.ImageBehaviour(cluster=cluster, namespace=namespace, order=first - 1, **asdict(rule)))
        changed(space, actor=actor)


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
    """Appends a change to the journal, on which workers read the rules again, and lets the kubelet probe running pods again:
    those of the namespace or, with "", of the cluster."""
    with journal.exclusive(space.cluster) as cluster:
        with journal.write(space.cluster, actor=actor) as writer:
            writer.append("MODIFIED", BEHAVIOURS, {"uid": f"behaviours-of-{space.cluster}"[:36]}, name=BEHAVIOURS)
        running = models.Pod.objects.filter(namespace__cluster=cluster, started_at__isnull=False, deleted_at=None)
        if space.namespace:
            running = running.filter(namespace__name=space.namespace)
        loaded = load_part(cluster, pods=running.values_list("pk", flat=True))
        changes = kubelet.look_again(loaded.state, loaded.now, space.namespace)
        return writes.write(loaded, changes, "images behave differently", actor=actor)
