"""A transaction whose client has stopped in the middle of a batch is ended; others are left alone."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from cluster.live.postgres_layer import parameters
from cluster.records import stalled

pytestmark = [pytest.mark.on_postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """Another process' connection, that has nothing to say for long."""
    monkeypatch.setattr(stalled, "SECONDS", 0)
    connection.ensure_connection()
    with psycopg.connect(**{**parameters(), "application_name": "rollstage"}) as made:
        yield made


def lives(other: psycopg.Connection) -> bool:
    try:
        other.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def ended() -> int:
    """How many are ended as soon as the server waits for them: it answers a moment before it does."""
    end = time.monotonic() + 10
    while not (found := stalled.end_stalled()):
        assert time.monotonic() < end
    return found


def in_a_batch(other: psycopg.Connection) -> None:
    """Half a batch, as far as the server knows: statements without the end that it waits for."""
    other.execute("BEGIN")
    other.pgconn.enter_pipeline_mode()
    other.pgconn.send_query_params(b"SELECT 1", [])
    other.pgconn.send_flush_request()
    other.pgconn.flush()


def test_half_a_batch_is_ended(other: psycopg.Connection) -> None:
    in_a_batch(other)
    assert ended() == 1
    other.close()


def test_a_transaction_that_waits_is_ended_and_one_of_another_program_is_not(other: psycopg.Connection) -> None:
    other.execute("BEGIN")
    other.execute("SET application_name = 'pg_dump'")
    assert (stalled.end_stalled(), lives(other)) == (0, True)
    other.execute("SET application_name = 'rollstage'")
    assert (ended(), lives(other)) == (1, False)


def test_who_is_in_no_transaction_or_has_just_spoken_is_left_alone(
    other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    other.execute("SELECT 1")
    assert (stalled.end_stalled(), lives(other)) == (0, True)
    monkeypatch.setattr(stalled, "SECONDS", 60)
    other.execute("BEGIN")
    assert (stalled.end_stalled(), lives(other)) == (0, True)
