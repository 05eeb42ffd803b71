"""The origins that may open a websocket: this server itself, including the port, and those in CSRF_TRUSTED_ORIGINS."""

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier
from django.conf import settings

PORTS = {"http": ":80", "https": ":443"}


class OwnOriginValidator:
    """Checks the origin, in addition to channels' check of the host name."""

    def __init__(self, application: Any) -> None:
        self.application = AllowedHostsOriginValidator(application)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        headers = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
        inner = self.application if is_own(headers.get(b"origin", ""), headers.get(b"host", "")) else WebsocketDenier()
        return await inner(scope, receive, send)


def is_own(origin: str, host: str) -> bool:
    """Whether the origin may open a websocket. A default port may be omitted on either side. Without an Origin the client is not
    a browser, and channels decides."""
    found = urlsplit(origin)
    port = PORTS.get(found.scheme, "")
    plain = {each.lower().removesuffix(port) if port else each.lower() for each in (found.netloc, host)}
    return not origin or len(plain) == 1 or origin in settings.CSRF_TRUSTED_ORIGINS
