"""Clusters: made, renamed, reset and deleted."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

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


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a cluster begins with, beside the namespace `default`: nodes, image behaviours, and Deployments as (namespace,
    YAML)."""

    nodes: tuple[Node, ...] = NODES
    behaviours: tuple[ImageBehaviour, ...] = behaviour.DEFAULTS
    deployments: tuple[tuple[str, str], ...] = ()


EMPTY = Stage()


def example() -> Stage:
    """With the book's Deployment."""
    return Stage(deployments=(("default", actions.example_text()),))


def found(name: str, owner: Any, stage: Stage = EMPTY) -> models.Cluster:
    """A new cluster with its owner (None: nobody) as admin. Raises Refused."""
    with transaction.atomic():
        row = create(name, owner=owner, stage=stage)
        if owner is not None:
            memberships.grant(Space(name, ""), owner, "admin", actor=owner.get_username())
    return row


def create(name: str, *, owner: Any = None, stage: Stage = EMPTY, old_versions: bool = False) -> models.Cluster:
    """With three nodes, the shipped image behaviours and the namespace `default`, or as the stage says; `old_versions`: the API
    versions of the book's days are served too. Raises Refused."""
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


def ensure(name: str, *, owner: Any = None, old_versions: bool = False) -> bool:
    """Makes a cluster of that name if there is none; True if so. Raises Refused."""
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
        nodes.create(row.name, node.name, actor=ACTOR, slots=node.slots)
    behaviours = [
        models.ImageBehaviour(cluster=row, order=10 * place, **asdict(each))
        for place, each in enumerate(stage.behaviours, start=1)
    ]
    models.ImageBehaviour.objects.bulk_create(behaviours)
    namespaces.create(row.name, "default", actor=ACTOR)
    api_service(row)
    for namespace, text in stage.deployments:
        namespaces.ensure(Space(row.name, namespace), actor=ACTOR)
        actions.create(Space(row.name, namespace), text, actor=ACTOR)


def rename(name: str, new: str, *, actor: str = ACTOR) -> None:
    """Members keep their roles; paths and kubeconfigs with the old name lead nowhere any more. Raises Refused."""
    check_name(new)
    with journal.exclusive(name) as row:
        if models.Cluster.objects.filter(name=new).exists():
            raise Refused(already_exists("clusters", new))
        row.name = new
        row.save(update_fields=["name"])
        tell(row, f"renamed from {name}", actor=actor)


def tell(row: models.Cluster, did: str, *, actor: str) -> None:
    """The journal's change of the cluster itself."""
    with journal.write(row.name, actor=actor) as writer:
        now = clock.simulated(row, writer.wall)
        state = {"uid": str(row.pk), "name": row.name, "pace": row.pace, "now": now, "did": did}
        writer.append("MODIFIED", "Cluster", state, name=row.name)


def reset(name: str, stage: Stage = EMPTY, *, actor: str = ACTOR) -> None:
    """As a new cluster of that stage, with its members. The journal forgets what was: viewers get a fresh picture, watches
    start over. Raises Refused, and changes nothing then."""
    with journal.exclusive(name) as row:
        empty(row)
        row.head += 1
        row.tail = row.head
        row.pace, row.clock_wall, row.clock_sim, row.due = 1.0, 0.0, 0.0, 0.0
        row.pods_asked = row.objects_count = row.kept_bytes = 0
        row.save(update_fields=["head", "tail", "pace", "clock_wall", "clock_sim", "due", *capacity.LIMITS])
        furnish(row, stage)
        tell(row, "reset", actor=actor)


def delete(name: str) -> None:
    with journal.exclusive(name) as row:
        empty(row)
        models.Change.objects.filter(cluster=row)._raw_delete(using=row._state.db)
        models.Blueprint.objects.filter(cluster=row)._raw_delete(using=row._state.db)
        row.delete()


def empty(row: models.Cluster) -> None:
    """Deletes all objects, a statement a table, without a change in the journal for each."""
    inside = models.Namespace.objects.filter(cluster=row)
    keys = list(inside.values_list("pk", flat=True))
    for model in (models.Pod, models.ReplicaSet, models.Deployment, models.Event, models.PinnedRollout):
        model.objects.filter(namespace__in=keys)._raw_delete(using=row._state.db)
    models.Membership.objects.filter(cluster=row).exclude(namespace="").delete()
    bindings = models.Membership.objects.filter(cluster=row).values("binding")
    models.KeptObject.objects.filter(cluster=row).exclude(pk__in=bindings)._raw_delete(using=row._state.db)
    models.Allocation.objects.filter(cluster=row)._raw_delete(using=row._state.db)
    models.ImageBehaviour.objects.filter(cluster=row).delete()
    models.Node.objects.filter(cluster=row).delete()
    inside.delete()


def check_name(name: str) -> None:
    problems = formats.dns_label(name)
    if problems:
        raise Refused(bad_request(f"metadata.name: Invalid value: {name!r}: {problems[0]}"))


def check_limits(owner: Any) -> None:
    """Within the transaction that makes the cluster: a person's row is held until then, so that two at once are counted one
    after the other."""
    if owner is not None:
        get_user_model().objects.select_for_update(no_key=True).filter(pk=owner.pk).first()
    owned = models.Cluster.objects.filter(owner=owner).count() if owner else 0
    if owned >= MOST_OF_ONE_PERSON:
        raise Refused(failure(403, "Forbidden", f"{MOST_OF_ONE_PERSON} clusters are the most that one person may have"))
    if models.Cluster.objects.count() >= MOST_ON_A_SERVER:
        raise Refused(
            failure(403, "Forbidden", f"{MOST_ON_A_SERVER:,} clusters are the most that this server may have")
        )
