"""Two processes on one SQLite file: what one does leaves the other's connections alone, and they write in turns."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from rollout_site.sqlite.base import DatabaseWrapper
from rollout_site.sqlite.writer_lock import WriterLock

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


HOLDER = """
import sys, time
from rollout_site.sqlite.writer_lock import WriterLock
lock = WriterLock(sys.argv[1])
while True:
    assert lock.acquire(60)
    print("has the turn", flush=True)
    time.sleep(float(sys.argv[2]))
    lock.release()
"""


@contextlib.contextmanager
def holder(file: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """A process that takes the writer's turn again and again without a pause, each time for these seconds."""
    command = (sys.executable, "-c", HOLDER, str(file), str(seconds))
    with subprocess.Popen(command, cwd=settings.BASE_DIR, text=True, stdout=subprocess.PIPE) as process:
        try:
            assert next_turn(process)
            yield process
        finally:
            process.kill()


def next_turn(process: subprocess.Popen[str]) -> bool:
    assert process.stdout
    return process.stdout.readline() == "has the turn\n"


def test_a_process_that_writes_without_a_pause_lets_another_write(tmp_path: Path) -> None:
    file = tmp_path / "writer"
    lock = WriterLock(str(file))
    with holder(file, 0.02) as other:
        for _ in range(20):
            assert lock.acquire(60)
            lock.release()
        other.kill()
        turns = sum(1 for _ in iter(lambda: next_turn(other), False))
    assert turns <= 40, "each turn waits for one of the other's, or two"


def test_waiting_for_the_turn_has_a_time_out_and_a_killed_process_frees_the_turn(tmp_path: Path) -> None:
    file = tmp_path / "writer"
    lock = WriterLock(str(file))
    with holder(file, 1000) as other:
        assert not lock.acquire(0.01)
        assert not lock.among_threads.locked()
        other.kill()
        assert lock.acquire(60)
        lock.release()


def test_a_lock_file_that_can_t_be_made_leaves_no_thread_waiting(tmp_path: Path) -> None:
    lock = WriterLock(str(tmp_path / "missing" / "writer"))
    with pytest.raises(FileNotFoundError):
        lock.acquire(1)
    assert not lock.among_threads.locked()
