"""A Deployment's past: its YAML, its revisions, and the film of its current or last rollout."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import Max, Min

from cluster import documents, models
from cluster.core.controllers import revisions
from cluster.core.manifests.deployments import editable
from cluster.core.objects import Deployment, ReplicaSet
from cluster.records import journal, snapshot, states
from cluster.records.rows import deployment_value, replicaset_value
from cluster.spaces import Space
from cluster.statuses import Refused, not_found

MOST_FILM_ITEMS = 20_000
FILMED = ("Deployment", "ReplicaSet", "Pod")
LISTS = {"ReplicaSet": "replicasets", "Pod": "pods"}
State = dict[str, Any]


def manifest_yaml(space: Space, name: str) -> tuple[str, int]:
    """(the manifest that a user edits, without status; its resource version)."""
    row = find(space, name)
    return documents.dump(editable(deployment_value(row, space.namespace))), row.resource_version


def list_revisions(space: Space, name: str) -> list[State]:
    """Newest first; `diff` compares a revision's template with the current one's."""
    row = find(space, name)
    deployment = deployment_value(row, space.namespace)
    rows = models.ReplicaSet.objects.filter(owner_uid=row.uid)
    found = revisions.list_revisions(replicaset_value(each, space.namespace) for each in rows)
    current = max((number for number, _ in found), default=0)
    return [revision(number, each, deployment, current) for number, each in reversed(found)]


def revision(number: int, replicaset: ReplicaSet, deployment: Deployment, current: int) -> State:
    before, after = template_yaml(replicaset.template), template_yaml(deployment.template)
    return {
        "revision": number,
        "replicaset": replicaset.name,
        "image": ", ".join(each["image"] for each in states.containers(replicaset.template)),
        "change_cause": replicaset.annotations.get(states.CHANGE_CAUSE),
        "created_at": replicaset.created_at,
        "current": number == current,
        "diff": documents.unified_diff(before, after, f"revision {number}", f"revision {current}"),
    }


def template_yaml(template: Any) -> str:
    metadata = dict(template.get("metadata", {}))
    metadata["labels"] = {k: v for k, v in metadata.get("labels", {}).items() if k != states.POD_TEMPLATE_HASH}
    return documents.dump({**template, "metadata": metadata})


def film(space: Space, name: str) -> State:
    """The changes of the newest rollout, and the states just before it."""
    row = find(space, name)
    since = rollout_start(row)
    own = changes_of(row.namespace.cluster_id, row.uid)
    items = own.filter(rv__gt=since, kind__in=FILMED).order_by("rv")
    found = list(items.values_list(*journal.CHANGE_FIELDS)[: MOST_FILM_ITEMS + 1])
    frames = [journal.as_item(each) for each in found[:MOST_FILM_ITEMS]]
    return {
        "since": since,
        "start": states_at(row.namespace.cluster_id, row.uid, since),
        "frames": frames,
        "is_cut": len(found) > MOST_FILM_ITEMS,
    }


def changes_of(cluster_id: int, root: str) -> Any:
    """The changes of a Deployment and of the objects that belong to it."""
    return models.Change.objects.filter(cluster_id=cluster_id, root=root)


def rollout_start(row: models.Deployment) -> int:
    """The resource version just before the newest edit of the pod template: the change of the Deployment before its current
    revision's ReplicaSet first had that revision."""
    own = changes_of(row.namespace.cluster_id, row.uid)
    wanted = row.annotations.get(states.REVISION, "")
    carries = own.filter(mark=models.Change.REVISION, state__revision=wanted).order_by("rv")
    first = carries.values_list("rv", flat=True).first()
    if first is None:
        return max(row.namespace.cluster.tail, (own.order_by("rv").values_list("rv", flat=True).first() or 1) - 1)
    edits = own.filter(kind="Deployment", rv__lt=first).exclude(actor="").order_by("-rv").values_list("rv", flat=True)
    return int(edits.first() or first) - 1


def states_at(cluster_id: int, root: str, rv: int) -> State:
    """A Deployment and every object that belongs to it, as of rv."""
    own = changes_of(cluster_id, root).filter(kind__in=FILMED)
    newest = own.filter(rv__lte=rv).order_by().values("uid").annotate(newest=Max("rv")).values("newest")
    found = list(own.filter(rv__in=newest).order_by("rv"))
    told = [(each.kind, each.state) for each in found if each.verb != "DELETED"]
    if models.Cluster.objects.filter(pk=cluster_id, tail__gt=0).exists():
        told = [*forgotten(own, root, rv, {each.uid for each in found}), *told]
    start: State = {"deployment": None, "replicasets": [], "pods": []}
    for kind, state in told:
        if kind == "Deployment":
            start["deployment"] = state
        else:
            start[LISTS[kind]].append(state)
    return start


def forgotten(own: Any, root: str, rv: int, known: Collection[str]) -> list[tuple[str, State]]:
    """(kind, state) of objects last changed before the retained journal: the current state or, if it has changed since, the state
    in its first change, without a deletion. A ReplicaSet that changed gets as many replicas as it had pods."""
    still = [(kind, state) for kind, state in snapshot.family_states(root, rv) if state["uid"] not in known]
    firsts = own.filter(rv__gt=rv).order_by().values("uid").annotate(first=Min("rv")).values("first")
    changed = own.filter(rv__in=firsts).exclude(verb="ADDED").order_by("rv")
    before = [(each.kind, as_before(each.kind, each.state)) for each in changed if each.uid not in known]
    pods = Counter(state["owner_uid"] for kind, state in (*still, *before) if kind == "Pod")
    scaled = {state["uid"] for kind, state in before if kind == "ReplicaSet"}
    return [
        (kind, {**state, "replicas": pods[state["uid"]]} if state["uid"] in scaled else state)
        for kind, state in (*still, *before)
    ]


def as_before(kind: str, state: State) -> State:
    if kind != "Pod" or state["deleted_at"] is None:
        return state
    return {**state, "deleted_at": None, "status": state["reason"] or state["phase"]}


def find(space: Space, name: str) -> models.Deployment:
    rows = models.Deployment.objects.select_related("namespace__cluster")
    row = rows.filter(namespace__cluster__name=space.cluster, namespace__name=space.namespace, name=name).first()
    if row is None:
        raise Refused(not_found("deployments.apps", name))
    return row
