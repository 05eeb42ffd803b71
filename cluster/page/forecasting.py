"""Forecasts the effect of an edit on the live Deployment: the same controllers, from the current state, on a separate clock."""

import json
import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cluster import models, statuses
from cluster.core.controllers.rolling_limits import max_surge
from cluster.core.manifests import edits
from cluster.core.manifests.verbs import VERBS, Edit, Moment
from cluster.core.objects import Deployment, ImageBehaviour
from cluster.core.rehearsals.assumptions import EVERY_IMAGE, Assumed, Overrides, assumed, overridden
from cluster.core.rehearsals.rehearsal import forecast
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.rehearsals.stage import ForecastError
from cluster.core.rehearsals.unacted import Unacted
from cluster.core.state import State
from cluster.core.traffic.model import Model
from cluster.page import bystanders, history, sharing, traffic
from cluster.records import journal, loading
from cluster.spaces import Space
from cluster.writing import admission

log = logging.getLogger(__name__)

MOST_PODS = 3_000  # of the Deployment, before and after the edit
MOST_PODS_BESIDE = 20_000  # of the rest of its cluster
MOST_VARIANTS = 4
BUDGET_SECONDS = 30.0
shared = sharing.Shared()
LIMITS = ("max_surge", "max_unavailable", "min_ready_seconds")
Body = Mapping[str, Any]
FORESEEN: Mapping[str, tuple[Callable[[Body], Any], Edit]] = {
    **{name: (verb.read, verb.edit) for name, verb in VERBS.items() if verb.is_foreseen and verb.read and verb.edit},
    "go-on": (lambda _: None, lambda deployment, *_: deployment),  # no edit: the rest of the current rollout
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """An edit (`action` and `body` as they would be sent), times to assume for images, and up to MOST_VARIANTS variants: any of
    LIMITS, `ready_seconds` for every image, and `pre_stop_seconds` as if all its pods had such a hook. `model`: the traffic model
    of the requests to its Service."""

    action: str
    body: Body
    overrides: Overrides = field(default_factory=dict)
    variants: Sequence[Body] = ({},)
    model: Model = Model()

    @property
    def key(self) -> str:
        asked = [self.action, self.body, self.overrides, self.variants[:MOST_VARIANTS], asdict(self.model)]
        return json.dumps(asked, sort_keys=True)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The forecast for one variant. `now`: the cluster's simulated seconds at its start."""

    variant: Body
    rehearsed: Rehearsed
    assumes: list[Assumed]
    now: float
    unacted: Sequence[Unacted] = ()

    def as_json(self) -> dict[str, Any]:
        """`frames` and `points` are on the cluster's clock; a frame's `counts` are by the ReplicaSet's number."""
        names = ("total", "available", "terminating", "ceiling", "floor")
        rehearsed, now = self.rehearsed, self.now
        return {
            "variant": dict(self.variant),
            **rehearsed.as_json()["summary"],
            "assumes": [asdict(each) for each in self.assumes],
            "traffic": traffic.as_json(rehearsed.traffic, now),
            "unacted": [bystanders.told(each) for each in self.unacted],
            "frames": [{"at": now + each.at, "counts": each.counts} for each in rehearsed.frames],
            "points": [
                {"at": now + each.at, **{key: getattr(each, key) for key in names}} for each in rehearsed.points
            ],
        }


def foresee(space: Space, name: str, question: Question) -> list[Answer]:
    """One answer for each variant. Equal questions about the same state of a Deployment share their answers, and one is computed
    at a time. Raises Refused, also after BUDGET_SECONDS."""
    found: list[Answer] = shared.get(
        (*space, name),
        lambda: (question.key, version_of(space, name)),
        lambda: compute(space, name, question),
        patience=BUDGET_SECONDS,
    )
    return found


def version_of(space: Space, name: str) -> Hashable:
    """The version of all that a forecast depends on: the newest change of the Deployment and its objects, the images' behaviours,
    and the Services."""
    row = history.find(space, name)
    own = history.changes_of(row.namespace.cluster_id, row.uid)
    newest = own.order_by("-rv").values_list("rv", flat=True).first()
    return (row.uid, newest, loading.load_behaviours(row.namespace), traffic.version_of(space))


def compute(space: Space, name: str, question: Question) -> list[Answer]:
    prepared = prepare(space, name, question)
    found = []
    for after, variant in zip(prepared.wanted, question.variants, strict=False):
        overrides = with_readiness(question.overrides, variant)
        state = prepared.with_hook(prepared.with_times(overrides), variant.get("pre_stop_seconds"))
        rehearsed = prepared.foretell(after, state, question.model)
        assumes = assumed(prepared.before.template, after.template, prepared.behaviours, overrides)
        unacted = bystanders.unacted_of(space, after)
        found.append(Answer(variant=variant, rehearsed=rehearsed, assumes=assumes, now=prepared.now, unacted=unacted))
    return found


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A cluster's State at `now`, a Deployment in it, and the Deployment after each variant of an edit. `watch` raises Refused
    (504) when the time budget is over."""

    state: State
    now: float
    before: Deployment
    wanted: list[Deployment]
    watch: Callable[[], None]

    @property
    def behaviours(self) -> tuple[ImageBehaviour, ...]:
        return self.state.behaviours_of(self.before.namespace)

    def with_times(self, overrides: Overrides) -> State:
        """The State with the images' times overridden."""
        if not overrides:
            return self.state
        state = self.state.copy()
        state.set_behaviours(self.before.namespace, overridden(self.behaviours, overrides))
        return state

    def with_hook(self, state: State, seconds: int | None) -> State:
        """The State as if the Deployment's pods had always had a preStop hook that sleeps."""
        if seconds is None:
            return state
        twin = state.copy()
        traffic.as_if_hooked(twin, self.before, seconds)
        return twin

    def foretell(self, after: Deployment, state: State, model: Model | None = None) -> Rehearsed:
        """The forecast for `after`. `model`: the traffic model of the requests to its Service. Raises Refused (500) where the
        Deployment's controllers fail."""
        try:
            return forecast(state, self.now, after, traffic=model, watch=self.watch)
        except ForecastError as error:
            log.exception("The forecast of deployments.apps %s/%s failed", after.namespace, after.name)
            raise statuses.Refused(failed(after.name)) from error


def failed(name: str) -> statuses.Status:
    """The Status for a failed forecast, as for an internal error of the API server."""
    problem = f'deployments.apps "{name}" fails in the hands of its controllers; the server\'s log has the reason'
    message = f"Internal error occurred: there is no forecast: {problem}"
    return statuses.failure(500, "InternalError", message, name=name, group="apps", kind="deployments")


def prepare(space: Space, name: str, question: Question) -> Prepared:
    """Loads the cluster for a forecast. Raises Refused before loading where it has too many pods."""
    budget = sharing.Budget(BUDGET_SECONDS, "the forecast")
    with journal.reading():
        row = history.find(space, name)
        wanted = edited(row, question)
        check_pods(row)
        loaded = loading.load(row.namespace.cluster)
    before = loaded.state.deployments[row.uid]
    return Prepared(state=loaded.state, now=loaded.now, before=before, wanted=wanted, watch=budget.check)


def edit_of(question: Question, namespace: str, name: str) -> Callable[[Deployment, Moment], Deployment]:
    """The question's edit as a function, its body read once. Raises BadField and Refused."""
    read, edit = FORESEEN[question.action]
    value = read(question.body)
    if question.action == "edit":
        value = admission.read_edited(value, namespace, name)
    return lambda deployment, moment: edit(deployment, value, moment)


def edited(row: models.Deployment, question: Question) -> list[Deployment]:
    """The Deployment after each variant of the edit. Raises Refused."""
    owned = models.ReplicaSet.objects.filter(owner_uid=row.uid).values_list("pk", flat=True)
    state = loading.load_part(row.namespace.cluster, deployments=[row.uid], replicasets=owned).state
    before = state.deployments[row.uid]
    edit = edit_of(question, row.namespace.name, row.name)
    moment = Moment(now=time.time(), owned=state.replicasets_of(row.uid).values())
    found = []
    for variant in question.variants[:MOST_VARIANTS]:
        try:
            after = edit(before, moment)
            limits = {key: variant[key] for key in LIMITS if key in variant}
            after = edits.tune(after, **limits) if limits else after
        except edits.EditError as error:
            raise statuses.Refused(statuses.bad_request(str(error))) from error
        if (hook_seconds := variant.get("pre_stop_seconds")) is not None:
            after = traffic.hooked(after, hook_seconds)
        admission.check_update(before, after)
        refuse_above(
            MOST_PODS, max(each.replicas + max_surge(each) for each in (before, after)), "the Deployment asks for"
        )
        found.append(after)
    return found


def with_readiness(overrides: Overrides, variant: Body) -> Overrides:
    """The overrides with a variant's `ready_seconds` for every image, including images with times of their own."""
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
