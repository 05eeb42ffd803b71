"""`kubectl logs -f`: plain ASGI beside Django, so that followers do not occupy threads. Ends when the pod is deleted."""

import asyncio
import contextlib
from typing import Any
from urllib.parse import parse_qs

from cluster import models
from cluster.api import targets, writing
from cluster.api.auth import access, impersonation
from cluster.api.printers import logs
from cluster.api.targets import Target
from cluster.api.watch import watching
from cluster.records import journal
from cluster.records.threads import in_thread
from cluster.statuses import Refused

POLL_SECONDS = 1.0
LONGEST_SECONDS = 4 * 3600.0  # --streaming-connection-idle-timeout of a kubelet
Json = dict[str, Any]


class Follower:
    """The log that one client follows. `since`: the resource version up to which it was sent."""

    def __init__(self, path: str, query: dict[str, str], headers: dict[str, str]) -> None:
        """Raises Refused."""
        access.check_origin(headers.get("host", ""), headers.get("origin", ""))
        admitted, token = access.admit(headers.get("authorization", ""))
        target = targets.parse(path)
        assert target is not None  # by is_follow
        access.authorize(impersonation.acting(admitted, headers), "get", target)
        self.target: Target = target
        self.key, self.query = token.digest, query
        with journal.reading():
            self.since = journal.head(target.cluster)
            pod = writing.current(target)
            self.first = logs.read(pod, query)
        self.uid: str = pod["metadata"]["uid"]

    def news(self) -> str | None:
        """The lines written since; None if there will be no more."""
        if access.refusals([(self.key, self.target)]):
            return None
        is_there = models.Pod.objects.filter(pk=self.uid).exists()
        head = journal.head(self.target.cluster)
        lines = logs.lines_of(self.uid, self.since, head)
        self.since = head
        return logs.written(lines, self.query) if lines or is_there else None


def is_follow(scope: Json) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith("/log"):
        return False
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if query.get("follow", [""])[0] not in logs.TRUE or query.get("previous", [""])[0] in logs.TRUE:
        return False
    target = targets.parse(scope["path"])
    return target is not None and target.subresource == "log" and target.name is not None


async def application(scope: Json, receive: watching.Receive, send: watching.Send) -> None:
    query = {key: each[0] for key, each in parse_qs(scope["query_string"].decode()).items()}
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    try:
        follower = await in_thread(Follower, scope["path"], query, headers)
    except Refused as refused:
        await watching.answer(send, refused.status)
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    tell = asyncio.create_task(tell_all(follower, send))
    gone = asyncio.create_task(watching.closed(receive))
    await asyncio.wait({tell, gone}, return_when=asyncio.FIRST_COMPLETED, timeout=LONGEST_SECONDS)
    for task in (tell, gone):
        task.cancel()
    await asyncio.gather(tell, gone, return_exceptions=True)
    with contextlib.suppress(Exception):  # the client may be gone
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def tell_all(follower: Follower, send: watching.Send) -> None:
    text: str | None = follower.first
    while text is not None:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        await asyncio.sleep(POLL_SECONDS)
        text = await in_thread(follower.news)
