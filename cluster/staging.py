"""What a story does to a cluster beside kubectl's own verbs: readiness by hand, images that break and heal, drained nodes, and
words for the audience."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

from cluster import families, journal, models, nodes, statuses, writes
from cluster.core import behaviour, kubelet
from cluster.core.objects import Change, Family, ImageBehaviour, Pod, Update
from cluster.core.replicaset import terminate
from cluster.snapshot import load, load_behaviours

Result = writes.Result
PLAYED_ORDER = -1000


def turn(namespace: str, name: str, counts: Mapping[int, int], *, ready: bool, actor: str) -> Result:
    """The oldest pods of a ReplicaSet (by number; 0 is the newest) that are not ready, or are, become so."""
    word = "that run and are not ready" if ready else "that are ready"

    def fits(pod: Pod) -> bool:
        return pod.deleted_at is None and pod.phase == "Running" and pod.ready is not ready

    def change(pod: Pod, now: float) -> list[Change]:
        return [Update(object=replace(pod, ready=ready, ready_since=now))]

    return to_pods(namespace, name, counts, fits, change, word, actor=actor)


def delete_pods(namespace: str, name: str, counts: Mapping[int, int], *, actor: str) -> Result:
    def fits(pod: Pod) -> bool:
        return pod.deleted_at is None

    return to_pods(namespace, name, counts, fits, terminate, "that could be deleted", actor=actor)


def to_pods(
    namespace: str,
    name: str,
    counts: Mapping[int, int],
    fits: Callable[[Pod], bool],
    change: Callable[[Pod, float], list[Change]],
    word: str,
    *,
    actor: str,
) -> Result:
    with writes.opened(namespace, name) as loaded:
        now = writes.time_of(loaded)
        changes: list[Change] = []
        for number, count in counts.items():
            found = [pod for pod in pods_of(loaded.family, number) if fits(pod)]
            if len(found) < count:
                message = f"ReplicaSet {number} has {len(found)} pods {word}, {count} are wanted"
                raise statuses.Refused(statuses.bad_request(message))
            changes += [each for pod in found[:count] for each in change(pod, now)]
        return writes.write(loaded, changes, f"{len(changes)} pods changed", actor=actor)


def pods_of(family: Family, number: int) -> list[Pod]:
    numbers = {each.number: each.uid for each in family.replicasets.values()}
    uid = numbers.get(number or max(numbers, default=0))
    if uid is None:
        known = ", ".join(str(each) for each in sorted(numbers)) or "none"
        raise statuses.Refused(statuses.bad_request(f"there is no ReplicaSet {number}; there are {known}"))
    return [pod for pod in family.pods.values() if pod.owner_uid == uid]


def cordon(node: str, *, cordoned: bool, actor: str) -> Result:
    """A node is the whole cluster's: no pod of any namespace goes there while it is cordoned."""
    with journal.exclusive():
        row = models.Node.objects.filter(name=node).first()
        if row is None:
            known = ", ".join(models.Node.objects.values_list("name", flat=True))
            raise statuses.Refused(statuses.bad_request(f'nodes "{node}" not found; there are {known}'))
        if row.unschedulable != cordoned:
            nodes.change(row, actor=actor, unschedulable=cordoned)
    return Result(rv=journal.head(), message=f"node/{node} {'cordoned' if cordoned else 'uncordoned'}")


def drain(namespace: str, node: str, *, actor: str) -> Result:
    """Cordons a node and deletes the namespace's pods there."""
    result = cordon(node, cordoned=True, actor=actor)

    def leave(family: Family, now: float) -> list[Change]:
        there = (pod for pod in family.pods.values() if pod.node == node)
        return [change for pod in there for change in terminate(pod, now)]

    return to_families(namespace, leave, f"node/{node} drained", actor=actor) or result


def behave(namespace: str, behaviours: tuple[ImageBehaviour, ...], *, actor: str) -> Result | None:
    """Gives a namespace the behaviours of a story, before its own and the cluster's; running pods are looked at again."""
    space = writes.find_namespace(namespace)
    rows = [
        models.ImageBehaviour(namespace=space, played=True, order=PLAYED_ORDER + place, **asdict(each))
        for place, each in enumerate(behaviours)
    ]
    with journal.exclusive():
        models.ImageBehaviour.objects.filter(namespace=space, played=True).delete()
        models.ImageBehaviour.objects.bulk_create(rows)
        return to_families(namespace, kubelet.look_again, "images behave differently", actor=actor)


def break_images(namespace: str, failing: tuple[ImageBehaviour, ...], *, actor: str) -> Result | None:
    today = load_behaviours(namespace)
    return behave(namespace, behaviour.broken(today, failing)[: len(failing)] + played(namespace), actor=actor)


def heal_image(namespace: str, image: str, *, actor: str) -> Result | None:
    healed = behaviour.healed(load_behaviours(namespace), image)[:1]
    return behave(namespace, healed + played(namespace), actor=actor)


def played(namespace: str) -> tuple[ImageBehaviour, ...]:
    return load_behaviours(namespace, played=True)


def to_families(
    namespace: str, decide: Callable[[Family, float], list[Change]], message: str, *, actor: str
) -> Result | None:
    """Changes every family of a namespace; the last one's result, None without any."""
    result = None
    for pk in models.Family.objects.filter(namespace__name=namespace).values_list("pk", flat=True):
        with journal.exclusive():
            row = families.locked_if_there(pk)
            if row is None:
                continue
            loaded = load(row)
            result = writes.write(loaded, decide(loaded.family, writes.time_of(loaded)), message, actor=actor)
    return result


def say(namespace: str, text: str, *, actor: str) -> Result:
    """Shows words to everybody who watches the namespace."""
    with journal.write(writes.find_namespace(namespace), actor=actor) as writer:
        rv = writer.append("ADDED", "Say", {"uid": str(uuid.uuid4()), "text": text}, name="say")
    return Result(rv=rv, message=text)
