"""What the environment makes of the settings."""

import pytest
from django.db import connection

LIMITS = {"lock_timeout": "7s", "statement_timeout": "1min", "idle_in_transaction_session_timeout": "10s"}


@pytest.mark.on_postgres
@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value"), [pytest.param(*each, id=each[0]) for each in LIMITS.items()])
def test_nobody_waits_for_ever_for_postgresql(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        assert cursor.fetchone() == (value,)
