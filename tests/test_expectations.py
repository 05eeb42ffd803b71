"""Who may send a large body is asked before it is read."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.test import Client

from cluster.api.auth import tokens
from cluster.live.incoming import EXPECTATION, expected_by
from cluster.records import threads
from rollout_site import expectations
from rollout_site.asgi import application

LARGEST = site.DATA_UPLOAD_MAX_MEMORY_SIZE
PAGE, API = "/clusters/demo/namespaces/default/deployments/", "/apis/apps/v1/namespaces/default/deployments"


@pytest.fixture(autouse=True)
def thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One, whose connection does not outlive the test's database."""
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(threads, "api_reads", pool)
        monkeypatch.setattr(threads, "page_reads", pool)
        yield
        pool.submit(lambda: connection.close()).result()


@pytest.fixture(autouse=True)
def only_members(settings: Any, committed: None) -> None:  # noqa: ARG001
    settings.ANONYMOUS = "none"


def cookie_of(user: User) -> tuple[bytes, bytes]:
    client = Client()
    client.force_login(user)
    return b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()


def asked(path: str, size: int, *headers: tuple[bytes, bytes]) -> tuple[int, str]:
    scope = {
        "type": EXPECTATION,
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *headers],
        "server": ["127.0.0.1", 8000],
        "size": size,
    }
    code, _, body = asyncio.run(expected_by(application)(scope))
    return code, json.loads(body)["reason"] if body else ""


@pytest.mark.parametrize("path", [PAGE, API, "/login/"])
def test_a_stranger_may_not(path: str) -> None:
    bad = ((b"cookie", b"sessionid=guessed"), (b"authorization", b"Bearer rs-guessed"))
    assert asked(path, 100_000) == (401, "Unauthorized")
    assert asked(path, LARGEST + 1, *bad) == (401, "Unauthorized")


def test_who_is_logged_in_may_up_to_the_limit() -> None:
    user = User.objects.create_user("ann")
    key = (b"authorization", f"Bearer {tokens.make_token(user)}".encode())
    for path, header in ((PAGE, cookie_of(user)), (API, key)):
        assert asked(path, LARGEST, header) == (100, "")
        assert asked(path, LARGEST + 1, header) == (413, "RequestEntityTooLarge")


def test_where_visitors_may_edit_they_may_too(settings: Any) -> None:
    settings.ANONYMOUS = "edit"
    assert asked(PAGE, LARGEST) == (100, "")
    assert asked(API, LARGEST) == (401, "Unauthorized")


def test_a_database_that_is_away_is_told_of(monkeypatch: Any) -> None:
    def away(request: Any) -> bool:  # noqa: ARG001
        raise DatabaseError

    monkeypatch.setattr(expectations, "is_logged_in", away)
    assert asked(PAGE, LARGEST) == (500, "InternalError")
