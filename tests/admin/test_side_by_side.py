"""An admin's save and a pass of the worker at the same time: neither waits for the other for longer than that lasts."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from cluster import models
from cluster.live import worker
from cluster.writing import actions, nodes
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest

PROMPTLY_SECONDS = 10.0
OPEN_SECONDS = 0.5


def begins(began: threading.Event) -> Callable[..., Any]:
    """Sets the event when a statement opens a transaction, before the database has answered."""

    def watch(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql.startswith("BEGIN"):
            began.set()
        return execute(sql, *arguments)

    return watch


@pytest.mark.usefixtures("committed")
def test_an_admins_save_and_a_pass_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    actions.create(DEFAULT, manifest(), actor="me")
    client, node = Client(), models.Node.objects.get(name="node-1")
    client.force_login(User.objects.create_superuser("ann"))
    opened, passing, change = threading.Event(), threading.Event(), nodes.change

    def slow_change(*arguments: Any, **named: Any) -> None:
        opened.set()
        passing.wait(OPEN_SECONDS)
        change(*arguments, **named)

    def run_pass() -> None:
        opened.wait(PROMPTLY_SECONDS)
        with connection.execute_wrapper(begins(passing)):
            worker.run_next({})
        connection.close()

    monkeypatch.setattr("cluster.admin.settings.NodeAdmin.change", staticmethod(slow_change))
    thread = threading.Thread(target=run_pass)
    began = time.monotonic()
    thread.start()
    answer = client.post(reverse("admin:cluster_node_change", args=(node.pk,)), {"slots": 77})
    thread.join()
    assert time.monotonic() - began < PROMPTLY_SECONDS
    assert (answer.status_code, opened.is_set()) == (302, True)
    assert models.Node.objects.get(name="node-1").slots == 77
    assert models.Pod.objects.count() == 3
