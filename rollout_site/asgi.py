"""The ASGI application: routes each protocol to its handler."""

import gc
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rollout_site.settings")
django.setup()  # loads the apps, so what follows may import models

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ChannelNameRouter, ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from cluster.api import serving  # noqa: E402
from cluster.api.watch import following, watching  # noqa: E402
from cluster.classroom.consumers import ClassConsumer, SeatConsumer, StudyConsumer  # noqa: E402
from cluster.live.consumers import ClustersConsumer, NamespaceConsumer, NodesConsumer  # noqa: E402
from cluster.live.worker import Reconciler  # noqa: E402
from cluster.records.doorbell import WORKER_CHANNEL  # noqa: E402
from cluster.stories.driving import Driver  # noqa: E402
from rollout_site import expectations  # noqa: E402
from rollout_site.origins import OwnOriginValidator  # noqa: E402
from rollout_site.pages import Pages  # noqa: E402

pages = Pages()


async def nowhere(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 an ASGI application
    """Refuses a websocket at an unknown address with 404."""
    await receive()
    await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"404 page not found\n"})


sockets = URLRouter(
    [
        path("ws/clusters/", ClustersConsumer.as_asgi()),
        path("ws/clusters/<str:cluster>/namespaces/<str:namespace>/", NamespaceConsumer.as_asgi()),
        path(
            "ws/clusters/<str:cluster>/namespaces/<str:namespace>/deployments/<str:deployment>/nodes/",
            NodesConsumer.as_asgi(),
        ),
        path("ws/clusters/<str:cluster>/lesson/", StudyConsumer.as_asgi()),
        path("ws/classes/<slug:slug>/", ClassConsumer.as_asgi()),
        path("ws/seat/", SeatConsumer.as_asgi()),
        re_path(r".*", nowhere),  # type: ignore[arg-type]  # Django's type allows views only
    ]
)


FACES = (
    (watching.is_watch, watching.application),
    (following.is_follow, following.application),
    (serving.is_request, serving.application),
)


def http(scope: Any, receive: Any, send: Any) -> Any:
    """Routes an HTTP request. The API is served beside Django, which would hold a thread for each watch and followed log and adds
    much that only pages need."""
    face = next((each for fits, each in FACES if fits(scope)), pages)
    return face(scope, receive, send)


page_sockets = OwnOriginValidator(AuthMiddlewareStack(sockets))


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    """Routes a websocket. The API has none: requests for one are refused as by an API server."""
    face = serving.refuse_socket if serving.is_request(scope) else page_sockets
    await face(scope, receive, send)


class Protocols(ProtocolTypeRouter):
    """Without a coroutine of its own, which would hold each request's scope until the response ends: 1 kB for an idle watch."""

    _asgi_single_callable = True  # for asgiref, which takes what is no coroutine function for ASGI 2

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return self.application_mapping[scope["type"]](scope, receive, send)


application = Protocols(
    {
        "http": http,
        "rollstage.expectation": expectations.application,
        "websocket": websocket,
        "channel": ChannelNameRouter({WORKER_CHANNEL: Reconciler.as_asgi(errand=Driver().look)}),
    }
)

# Lists and passes make thousands of small objects at a time, hardly any in a cycle. The modules' objects are exempt from
# garbage collection, and new objects are collected less often than after each 700.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 10, 10)
