"""What an edit would do to the live Deployment, before it is made: the same controllers, from today's state, on a clock of their
own."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from cluster import models, statuses
from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.manifests import edits
from cluster.core.manifests.deployments import deployment_from_manifest
from cluster.core.objects import Deployment
from cluster.core.rehearsals.assumptions import EVERY_IMAGE, Assumed, Overrides, assumed, overridden
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


@dataclass(frozen=True, kw_only=True)
class Question:
    """An edit (`action` and `body` as they would be sent), times to assume of images, and up to MOST_VARIANTS variants: any of
    LIMITS, and `ready_seconds` for every image."""

    action: str
    body: Body
    overrides: Overrides = field(default_factory=dict)
    variants: Sequence[Body] = ({},)

    @property
    def key(self) -> str:
        return json.dumps([self.action, self.body, self.overrides, self.variants[:MOST_VARIANTS]], sort_keys=True)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`now`: the cluster's simulated seconds from which the forecast counts."""

    variant: Body
    rehearsed: Rehearsed
    assumes: list[Assumed]
    now: float

    def as_json(self) -> dict[str, Any]:
        """`frames` and `points` are on the cluster's clock; a frame's `counts` are by the ReplicaSet's number."""
        names = ("total", "available", "terminating", "ceiling", "floor")
        rehearsed, now = self.rehearsed, self.now
        return {
            "variant": dict(self.variant),
            **rehearsed.as_json()["summary"],
            "assumes": [asdict(each) for each in self.assumes],
            "frames": [{"at": now + each.at, "counts": each.counts} for each in rehearsed.frames],
            "points": [
                {"at": now + each.at, **{key: getattr(each, key) for key in names}} for each in rehearsed.points
            ],
        }


def foresee(space: Space, name: str, question: Question) -> list[Answer]:
    """One answer for each variant. All who ask the same about the same state of a Deployment share one, and one at a time is
    computed. Raises Refused, after BUDGET_SECONDS too."""
    found: list[Answer] = shared.get(
        (*space, name),
        lambda: (question.key, version_of(space, name)),
        lambda: compute(space, name, question),
        patience=BUDGET_SECONDS,
    )
    return found


def version_of(space: Space, name: str) -> Hashable:
    """Of what a forecast depends on: the newest change of what belongs to it and how its images behave."""
    row = history.find(space, name)
    own = history.changes_of(row.namespace.cluster_id, row.uid)
    newest = own.order_by("-rv").values_list("rv", flat=True).first()
    return (row.uid, newest, loading.load_behaviours(row.namespace))


def compute(space: Space, name: str, question: Question) -> list[Answer]:
    """What is too large is refused before the cluster is loaded."""
    budget = sharing.Budget(BUDGET_SECONDS, "the forecast")
    with journal.reading():
        row = history.find(space, name)
        wanted = edited(row, question)
        check_pods(row)
        loaded = loading.load(row.namespace.cluster)
    now = loaded.now
    before = loaded.state.deployments[row.uid]
    behaviours = loaded.state.behaviours_of(before.namespace)
    found = []
    for after, variant in zip(wanted, question.variants, strict=False):
        overrides = with_readiness(question.overrides, variant)
        state = loaded.state
        if overrides:
            state = state.copy()
            state.set_behaviours(before.namespace, overridden(behaviours, overrides))
        rehearsed = forecast(state, now, after, watch=budget.check)
        assumes = assumed(before.template, after.template, behaviours, overrides)
        found.append(Answer(variant=variant, rehearsed=rehearsed, assumes=assumes, now=now))
    return found


def edited(row: models.Deployment, question: Question) -> list[Deployment]:
    """The Deployment as each variant of the edit would make it. Raises Refused."""
    owned = models.ReplicaSet.objects.filter(owner_uid=row.uid).values_list("pk", flat=True)
    state = loading.load_part(row.namespace.cluster, deployments=[row.uid], replicasets=owned).state
    before = state.deployments[row.uid]
    found = []
    for variant in question.variants[:MOST_VARIANTS]:
        try:
            after = EDITS[question.action](state, before, question.body)
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


def with_readiness(overrides: Overrides, variant: Body) -> Overrides:
    """A variant's `ready_seconds` holds for every image, also for those that have times of their own."""
    seconds = variant.get("ready_seconds")
    if seconds is None:
        return overrides
    ready = {"ready_seconds": float(seconds)}
    return {image: {**times, **ready} for image, times in {EVERY_IMAGE: {}, **overrides}.items()}


def check_pods(row: models.Deployment) -> None:
    pods = models.Pod.objects.filter(namespace__cluster=row.namespace.cluster_id)
    own = pods.filter(owner_uid__in=models.ReplicaSet.objects.filter(owner_uid=row.uid).values("pk")).count()
    refuse_above(MOST_PODS, own, "the Deployment has")
    refuse_above(MOST_PODS_BESIDE, pods.count() - own, "beside the Deployment's the cluster has")


def refuse_above(most: int, pods: int, what: str) -> None:
    if pods > most:
        message = f"{what} {pods:,} pods, a forecast in the page takes {most:,} at most; use manage.py rehearse"
        raise statuses.Refused(statuses.bad_request(message))
