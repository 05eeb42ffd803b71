"""What an edit would do to the live Deployment, before it is made: the same controllers, from today's state, on a clock of their
own."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cluster import models, statuses
from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.manifests import edits
from cluster.core.manifests.deployments import deployment_from_manifest
from cluster.core.objects import Deployment
from cluster.core.rehearsals.rehearsal import forecast
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.state import State
from cluster.page import history, sharing
from cluster.records import journal, loading
from cluster.spaces import Space
from cluster.writing import admission

MOST_PODS = 3_000  # of the Deployment, as it is and as the edit wants it
MOST_PODS_BESIDE = 20_000  # of the rest of its cluster
MOST_VARIANTS = 4
BUDGET_SECONDS = 30.0
shared = sharing.Shared()
LIMITS = ("max_surge", "max_unavailable", "min_ready_seconds")
Body = Mapping[str, Any]


def set_images(state: State, deployment: Deployment, body: Body) -> Deployment:  # noqa: ARG001 the shape of an edit
    return edits.set_images(deployment, body["images"])


def scale(state: State, deployment: Deployment, body: Body) -> Deployment:  # noqa: ARG001
    return edits.scale(deployment, body["replicas"])


def tune(state: State, deployment: Deployment, body: Body) -> Deployment:  # noqa: ARG001
    return edits.tune(deployment, **body)


def restart(state: State, deployment: Deployment, body: Body) -> Deployment:  # noqa: ARG001
    return edits.restart(deployment, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def resume(state: State, deployment: Deployment, body: Body) -> Deployment:  # noqa: ARG001
    return edits.resume(deployment)


def undo(state: State, deployment: Deployment, body: Body) -> Deployment:
    return edits.undo(deployment, state.replicasets_of(deployment.uid).values(), body.get("to_revision", 0))


def edit(state: State, deployment: Deployment, body: Body) -> Deployment:  # noqa: ARG001
    manifest = admission.validated(admission.read_documents(body["yaml"])[0].manifest)
    wanted = deployment_from_manifest(manifest, uid=deployment.uid, now=deployment.created_at)
    return edits.replace_spec(deployment, wanted)


def go_on(state: State, deployment: Deployment, body: Body) -> Deployment:  # noqa: ARG001
    """No edit: what is still to come."""
    return deployment


EDITS: Mapping[str, Callable[[State, Deployment, Body], Deployment]] = {
    "set-image": set_images,
    "scale": scale,
    "tune": tune,
    "restart": restart,
    "resume": resume,
    "undo": undo,
    "edit": edit,
    "go-on": go_on,
}


def foresee(space: Space, name: str, action: str, body: Body, variants: Sequence[Body]) -> list[dict[str, Any]]:
    """One forecast for each variant: any of LIMITS, and `ready_seconds` for every image. All who ask the same about the same
    state of a Deployment share one, and one at a time is computed. Raises Refused, after BUDGET_SECONDS too."""
    asked = json.dumps([action, body, variants[:MOST_VARIANTS]], sort_keys=True)
    found: list[dict[str, Any]] = shared.get(
        (*space, name),
        lambda: (asked, version_of(space, name)),
        lambda: compute(space, name, action, body, variants),
        patience=BUDGET_SECONDS,
    )
    return found


def version_of(space: Space, name: str) -> Hashable:
    """Of what a forecast depends on: the newest change of what belongs to it and how its images behave."""
    row = history.find(space, name)
    own = history.changes_of(row.namespace.cluster_id, row.uid)
    newest = own.order_by("-rv").values_list("rv", flat=True).first()
    return (row.uid, newest, loading.load_behaviours(row.namespace))


def compute(space: Space, name: str, action: str, body: Body, variants: Sequence[Body]) -> list[dict[str, Any]]:
    """What is too large is refused before the cluster is loaded."""
    budget = sharing.Budget(BUDGET_SECONDS, "the forecast")
    with journal.reading():
        row = history.find(space, name)
        wanted = edited(row, action, body, variants[:MOST_VARIANTS])
        check_pods(row)
        loaded = loading.load(row.namespace.cluster)
    now = loaded.now
    found = []
    for after, variant in zip(wanted, variants, strict=False):
        rehearsed = forecast(with_readiness(loaded.state, variant), now, after, watch=budget.check)
        found.append(told(rehearsed, now, variant))
    return found


def edited(row: models.Deployment, action: str, body: Body, variants: Sequence[Body]) -> list[Deployment]:
    """The Deployment as each variant of the edit would make it. Raises Refused."""
    owned = models.ReplicaSet.objects.filter(owner_uid=row.uid).values_list("pk", flat=True)
    state = loading.load_part(row.namespace.cluster, deployments=[row.uid], replicasets=owned).state
    before = state.deployments[row.uid]
    found = []
    for variant in variants:
        try:
            after = EDITS[action](state, before, body)
            limits = {key: variant[key] for key in LIMITS if key in variant}
            after = edits.tune(after, **limits) if limits else after
        except edits.EditError as error:
            raise statuses.Refused(statuses.bad_request(str(error))) from error
        admission.check_update(before, after)
        refuse_above(
            MOST_PODS, max(each.replicas + max_surge(each) for each in (before, after)), "the Deployment asks for"
        )
        found.append(after)
    return found


def check_pods(row: models.Deployment) -> None:
    pods = models.Pod.objects.filter(namespace__cluster=row.namespace.cluster_id)
    own = pods.filter(owner_uid__in=models.ReplicaSet.objects.filter(owner_uid=row.uid).values("pk")).count()
    refuse_above(MOST_PODS, own, "the Deployment has")
    refuse_above(MOST_PODS_BESIDE, pods.count() - own, "beside the Deployment's the cluster has")


def refuse_above(most: int, pods: int, what: str) -> None:
    if pods > most:
        message = f"{what} {pods:,} pods, a forecast in the page takes {most:,} at most; use manage.py rehearse"
        raise statuses.Refused(statuses.bad_request(message))


def with_readiness(state: State, variant: Body) -> State:
    seconds = variant.get("ready_seconds")
    if seconds is None:
        return state
    changed = state.copy()
    for namespace, behaviours in state.behaviours.items():
        changed.set_behaviours(namespace, tuple(replace(each, ready_seconds=float(seconds)) for each in behaviours))
    return changed


def told(rehearsed: Rehearsed, now: float, variant: Body) -> dict[str, Any]:
    """`frames` and `points` are on the cluster's clock; a frame's `counts` are by the ReplicaSet's number."""
    names = ("total", "available", "terminating", "ceiling", "floor")
    return {
        "variant": dict(variant),
        **rehearsed.as_json()["summary"],
        "frames": [{"at": now + each.at, "counts": each.counts} for each in rehearsed.frames],
        "points": [{"at": now + each.at, **{key: getattr(each, key) for key in names}} for each in rehearsed.points],
    }
