"""A story's actions without a kubectl verb: setting readiness, images that break and heal, drained nodes, and texts for the
audience."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from itertools import count

from cluster import documents, models, statuses
from cluster.core.controllers.replicaset import terminate
from cluster.core.nodes import behaviour, kubelet
from cluster.core.objects import Change, ImageBehaviour, Manifest, Pod, Update
from cluster.core.policies import budgets, evictions, reading
from cluster.core.policies.budgets import written
from cluster.core.rehearsals.stories.story import Story
from cluster.core.services import reading as services
from cluster.core.services.index import SERVICE
from cluster.core.state import State
from cluster.records import allocations, journal, kept
from cluster.records.loading import load_behaviours, load_part
from cluster.spaces import Space
from cluster.stories import story_files
from cluster.writing import clusters, nodes, writes
from cluster.writing import kept as kept_objects
from cluster.writing.behaviours import changed as behaviours_changed

Result = writes.Result
PLAYED_ORDER = -1000
STAGES = ("empty", "example")  # in addition to the stories of the library


def stage_named(name: str) -> clusters.Stage:
    """`empty`, `example`, or a story of the library by name. Raises Refused (400)."""
    if name in STAGES:
        return clusters.EMPTY if name == "empty" else clusters.example()
    story = story_files.library().get(name)
    if story is None:
        known = ", ".join((*STAGES, *story_files.library()))
        raise statuses.Refused(statuses.bad_request(f"stage: Unsupported value: {name!r}: supported values: {known}"))
    return stage_of(story)


def stage_of(story: Story) -> clusters.Stage:
    """The stage before a story's first step: its nodes, its behaviours, and its first manifest, in the story's namespace."""
    manifest = next(iter(story.manifests.values()))
    namespace, _ = story.deployment
    return clusters.Stage(
        nodes=story.nodes, behaviours=story.behaviours, deployments=((namespace, documents.dump(manifest)),)
    )


def turn(space: Space, name: str, counts: Mapping[int, int], *, ready: bool, actor: str) -> Result:
    """Makes the oldest pods of a ReplicaSet (by number; 0 is the newest) ready or unready, `counts` of those that are not so
    already."""
    word = "that run and are not ready" if ready else "that are ready"

    def fits(pod: Pod) -> bool:
        is_simulated = pod.reported is None
        return is_simulated and pod.deleted_at is None and pod.phase == "Running" and pod.ready is not ready

    def change(state: State, pod: Pod, now: float) -> list[Change]:
        return [Update(object=kubelet.turned(pod, now, ready=ready, is_held=kubelet.is_held(state, pod)))]

    return to_pods(space, name, counts, fits, change, word, actor=actor)


def delete_pods(space: Space, name: str, counts: Mapping[int, int], *, actor: str) -> Result:
    def fits(pod: Pod) -> bool:
        return pod.deleted_at is None

    def change(_: State, pod: Pod, now: float) -> list[Change]:
        return terminate(pod, now)

    return to_pods(space, name, counts, fits, change, "that could be deleted", actor=actor)


def to_pods(
    space: Space,
    name: str,
    counts: Mapping[int, int],
    fits: Callable[[Pod], bool],
    change: Callable[[State, Pod, float], list[Change]],
    word: str,
    *,
    actor: str,
) -> Result:
    with writes.opened(space, name, with_replicasets=True) as (loaded, deployment):
        owned = list(loaded.state.replicasets_of(deployment.uid))
        loaded = load_part(loaded.cluster, replicasets=owned, pods=uids_of_pods(owned))
        now = loaded.now
        changes: list[Change] = []
        for number, count in counts.items():
            found = [pod for pod in pods_of(loaded.state, number) if fits(pod)]
            if len(found) < count:
                message = f"ReplicaSet {number} has {len(found)} pods {word}, expected {count}"
                raise statuses.Refused(statuses.bad_request(message))
            changes += [each for pod in found[:count] for each in change(loaded.state, pod, now)]
        return writes.write(loaded, changes, f"{len(changes)} pods changed", actor=actor)


def uids_of_pods(replicasets: list[str]) -> list[str]:
    return list(models.Pod.objects.filter(owner_uid__in=replicasets).values_list("pk", flat=True))


def pods_of(state: State, number: int) -> list[Pod]:
    numbers = {each.number: each.uid for each in state.replicasets.values()}
    uid = numbers.get(number or max(numbers, default=0))
    if uid is None:
        known = ", ".join(str(each) for each in sorted(numbers)) or "none"
        raise statuses.Refused(statuses.bad_request(f"there is no ReplicaSet {number}; there are {known}"))
    return [pod for pod in state.pods.values() if pod.owner_uid == uid]


def cordon(cluster: str, node: str, *, cordoned: bool, actor: str) -> Result:
    """Cordons or uncordons a node: while it is cordoned, no pod of any namespace of the cluster is scheduled there."""
    known = models.Node.objects.filter(cluster__name=cluster).values_list("name", flat=True)
    if node not in known:
        raise statuses.Refused(statuses.bad_request(f'nodes "{node}" not found; there are {", ".join(known)}'))
    nodes.change(cluster, node, actor=actor, unschedulable=cordoned)
    return Result(rv=journal.head(cluster), message=f"node/{node} {'cordoned' if cordoned else 'uncordoned'}")


def drain(space: Space, node: str, *, actor: str) -> int:
    """Cordons a node and evicts the namespace's pods there, as one write; returns how many evictions their disruption budgets
    refused."""
    with journal.exclusive(space.cluster) as cluster:
        cordon(space.cluster, node, cordoned=True, actor=actor)
        here = writes.find_namespace(space).pods.filter(node=node).values_list("pk", flat=True)
        loaded = load_part(cluster, pods=list(here))
        rules = kept.rules(cluster, namespace=space.namespace, resource=budgets.RESOURCE)
        staying = [pod for pod in loaded.state.pods.values() if pod.deleted_at is None]
        going, counted, refused = evictions.evict_all(
            staying, lambda pod: [each for each in rules if budgets.covers(each.manifest, pod.labels)], loaded.now
        )
        gone = [change for pod in going for change in terminate(pod, loaded.now)]
        changes: list[Change] = [*(Update(object=each) for each in counted), *gone]
        writes.write(loaded, changes, f"node/{node} drained", actor=actor)
    return len(refused)


def apply_rule(space: Space, manifest: Manifest, *, actor: str) -> None:
    """Creates or changes a ResourceQuota, a LimitRange, a PodDisruptionBudget or a Service of the namespace."""
    with journal.write(space.cluster, space.namespace, actor=actor) as writer:
        writes.find_namespace(space)
        wanted = reading.read(manifest, space.namespace)
        place = {"resource": wanted.resource, "namespace": space.namespace, "name": wanted.name}
        row = models.KeptObject.objects.filter(cluster=writer.cluster, **place).first()
        if row is not None:
            kept_objects.update(writer, row, dict(reading.over(kept.value(row), wanted).manifest))
            return
        uid = str(uuid.uuid4())
        if wanted.resource == SERVICE:
            spec = with_free_address(wanted.manifest["spec"], space.cluster, uid)
            wanted = replace(wanted, manifest={**wanted.manifest, "spec": spec})
        metadata = {**wanted.manifest["metadata"], "uid": uid, "creationTimestamp": written(time.time())}
        made = models.KeptObject(
            uid=uid, cluster=writer.cluster, **place, manifest={**wanted.manifest, "metadata": metadata}
        )
        kept_objects.insert(writer, made)


def with_free_address(spec: Manifest, cluster: str, uid: str) -> Manifest:
    if spec.get("clusterIP"):
        return spec
    found = (services.with_address(spec, f"{uid}/{number}") for number in count())
    return next(each for each in found if not allocations.is_taken(cluster, each["clusterIP"], uid))


def behave(space: Space, behaviours: tuple[ImageBehaviour, ...], *, actor: str) -> Result:
    """Gives a namespace a story's behaviours, ahead of its own and the cluster's; running pods are updated."""
    with journal.exclusive(space.cluster):
        namespace = writes.find_namespace(space)
        rows = [
            models.ImageBehaviour(
                cluster=namespace.cluster,
                namespace=namespace,
                played=True,
                order=PLAYED_ORDER + place,
                **asdict(each),
            )
            for place, each in enumerate(behaviours)
        ]
        models.ImageBehaviour.objects.filter(namespace=namespace, played=True).delete()
        models.ImageBehaviour.objects.bulk_create(rows)
        return behaviours_changed(space, actor=actor)


def break_images(space: Space, failing: tuple[ImageBehaviour, ...], *, actor: str) -> Result:
    today = load_behaviours(writes.find_namespace(space))
    return behave(space, behaviour.broken(today, failing)[: len(failing)] + played(space), actor=actor)


def heal_image(space: Space, image: str, *, actor: str) -> Result:
    healed = behaviour.healed(load_behaviours(writes.find_namespace(space)), image)[:1]
    return behave(space, healed + played(space), actor=actor)


def played(space: Space) -> tuple[ImageBehaviour, ...]:
    return load_behaviours(writes.find_namespace(space), played=True)


def say(space: Space, text: str, *, actor: str, translations: Mapping[str, str] | None = None) -> Result:
    """Shows a text to all viewers of the namespace, in their language where `translations` has it."""
    state = {"uid": str(uuid.uuid4()), "text": text, "translations": dict(translations or {})}
    with journal.write(space.cluster, space.namespace, actor=actor) as writer:
        rv = writer.append("ADDED", "Say", state, name="say")
    return Result(rv=rv, message=text)
