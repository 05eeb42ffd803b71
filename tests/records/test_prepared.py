"""Queries that are made once give what their query sets give, on any database and in any thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext

from cluster import models
from cluster.records.prepared import Prepared, lookup, update_row
from cluster.writing import actions
from tests.spaces import DEFAULT, demo

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture
def book() -> models.Deployment:
    actions.example(DEFAULT, actor="me")
    return models.Deployment.objects.select_related("namespace").get()


def columns(row: Any) -> dict[str, Any]:
    return {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields}


def test_rows_are_those_of_the_query_set(book: models.Deployment) -> None:
    for _ in range(2):
        (found,) = lookup(models.Deployment, "namespace", namespace__name="default", name=book.name)
        assert columns(found) == columns(book)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert columns(found.namespace) == columns(book.namespace)
        assert not queries.captured_queries
    assert lookup(models.Deployment, "namespace", namespace__name="default", name="another") == []


def test_tuples_and_single_values(book: models.Deployment) -> None:
    rows = models.Deployment.objects
    pairs = Prepared(lambda name: rows.filter(name=name).values_list("template", "created"), str)
    assert pairs(book.name) == [(book.template, book.created)]
    names = Prepared(lambda key: rows.filter(pk=key).values_list("name", flat=True), str)
    assert (names.first(book.pk), names.first("no such")) == (book.name, None)


@pytest.mark.parametrize("hours", [-1, 1])
def test_moments_and_numbers_take_their_places(book: models.Deployment, hours: int) -> None:
    """One place may stand twice in the statement, and a constant beside it."""
    found = Prepared(
        lambda moment, replicas, number: models.Deployment.objects.filter(
            Q(created__lt=moment) | Q(created=moment), replicas=replicas, created_at__gte=number, paused=False
        ), datetime, int, float,
    )  # fmt: skip
    moment = book.created + timedelta(hours=hours)
    assert len(found(moment, 3, 0.0)) == (hours > 0)
    assert found(datetime(2099, 1, 1, tzinfo=UTC), 4, 0.0) == []
    assert found(datetime(2099, 1, 1, tzinfo=UTC), 3, book.created_at + 1) == []


def test_a_place_that_is_no_parameter_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="not every place"):
        Prepared(lambda _: models.Cluster.objects.all(), str)("demo")


QUERIES = {
    "a dictionary for each row": lambda: models.Cluster.objects.values("name"),
    "an annotation of objects": lambda: models.Cluster.objects.annotate(more=F("head")),
    "a column that only the order needs": lambda: (
        models.Cluster.objects.order_by("head").values_list("name").distinct()
    ),
}


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in QUERIES.items()])
def test_rows_that_would_be_misread_are_a_mistake(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="neither objects alone nor tuples of columns"):
        Prepared(make)()


def test_what_a_value_says_is_never_sql(book: models.Deployment) -> None:
    assert lookup(models.Deployment, name=f"{book.name}' OR '1'='1") == []
    assert lookup(models.Deployment, name="%s") == []


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection(book: models.Deployment) -> None:
    def look(_: int) -> str:
        try:
            return str(lookup(models.Deployment, name=book.name)[0].pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(look, range(16))) == {book.pk}


def test_numbers_of_a_row_are_set() -> None:
    row = demo()
    update_row(row, head=17, next_at=None, due=2.5)
    row.refresh_from_db()
    assert (row.head, row.next_at, row.due) == (17, None, 2.5)
