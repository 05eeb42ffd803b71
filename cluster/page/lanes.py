"""Traffic of a running or recorded rollout: core.traffic.model over the journal's changes of pods and EndpointSlices."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from cluster import models, statuses
from cluster.core.services.index import SERVICE, SLICE
from cluster.core.traffic.model import Model, Traffic, compute
from cluster.core.traffic.timeline import Observer, Timeline
from cluster.page import rollouts, sharing, stretches, traffic, views
from cluster.page.stretches import Stretch
from cluster.page.views import answers
from cluster.records import journal, past
from cluster.spaces import Space
from cluster.writing import limits

BUDGET_SECONDS = 30.0
LANES_A_SECOND = 5.0  # per user
MOST_CHANGES = 20_000  # per namespace and rollout; the lane ends there
MOST_WATCHED = 16
buckets = limits.Buckets()
shared = sharing.Shared()
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Lane:
    """`is_open`: the rollout may continue. `is_cut`: there are more changes than the limit."""

    traffic: Traffic | None
    began: float
    is_open: bool
    is_cut: bool = False

    @property
    def since_began(self) -> Traffic | None:
        """The traffic, with times relative to the rollout's beginning."""
        return self.traffic.since(self.began) if self.traffic else None

    def as_json(self) -> Json:
        told = {"began": self.began, "is_open": self.is_open, "is_cut": self.is_cut}
        return {**told, "traffic": traffic.as_json(self.traffic, 0.0)}


@dataclass(kw_only=True)
class Watched:
    """An Observer of the changes up to `rv`, `count` of them; `at`: the time of the last one."""

    observer: Observer
    rv: int
    at: float
    count: int = 0

    @property
    def is_cut(self) -> bool:
        return self.count >= MOST_CHANGES


def of_deployment(space: Space, name: str, model: Model) -> Lane:
    """The lane of the current or last rollout. Raises Refused."""
    return of_stretch(stretches.newest(space, name), model)


def of_rollout(cluster: str, rv: int, model: Model) -> Lane:
    """The lane of a recorded rollout. Raises Refused."""
    found = rollouts.pinned_rollout(cluster, rv)
    return of_stretch(stretches.recorded(cluster, rv), model) if found is None else of_pinned(found.film, model)


def of_pinned(film: Json, model: Model) -> Lane:
    """The lane kept with a pinned rollout; without traffic where it was pinned before lanes were kept."""
    about = film.get("lane")
    if not about:
        return Lane(traffic=None, began=film["frames"][0]["at"] if film["frames"] else 0.0, is_open=False)
    end = rest_of(about["last"], model)
    end = end if about["ends"] is None else min(end, about["ends"])
    found = compute(about["service"], model, Timeline.of_json(about["timeline"]), about["began"], end)
    return Lane(traffic=found, began=about["began"], is_open=False)


def to_keep(cluster: str, rv: int) -> Json | None:
    """The data from which a rollout's lane is computed, for pinning it; None where no Service leads to its pods."""
    pinned = rollouts.pinned_rollout(cluster, rv)
    if pinned is not None:
        known: Json | None = pinned.film.get("lane")
        return known
    stretch = stretches.recorded(cluster, rv)
    with shared.alone(stretch.place, BUDGET_SECONDS):
        observer = kept.of(stretch).observer
        if observer.service is None:
            return None
        return {
            "service": observer.service.name,
            "timeline": observer.timeline.as_json(),
            "began": stretch.began,
            "last": stretch.last,
            "ends": stretch.ends,
        }


def of_stretch(stretch: Stretch, model: Model) -> Lane:
    """Equal requests share one lane, and one is computed at a time. Raises Refused, also after BUDGET_SECONDS."""
    found: Lane = shared.get(
        stretch.place,
        lambda: (tuple(asdict(model).values()), version_of(stretch)),
        lambda: look(stretch, model),
        patience=BUDGET_SECONDS,
    )
    return found


def version_of(stretch: Stretch) -> Hashable:
    """The version of all that a lane depends on, except the time."""
    space = Space(stretch.cluster.name, stretch.namespace)
    return (stretch.newest_rv, traffic.version_of(space, SERVICE, SLICE))


def look(stretch: Stretch, model: Model) -> Lane:
    if stretch.upto is None and not has_service(stretch):
        return Lane(traffic=None, began=stretch.began, is_open=True)
    watched = kept.of(stretch)
    observer = watched.observer
    end, is_open = end_of(stretch, model)
    if watched.is_cut:
        end, is_open = watched.at, False
    found = None
    if observer.service is not None:
        found = compute(observer.service.name, model, observer.timeline, stretch.began, end)
    found = found if found and (found.rates or is_open) else None  # the Service was created after the rollout
    return Lane(traffic=found, began=stretch.began, is_open=is_open, is_cut=watched.is_cut)


def has_service(stretch: Stretch) -> bool:
    """Whether any Service of the namespace selects pods."""
    rows = models.KeptObject.objects.filter(cluster=stretch.cluster, namespace=stretch.namespace, resource=SERVICE)
    return any((each.get("spec") or {}).get("selector") for each in rows.values_list("manifest", flat=True))


def end_of(stretch: Stretch, model: Model) -> tuple[float, bool]:
    """(when the lane ends, whether it may continue). It ends when the rollout is at rest, the proxies have been updated and the
    requests have their responses, as in a forecast."""
    rest = rest_of(stretch.last, model)
    if stretch.ends is not None:
        return min(rest, stretch.ends), False
    now = stretch.now
    return (min(rest, now), rest > now) if is_at_rest(stretch) else (now, True)


def rest_of(last: float, model: Model) -> float:
    return last + model.belief_delay_seconds + model.request_seconds


def is_at_rest(stretch: Stretch) -> bool:
    """Whether the rollout is complete, and none of its pods is still stopping."""
    row = models.Deployment.objects.filter(pk=stretch.uid).values("replicas", "generation", "status").first()
    owned = models.ReplicaSet.objects.filter(owner_uid=stretch.uid).values("pk")
    stops = models.Pod.objects.filter(owner_uid__in=owned, deleted_at__isnull=False).exists()
    return (row is None or rollouts.has_settled(row)) and not stops


@dataclass
class Kept:
    """The most recently requested rollouts: a further request only reads the changes since. The holder of a rollout's place in
    `shared` has exclusive use of its entry."""

    watched: OrderedDict[Hashable, Watched] = field(default_factory=OrderedDict)

    def of(self, stretch: Stretch) -> Watched:
        """The rollout as of now, or of its end. Raises Refused (504, or 410 where the journal no longer has all of it)."""
        budget = sharing.Budget(BUDGET_SECONDS, "the lane of traffic")
        found = self.watched.pop(stretch.place, None)
        try:
            with journal.reading():
                if found is None or found.rv < journal.tail(stretch.cluster.name):
                    found = begin(stretch, budget)
                self.keep(stretch, found)  # even if time runs out: the next request continues from there
                advance(stretch, found, budget)
        except journal.Gone as gone:
            self.watched.pop(stretch.place, None)
            raise statuses.Refused(statuses.failure(410, "Expired", str(gone))) from gone
        return found

    def keep(self, stretch: Stretch, watched: Watched) -> None:
        self.watched[stretch.place] = watched
        while len(self.watched) > MOST_WATCHED:
            self.watched.popitem(last=False)


kept = Kept()


def begin(stretch: Stretch, budget: sharing.Budget) -> Watched:
    state = past.state_at(place_of(stretch), stretch.since, budget.check)
    observer = Observer(state, (stretch.namespace, stretch.name))
    return Watched(observer=observer, rv=stretch.since, at=stretch.began)


def place_of(stretch: Stretch) -> past.Place:
    return past.Place(cluster=stretch.cluster, namespace=stretch.namespace)


def advance(stretch: Stretch, watched: Watched, budget: sharing.Budget) -> None:
    """Applies the journal's changes since `watched.rv`."""
    upto = stretch.end_rv
    for rv, at, change in past.changes_between(place_of(stretch), watched.rv, upto):
        if watched.is_cut:
            return
        budget.check()
        watched.observer.state.apply([change])
        watched.observer.take(change, at)
        watched.rv, watched.at, watched.count = rv, at, watched.count + 1
    watched.rv = upto


@require_GET
@answers("view")
def live(request: HttpRequest, space: Space, name: str) -> HttpResponse:
    check_rate(request)
    return JsonResponse(of_deployment(space, name, model_of(request)).as_json())


def check_rate(request: HttpRequest) -> None:
    """Raises Refused (429)."""
    views.check_rate(request, buckets, LANES_A_SECOND)


def model_of(request: HttpRequest) -> Model:
    """The model in the request's query. Raises Refused."""
    return traffic.read_model({key: traffic.number(value) for key, value in request.GET.dict().items()})
