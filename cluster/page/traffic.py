"""Traffic in a forecast: the model's numbers as sent, the lane as drawn, and pods as if they had a preStop hook."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Count, Max

from cluster import models, statuses
from cluster.core.manifests import edits
from cluster.core.objects import Deployment, Update
from cluster.core.services.index import SERVICE
from cluster.core.state import State
from cluster.core.traffic.model import Model, Traffic
from cluster.spaces import Space

# The fields of a model, and the maximum of each.
MOST = {"requests_per_second": 1_000_000.0, "belief_delay_seconds": 3_600.0, "request_seconds": 3_600.0}
Json = dict[str, Any]


def read_model(given: Mapping[str, Any]) -> Model:
    """Raises Refused (400) with the field's name."""
    for key, value in given.items():
        if key not in MOST:
            message = f"traffic.{key}: unknown field; allowed are {', '.join(MOST)}"
            raise statuses.Refused(statuses.bad_request(message))
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST[key]:
            message = f"traffic.{key}: Invalid value: {value!r}: must be between 0 and {MOST[key]:,.0f}, inclusive"
            raise statuses.Refused(statuses.bad_request(message))
    return Model(**{key: float(value) for key, value in given.items()})


def as_json(traffic: Traffic | None, now: float) -> Json | None:
    """`rates` in the cluster's time; None where no Service leads to the Deployment's pods."""
    if traffic is None:
        return None
    rates = [{**each._asdict(), "at": now + each.at} for each in traffic.rates]
    return {**traffic.as_json(), "rates": rates, "end": now + traffic.end}


def number(text: str) -> float | str:
    """A number of a query; other texts are returned as they are, for `read_model` to refuse."""
    try:
        return float(text)
    except ValueError:
        return text


def version_of(space: Space, *resources: str) -> tuple[int, int]:
    """(count, newest resource version) of the namespace's Services, or of these resources."""
    place = {"cluster__name": space.cluster, "namespace": space.namespace, "resource__in": resources or [SERVICE]}
    found = models.KeptObject.objects.filter(**place).aggregate(count=Count("pk"), newest=Max("resource_version"))
    return found["count"], found["newest"] or 0


def hooked(deployment: Deployment, seconds: int) -> Deployment:
    return replace(deployment, template=edits.with_pre_stop(deployment.template, seconds))


def as_if_hooked(state: State, deployment: Deployment, seconds: int) -> None:
    """Changes the Deployment and its pods as if they had always had the hook."""
    owned = list(state.replicasets_of(deployment.uid).values())
    pods = [pod for each in owned for pod in state.group(each.uid).everyone() if pod.spec is not None]
    state.apply(Update(object=replace(each, template=edits.with_pre_stop(each.template, seconds))) for each in owned)
    for pod in pods:
        template = edits.with_pre_stop({"spec": pod.spec}, seconds)
        state.apply([Update(object=replace(pod, spec=template["spec"]))])
    state.apply([Update(object=hooked(deployment, seconds))])
