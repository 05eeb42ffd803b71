"""Two processes on one SQLite file: what one does leaves the other's connections alone."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from rollout_site.sqlite.base import DatabaseWrapper

BESIDE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("INSERT INTO told VALUES ('beside')")
connection.commit()
connection.close()
"""


def opened(file: Path) -> DatabaseWrapper:
    about: Any = connection.settings_dict | {
        "ENGINE": "rollout_site.sqlite",
        "NAME": str(file),
        "OPTIONS": settings.SQLITE_OPTIONS,
    }
    wrapper = DatabaseWrapper(about, alias="beside")
    wrapper.inc_thread_sharing()
    wrapper.ensure_connection()
    return wrapper


@pytest.mark.django_db
def test_a_command_beside_a_server_leaves_its_journal_in_place(tmp_path: Path) -> None:
    """SQLite takes the -wal file away when the last connection of all processes closes: the server's must be counted."""
    file = tmp_path / "shared.sqlite3"
    first = opened(file)
    with first.cursor() as cursor:
        cursor.execute("CREATE TABLE told (who text)")
    second = opened(file)
    subprocess.run([sys.executable, "-c", BESIDE, str(file)], check=True, timeout=60)
    assert file.with_name("shared.sqlite3-wal").exists()
    for each in (first, second):
        with each.cursor() as cursor:
            cursor.execute("INSERT INTO told VALUES ('server')")
    with first.cursor() as cursor:
        assert len(cursor.execute("SELECT who FROM told").fetchall()) == 3
    for each in (first, second):
        each.close()
