"""A cluster with the default namespace, and a worker that is called instead of awaited."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.commands import flush
from django.db import connection
from django.test import Client

from cluster.live import feed, nodes, worker
from cluster.models import Change, Cluster
from cluster.records import sharing, threads
from cluster.writing import clusters
from rollout_site.asgi import application
from tests.spaces import DEFAULT

OpenSocket = Callable[..., WebsocketCommunicator]


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> None:
    """Slow hashes prove nothing here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def shared_values_stay() -> Iterator[None]:
    """No test has changed in place what objects share."""
    yield
    assert [text for text, value in sharing.VALUES.items() if orjson.dumps(value) != text] == []


def seeded() -> None:
    """A cluster whose journal begins with what the test does."""
    clusters.ensure(DEFAULT.cluster, old_versions=True)
    Change.objects.all().delete()
    Cluster.objects.update(head=0)


@pytest.fixture(scope="session")
def hangs_up(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:  # noqa: ARG001
    """The connections of threads and of the doorbell do not outlive the test's database."""
    yield
    for each in vars(threads).values():
        if isinstance(each, ThreadPoolExecutor):
            each.shutdown()
    line = getattr(get_channel_layer(), "line", None)
    if line:
        line.close()
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def cluster(db: None, hangs_up: None) -> None:  # noqa: ARG001
    seeded()


@pytest.fixture
def work() -> Callable[[], int]:
    """Runs every pass that is due; returns how many there were."""

    def run() -> int:
        passes = 0
        end = time.monotonic() + 20
        while worker.run_next({}) and time.monotonic() < end:
            passes += 1
        return passes

    return run


@pytest.fixture
def committed(transactional_db: None, hangs_up: None, settings: Any) -> Iterator[None]:  # noqa: ARG001
    """A cluster that other threads see, with nothing left of another test's feeds and channels. On PostgreSQL too there is
    one process, which knows all viewers."""
    settings.HAS_OTHER_SERVERS = False
    seeded()
    feed.feeds.clear()
    nodes.feeds.clear()
    layer: Any = get_channel_layer()
    asyncio.run(layer.flush())
    yield
    for each in (*feed.feeds.values(), *nodes.feeds.values()):
        for task in each.tasks:
            if not task.get_loop().is_closed():
                task.cancel()


@pytest.fixture
def socket(committed: None) -> OpenSocket:  # noqa: ARG001
    """Opens sockets on the whole application, as a browser does; `user` comes with that user's session cookie."""

    def opened(
        namespace: str = "default",
        *,
        cluster: str = DEFAULT.cluster,
        query: str = "",
        user: User | None = None,
        origin: str = "http://localhost",
    ) -> WebsocketCommunicator:
        headers = [(b"origin", origin.encode()), (b"host", b"localhost")]
        if user:
            client = Client()
            client.force_login(user)
            headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
        return WebsocketCommunicator(
            application, f"/ws/clusters/{cluster}/namespaces/{namespace}/{query}", headers=headers
        )

    return opened


KEPT_TABLES = {"auth_permission", "django_content_type"}  # as the migrations leave them


@pytest.fixture(autouse=True, scope="session")
def quick_flush() -> Iterator[None]:
    """After a test that commits, the few rows that are there are deleted. PostgreSQL's TRUNCATE would make the files of fifty tables
    anew, and `post_migrate` look for what never goes."""

    def deletions(operations: Any, style: Any, tables: Sequence[str], **_: Any) -> list[str]:  # noqa: ARG001
        return [f"DELETE FROM {operations.quote_name(each)};" for each in sorted({*tables} - KEPT_TABLES)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", deletions)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        yield
