"""Django's SQLite backend; a process's transactions queue for one lock before they begin.

SQLite has one writer. Without the lock, waiting connections poll the file, and a thread that holds any lock of this process while
it polls can wait for a thread that waits for that lock. Every transaction begins here, so all are in the queue: those of the
admin, sessions, dry runs and the worker.
"""

import contextlib
import os
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from rollout_site.sqlite.cursor import Cursor
from rollout_site.sqlite.writer_lock import WriterLock, lock_of, way_to_wait

LONGEST_WAIT_SECONDS = 20.0  # as SQLite's own time-out in the settings


class DatabaseWrapper(base.DatabaseWrapper):
    """`writes`: this connection has the lock, from BEGIN to COMMIT, ROLLBACK or close."""

    writes = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Creates a missing file for its owner only; SQLite gives the files beside it the same mode. An existing file is not
        opened here: closing it would drop every lock that this process's connections have on it (as fcntl does), and another
        command could then remove the server's journal."""
        if not self.is_in_memory_db():
            with contextlib.suppress(FileExistsError):
                os.close(os.open(conn_params["database"], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: Any = None) -> Any:  # noqa: ARG002 Django's name
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        """Raises OperationalError when the lock is not free within LONGEST_WAIT_SECONDS. Other calls of `cluster.records.inline`
        may use this connection while one waits here: `transaction.atomic` has not changed the connection yet."""
        if not self.writes:
            wait = way_to_wait.get()
            if not wait(self.writer_lock, LONGEST_WAIT_SECONDS):
                raise OperationalError("database is locked")
            self.writes = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._release()
            raise

    def _commit(self) -> Any:
        done = super()._commit()  # type: ignore[misc]
        self._release()
        return done

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._release()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._release()

    @property
    def writer_lock(self) -> WriterLock:
        return lock_of(None if self.is_in_memory_db() else str(self.settings_dict["NAME"]))

    def _release(self) -> None:
        if self.writes:
            self.writes = False
            self.writer_lock.release()
