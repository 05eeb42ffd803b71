"""Two processes on one SQLite file: what one does leaves the other's connections alone, and they write in turns."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from rollout_site.sqlite import writer_lock
from rollout_site.sqlite.base import DatabaseWrapper
from rollout_site.sqlite.writer_lock import WriterLock
from tests.outside.process import wait_until

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


def test_threads_that_write_without_a_pause_let_another_process_write(tmp_path: Path) -> None:
    file = tmp_path / "writer"
    lock = WriterLock(str(file))
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            assert lock.acquire(60)
            lock.release()

    with holder(file, 0) as other, ThreadPoolExecutor(4) as threads:
        writing = [threads.submit(write) for _ in range(4)]
        try:
            assert all(next_turn(other) for _ in range(20))
        finally:
            is_over.set()
        for each in writing:
            each.result()
    assert lock.acquire(60)


@pytest.mark.parametrize(("seconds", "is_kept"), [(60, True), (0, False)], ids=["in time", "too late"])
def test_a_waiting_thread_writes_in_the_same_turn_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, is_kept: bool
) -> None:
    monkeypatch.setattr(writer_lock, "TURN_SECONDS", seconds)
    lock = WriterLock(str(tmp_path / "writer"))
    assert lock.acquire(60)
    first = lock.turn_ends
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lock.acquire, 60)
        wait_until(lambda: lock.waiting == 1, 60, "the thread")
        lock.release()
        assert waiting.result()
    assert (lock.turn_ends == first) is is_kept
    lock.release()
    assert lock.turn_ends is None


def test_a_turn_is_kept_for_those_expected_and_ends_with_the_last_of_them(tmp_path: Path) -> None:
    lock = WriterLock(str(tmp_path / "writer"))
    lock.expect(2)
    assert lock.acquire(60)
    first = lock.turn_ends
    lock.release()
    assert lock.turn_ends == first is not None
    lock.expect(-1)
    assert lock.acquire(0)
    assert lock.turn_ends == first
    lock.expect(-1)
    assert lock.turn_ends == first, "it is in use"
    lock.release()
    assert lock.turn_ends is None
    lock.expect(1)
    assert lock.acquire(0)
    lock.release()
    lock.expect(-1)
    assert lock.turn_ends is None
    assert not lock.among_threads.locked()


def test_a_turn_kept_for_a_thread_that_no_longer_waits_ends(tmp_path: Path) -> None:
    lock = WriterLock(str(tmp_path / "writer"))
    assert lock.acquire(60)
    lock.among_threads = LateRelease(lock)  # type: ignore[assignment]
    assert not lock.acquire(60)
    assert lock.turn_ends is None
    assert not lock.among_threads.locked()


class LateRelease:
    """The lock among threads, held at first. Its holder releases it just when the thread that waits for it gives up."""

    def __init__(self, writer: WriterLock) -> None:
        self.writer, self.is_held = writer, True

    def acquire(self, *, timeout: float = 0, blocking: bool = True) -> bool:  # noqa: ARG002 threading's names
        if blocking:
            self.writer.release()
            return False
        was_held, self.is_held = self.is_held, True
        return not was_held

    def release(self) -> None:
        self.is_held = False

    def locked(self) -> bool:
        return self.is_held


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


@pytest.mark.django_db
def test_places_of_parameters_and_percent_signs(tmp_path: Path) -> None:
    wrapper = opened(tmp_path / "places.sqlite3")
    with wrapper.cursor() as cursor:
        for _ in range(2):
            assert cursor.execute("SELECT '%%', %s", ["x"]).fetchone() == ("%", "x")
            assert cursor.execute("SELECT %(a)s, '%%'", {"a": 1}).fetchone() == (1, "%")
    wrapper.close()
