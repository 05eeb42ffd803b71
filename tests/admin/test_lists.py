"""What is only read: the same number of queries for a long table, none of which looks at all of it, sorts it or counts it."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cluster import models
from cluster.writing import actions
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest

KINDS = ("replicaset", "pod", "event", "change")
ASKED = {
    "replicaset": ["", "?q=web", "?namespace__id__exact=1", "?p=2"],
    "pod": ["", "?q=web", "?phase=Running", "?p=2"],
    "event": ["", "?q=web", "?type=Warning", "?kind=Pod"],
    "change": ["", "?q=web", "?kind=Pod", "?verb=DELETED"],
}


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize("kind", KINDS)
def test_what_controllers_own_is_only_read(admin_client: Client, kind: str) -> None:
    row: Any = {"replicaset": models.ReplicaSet, "pod": models.Pod, "event": models.Event, "change": models.Change}[
        kind
    ]
    key = row.objects.first().pk
    assert admin_client.get(reverse(f"admin:cluster_{kind}_changelist")).status_code == 200
    page = admin_client.get(reverse(f"admin:cluster_{kind}_change", args=(key,)))
    assert page.status_code == 200
    assert not page.context["has_change_permission"]
    for path in (reverse(f"admin:cluster_{kind}_add"), reverse(f"admin:cluster_{kind}_delete", args=(key,))):
        assert admin_client.get(path).status_code == 403


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize("kind", KINDS)
def test_a_long_table_costs_as_much_as_a_short_one(admin_client: Client, kind: str, work: Callable[[], int]) -> None:
    url = reverse(f"admin:cluster_{kind}_changelist")
    few = len(queries(admin_client, url))
    for number in range(3):
        actions.create(DEFAULT, manifest(name=f"other-{number}", replicas=4), actor="me")
    work()
    assert len(queries(admin_client, url)) == few <= 8


@pytest.mark.parametrize(("kind", "query"), [(kind, query) for kind, asked in ASKED.items() for query in asked])
def test_no_page_looks_at_the_whole_table(
    admin_client: Client, deployment: models.Deployment, kind: str, query: str
) -> None:
    many_events(deployment)
    table = f"cluster_{kind}"
    about = [
        sql for sql in queries(admin_client, reverse(f"admin:{table}_changelist") + query) if f'FROM "{table}"' in sql
    ]
    assert about
    for sql in about:
        assert "COUNT(" not in sql or "LIMIT" in sql, sql
        assert "DISTINCT" not in sql, sql
        if connection.vendor == "sqlite":
            assert "USE TEMP B-TREE FOR ORDER BY" not in plan_of(sql), plan_of(sql)


def many_events(deployment: models.Deployment) -> None:
    """Enough for a second page."""
    now = timezone.now()
    models.Event.objects.bulk_create(
        models.Event(
            uid=str(uuid.uuid4()), name=f"e{number}", namespace=deployment.namespace, kind="Pod", object_uid="u",
            object_name="web-1", type="Normal", reason="Pulled", message="m", source="kubelet",
            first_seen=now, last_seen=now, resource_version=1000 + number,
        )
        for number in range(60)
    )  # fmt: skip


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code in (200, 302)
    return [each["sql"] for each in captured.captured_queries]


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}")
        return "; ".join(str(row[-1]) for row in cursor.fetchall())
