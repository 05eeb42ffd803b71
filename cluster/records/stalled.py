"""Ends Rollstage's own transactions whose process has stopped or is unreachable: they keep their cluster locked.

PostgreSQL itself ends those that wait for a client between two statements (idle_in_transaction_session_timeout), but not those
that wait in the middle of a batch (executemany sends many statements before it reads a response)."""

from django.db import connection

SECONDS = 10
QUERY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = current_setting('application_name')
AND application_name <> '' AND pid <> pg_backend_pid() AND wait_event_type = 'Client' AND xact_start IS NOT NULL
AND greatest(state_change, query_start) < clock_timestamp() - %s * interval '1 second'
"""


def end_stalled() -> int:
    """Ends transactions whose client has been silent for SECONDS; returns how many. On SQLite there is nothing to end."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(QUERY, [SECONDS])
        return len(cursor.fetchall())
