"""Services as an API server would have read them, and what is behind them."""

from typing import Any

from cluster.core.objects import Deployment, ImageBehaviour, Kept
from cluster.core.services.index import ENDPOINTS, SERVICE, SLICE
from cluster.core.state import State
from tests.core import builders

CREATED = "2024-01-01T00:00:00Z"
PORT = {"port": 80, "protocol": "TCP", "targetPort": 80}


def service(name: str = "web", *, uid: str = "", labels: dict[str, str] | None = None, **spec: Any) -> Kept:
    full = {"type": "ClusterIP", "clusterIP": "10.96.0.9", "ipFamilies": ["IPv4"], "ports": [PORT], **spec}
    full.setdefault("selector", builders.LABELS)
    about = {"name": name, "namespace": "default", "creationTimestamp": CREATED, "labels": labels or {}}
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": about, "spec": full}
    return Kept(uid=uid or f"uid-of-{name}", resource=SERVICE, name=name, namespace="default", manifest=manifest)


def behind(*services: Kept, owner: Deployment | None = None, **behaviour: Any) -> tuple[State, float]:
    """(a settled cluster with a Deployment behind the services, its time)."""
    slow = ImageBehaviour(pattern="*", **{"start_seconds": 1.0, "ready_seconds": 2.0, "stop_seconds": 3.0, **behaviour})
    state = builders.cluster(owner or builders.deployment(), behaviour=slow)
    builders.change(state, *services)
    return state, builders.settle(state, builders.NOW)[1]


def slices_of(state: State, name: str = "web") -> list[Any]:
    found = [each.manifest for each in state.kept.values() if each.resource == SLICE]
    return [each for each in found if each["metadata"]["labels"]["kubernetes.io/service-name"] == name]


def endpoints_of(state: State, name: str = "web") -> Any:
    """The manifest of the Service's Endpoints, or None."""
    return next(
        (each.manifest for each in state.kept.values() if (each.resource, each.name) == (ENDPOINTS, name)), None
    )


def listed(state: State, name: str = "web") -> dict[str, tuple[bool, bool, bool]]:
    """(ready, serving, terminating) of every endpoint of a Service, by its pod's uid."""
    return {
        each["targetRef"]["uid"]: tuple(each["conditions"][key] for key in ("ready", "serving", "terminating"))
        for found in slices_of(state, name)
        for each in found["endpoints"] or ()
    }
