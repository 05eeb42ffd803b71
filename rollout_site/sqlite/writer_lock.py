"""The lock of SQLite's one writer: among the threads of a process, and among the processes on a file."""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache

SHORTEST_PAUSE_SECONDS = 0.0001
LONGEST_PAUSE_SECONDS = 0.0004
TURN_SECONDS = 0.01
QUEUE, TURN = 0, 1  # bytes of the lock file


class WriterLock:
    """A process that wants to write locks the queue's byte, then the turn's, and then frees the queue's: a process that has just
    written can't have the next turn while another waits. Threads that wait in a process write in one turn, for TURN_SECONDS at
    most. The kernel frees both bytes when a process ends, even by a kill."""

    def __init__(self, path: str | None) -> None:
        """`path`: the lock file, which is created; None for a database of this process only."""
        self.path = path
        self.file: int | None = None
        self.among_threads = threading.Lock()
        self.waiting, self.counting = 0, threading.Lock()  # the threads that wait, and the lock of this number
        self.turn_ends: float | None = None  # a monotonic time, while this process has the turn

    def acquire(self, seconds: float) -> bool:
        """False when the lock was not free within these seconds."""
        until = time.monotonic() + seconds
        if not self._first_among_threads(seconds):
            return False
        has_turn = False
        try:
            has_turn = self.path is None or self.turn_ends is not None or self._take_turn(self.path, until)
        finally:
            if not has_turn:
                self.among_threads.release()
        return has_turn

    def release(self) -> None:
        with self.counting:
            if self.turn_ends is not None and not (self.waiting and time.monotonic() < self.turn_ends):
                self.turn_ends = None
                assert self.file is not None
                unlock(self.file, TURN)
            self.among_threads.release()

    def expect(self, more: int) -> None:
        """Counts `more` (or, below 0, fewer) that wait outside of `acquire`: a turn is kept for them as for waiting threads, and
        ends with the last of them."""
        with self.counting:
            self.waiting += more
            is_kept = self.turn_ends is not None and not self.waiting
            is_idle = is_kept and self.among_threads.acquire(blocking=False)
        if is_idle:
            self.release()

    def _first_among_threads(self, seconds: float) -> bool:
        with self.counting:
            self.waiting += 1
        is_first = False
        try:
            is_first = self.among_threads.acquire(timeout=seconds)
        finally:
            with self.counting:
                self.waiting -= 1
                is_late = not is_first and self.among_threads.acquire(blocking=False)
            if is_late:
                self.release()  # the turn may have been kept for this thread
        return is_first

    def _take_turn(self, path: str, until: float) -> bool:
        if self.file is None:
            self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not lock(self.file, QUEUE, until):
            return False
        try:
            if not lock(self.file, TURN, until):
                return False
        finally:
            unlock(self.file, QUEUE)
        self.turn_ends = time.monotonic() + TURN_SECONDS
        return True


# How the present context waits for a lock: blocks its thread, unless something else has been set (cluster.records.inline).
way_to_wait: ContextVar[Callable[[WriterLock, float], bool]] = ContextVar("way_to_wait", default=WriterLock.acquire)


@cache
def lock_of(database: str | None) -> WriterLock:
    """This process's lock for a database file; None: a database in memory."""
    return WriterLock(f"{database}-writer" if database else None)


def lock(file: int, byte: int, until: float) -> bool:
    """Locks a byte of the file; False if it is not free by `until`, a monotonic time. Tries repeatedly, since the kernel's own
    waiting has no time-out."""
    pause = SHORTEST_PAUSE_SECONDS
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):  # POSIX allows both for a lock that another process has
            if time.monotonic() >= until:
                return False
        else:
            return True
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def unlock(file: int, byte: int) -> None:
    fcntl.lockf(file, fcntl.LOCK_UN, 1, byte)
