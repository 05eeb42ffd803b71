"""Which protocol goes where."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rollout_site.settings")
django.setup()  # loads the apps, so what follows may import models

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ChannelNameRouter, ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from cluster.api import serving  # noqa: E402
from cluster.api.watch import following, watching  # noqa: E402
from cluster.classroom.consumers import ClassConsumer, SeatConsumer  # noqa: E402
from cluster.live.consumers import ClustersConsumer, NamespaceConsumer  # noqa: E402
from cluster.live.worker import Reconciler  # noqa: E402
from cluster.records.doorbell import WORKER_CHANNEL  # noqa: E402
from rollout_site.pages import Pages  # noqa: E402

pages = Pages()

sockets = URLRouter(
    [
        path("ws/clusters/", ClustersConsumer.as_asgi()),
        path("ws/clusters/<str:cluster>/namespaces/<str:namespace>/", NamespaceConsumer.as_asgi()),
        path("ws/classes/<slug:slug>/", ClassConsumer.as_asgi()),
        path("ws/seat/", SeatConsumer.as_asgi()),
    ]
)


FACES = (
    (watching.is_watch, watching.application),
    (following.is_follow, following.application),
    (serving.is_request, serving.application),
)


async def http(scope: Any, receive: Any, send: Any) -> None:
    """The API lives beside Django, which would hold a thread for each watch and followed log and carries much that is the page's."""
    face = next((each for fits, each in FACES if fits(scope)), pages)
    await face(scope, receive, send)


pages = AllowedHostsOriginValidator(AuthMiddlewareStack(sockets))


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    """The API has no sockets: what asks for one is refused in its words."""
    face = serving.refuse_socket if serving.is_request(scope) else pages
    await face(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": websocket,
        "channel": ChannelNameRouter({WORKER_CHANNEL: Reconciler.as_asgi()}),
    }
)
