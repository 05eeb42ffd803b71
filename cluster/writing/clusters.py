"""Creating, renaming, resetting and deleting clusters."""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import chain, count
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from cluster import models
from cluster.core.nodes import behaviour
from cluster.core.objects import ImageBehaviour, Node
from cluster.core.validation import formats
from cluster.records import clock, journal, kept
from cluster.spaces import Space
from cluster.statuses import Refused, already_exists, bad_request, failure
from cluster.writing import actions, capacity, memberships, namespaces, nodes

ACTOR = "seed"
NODES = tuple(Node(name=f"node-{number}") for number in (1, 2, 3))
MOST_OF_ONE_PERSON = 20
MOST_ON_A_SERVER = 2000
MOST_TRIES = 5
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The initial content of a cluster, beside the namespace `default`: nodes, image behaviours, and Deployments as (namespace,
    YAML)."""

    nodes: tuple[Node, ...] = NODES
    behaviours: tuple[ImageBehaviour, ...] = behaviour.DEFAULTS
    deployments: tuple[tuple[str, str], ...] = ()


EMPTY = Stage()


def example() -> Stage:
    """A stage with the book's Deployment."""
    return Stage(deployments=(("default", actions.example_text()),))


def found(name: str, owner: Any, stage: Stage = EMPTY, *, old_versions: bool = False) -> models.Cluster:
    """Creates a cluster with its owner (None: no owner) as admin. Raises Refused."""
    with transaction.atomic():
        row = create(name, owner=owner, stage=stage, old_versions=old_versions)
        if owner is not None:
            memberships.grant(Space(name, ""), owner, "admin", actor=owner.get_username())
    return row


def create(name: str, *, owner: Any = None, stage: Stage = EMPTY, old_versions: bool = False) -> models.Cluster:
    """Creates a cluster with the content of `stage`, by default three nodes, the shipped image behaviours and the namespace
    `default`; `old_versions`: also serve the API versions of the book's days. Raises Refused."""
    check_name(name)
    with transaction.atomic():
        check_limits(owner)
        row, is_new = models.Cluster.objects.get_or_create(
            name=name, defaults={"owner": owner, "created": timezone.now(), "old_versions": old_versions}
        )
        if not is_new:
            raise Refused(already_exists("clusters", name))
        with journal.holding(row):
            furnish(row, stage)
    return row


def under_free_name(wanted: str, make: Callable[[str], Made]) -> Made:
    """Calls `make` with a free cluster name, the wanted one or one with a number, and returns its result. Tries again with
    another name if a different cluster took the name in the meantime. Raises Refused."""
    tries = 0
    while True:
        tries += 1
        try:
            return make(free_name(wanted))
        except Refused as refused:
            if refused.status["reason"] != "AlreadyExists" or tries == MOST_TRIES:
                raise


def free_name(wanted: str) -> str:
    """The wanted name (drain), or with a number (drain-2) if it is taken."""
    taken = set(models.Cluster.objects.filter(name__startswith=wanted).values_list("name", flat=True))
    return next(each for each in chain([wanted], (f"{wanted}-{number}" for number in count(2))) if each not in taken)


def ensure(name: str, *, owner: Any = None, old_versions: bool = False) -> bool:
    """Creates a cluster of that name if there is none; True if it was created. Raises Refused."""
    check_name(name)
    if models.Cluster.objects.filter(name=name).exists():
        return False
    create(name, owner=owner, old_versions=old_versions)
    return True


def api_service(row: models.Cluster, name: str = "kubernetes", address: str = "10.96.0.1") -> None:
    """The Service of the API server, in the namespace default (pkg/controlplane/controller/kubernetesservice)."""
    uid, now = str(uuid.uuid4()), timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    labels = {"component": "apiserver", "provider": "kubernetes"}
    metadata = {"name": name, "namespace": "default", "uid": uid, "creationTimestamp": now, "labels": labels}
    spec = {
        "clusterIP": address,
        "clusterIPs": [address],
        "internalTrafficPolicy": "Cluster",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        "sessionAffinity": "None",
        "type": "ClusterIP",
    }
    manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": spec,
        "status": {"loadBalancer": {}},
    }
    with journal.write(row.name, "default", actor=ACTOR) as writer:
        row_of_it = models.KeptObject(
            uid=uid, cluster=row, namespace="default", resource="services", name=name, manifest=manifest
        )
        kept.insert(writer, row_of_it)


def furnish(row: models.Cluster, stage: Stage) -> None:
    for node in stage.nodes:
        nodes.create(row.name, node.name, actor=ACTOR, **columns_of(node))
    behaviours = [
        models.ImageBehaviour(cluster=row, order=10 * place, **asdict(each))
        for place, each in enumerate(stage.behaviours, start=1)
    ]
    models.ImageBehaviour.objects.bulk_create(behaviours)
    for each in namespaces.KEPT_FOR_EVER:
        namespaces.create(row.name, each, actor=ACTOR)
    api_service(row)
    for namespace, text in stage.deployments:
        namespaces.ensure(Space(row.name, namespace), actor=ACTOR)
        actions.create(Space(row.name, namespace), text, actor=ACTOR)


def columns_of(node: Node) -> dict[str, Any]:
    return {
        "slots": node.slots,
        "labels": dict(node.labels),
        "taints": list(node.taints),
        "allocatable": dict(node.allocatable),
        "unschedulable": node.unschedulable,
    }


def rename(name: str, new: str, *, actor: str = ACTOR) -> None:
    """Members keep their roles; paths and kubeconfigs with the old name stop working. Raises Refused."""
    check_name(new)
    with journal.exclusive(name) as row:
        if models.Cluster.objects.filter(name=new).exists():
            raise Refused(already_exists("clusters", new))
        row.name = new
        row.save(update_fields=["name"])
        tell(row, f"renamed from {name}", actor=actor)


def hand_over(name: str, owner: Any) -> None:
    """Sets the owner (None: no owner); roles do not change. Raises Refused."""
    with transaction.atomic():
        check_owned(owner)
        with journal.exclusive(name) as row:
            row.owner = owner
            row.save(update_fields=["owner"])


def serve_old_versions(name: str, *, on: bool, actor: str) -> None:
    """Sets whether the API versions of the book's days are served too. Raises Refused."""
    with journal.exclusive(name) as row:
        if row.old_versions != on:
            row.old_versions = on
            row.save(update_fields=["old_versions"])
            tell(row, f"old API versions {'served' if on else 'no longer served'}", actor=actor)


def tell(row: models.Cluster, did: str, *, actor: str) -> None:
    """Appends a change of the cluster itself to the journal."""
    with journal.write(row.name, actor=actor) as writer:
        now = clock.simulated(row, writer.wall)
        state = {"uid": str(row.pk), "name": row.name, "pace": row.pace, "now": now, "did": did}
        writer.append("MODIFIED", "Cluster", state, name=row.name)


def reset(name: str, stage: Stage = EMPTY, *, actor: str = ACTOR) -> None:
    """Restores a cluster to a new one of that stage; memberships of the whole cluster stay. The journal is cut off: viewers get a
    new snapshot, watches start over. Raises Refused, in which case nothing is changed."""
    with journal.exclusive(name) as row:
        empty(row)
        row.head += 1
        row.tail = row.head
        row.pace, row.clock_wall, row.clock_sim, row.due = 1.0, 0.0, 0.0, 0.0
        left = [kept.size_of(each.manifest) for each in row.kept_objects.all()]  # the bindings of its members
        row.pods_asked, row.objects_count, row.kept_bytes = 0, len(left), sum(left)
        row.save(update_fields=["head", "tail", "pace", "clock_wall", "clock_sim", "due", *capacity.LIMITS])
        furnish(row, stage)
        tell(row, "reset", actor=actor)


def delete(name: str) -> None:
    with journal.exclusive(name) as row:
        empty(row)
        models.Change.objects.filter(cluster=row)._raw_delete(using=row._state.db)
        models.Blueprint.objects.filter(cluster=row)._raw_delete(using=row._state.db)
        row.delete()
        # Followers read the cluster at once, and find it deleted.
        transaction.on_commit(lambda: journal.ring(name, row.head + 1), robust=True)


def empty(row: models.Cluster) -> None:
    """Deletes all objects, one statement per table, without a journal change for each. Bindings of members of the whole cluster
    stay. A story or lesson in the cluster is ended: what follows is the user's own."""
    inside = models.Namespace.objects.filter(cluster=row)
    keys = list(inside.values_list("pk", flat=True))
    for model in (models.Pod, models.ReplicaSet, models.Deployment, models.Event, models.PinnedRollout):
        model.objects.filter(namespace__in=keys)._raw_delete(using=row._state.db)
    for given in (models.Membership, models.Invitation):
        given.objects.filter(cluster=row).exclude(namespace="").delete()
    bindings = models.Membership.objects.filter(cluster=row, binding__isnull=False).values("binding")
    models.KeptObject.objects.filter(cluster=row).exclude(pk__in=bindings)._raw_delete(using=row._state.db)
    models.Allocation.objects.filter(cluster=row)._raw_delete(using=row._state.db)
    models.ImageBehaviour.objects.filter(cluster=row).delete()
    models.Playing.objects.filter(cluster=row).delete()
    models.SelfStudy.objects.filter(cluster=row).delete()
    models.Node.objects.filter(cluster=row).delete()
    inside.delete()


def check_name(name: str) -> None:
    problems = formats.dns_label(name)
    if problems:
        raise Refused(bad_request(f"metadata.name: Invalid value: {name!r}: {problems[0]}"))


def check_limits(owner: Any) -> None:
    """Called within the transaction that creates the cluster."""
    check_owned(owner)
    if models.Cluster.objects.count() >= MOST_ON_A_SERVER:
        raise Refused(
            failure(403, "Forbidden", f"{MOST_ON_A_SERVER:,} clusters are the most that this server may have")
        )


def check_owned(owner: Any) -> None:
    """Called within the transaction in which a user gets a cluster: it locks the user's row, so that two at once are counted one
    after the other. Raises Refused (403)."""
    if owner is not None:
        get_user_model().objects.select_for_update(no_key=True).filter(pk=owner.pk).first()
    owned = models.Cluster.objects.filter(owner=owner).count() if owner else 0
    if owned >= MOST_OF_ONE_PERSON:
        raise Refused(failure(403, "Forbidden", f"{MOST_OF_ONE_PERSON} clusters are the most that one person may have"))
