"""What a start says of files that it can't use."""

import errno
import sqlite3

import pytest
from django.conf import settings
from django.db import OperationalError

from rollout_site.one_line import told_in_one_line

FULL = OSError(errno.ENOSPC, "No space left on device", "/var/rollstage/tls/ca.key")


def of_sqlite(name: str) -> OperationalError:
    cause = sqlite3.OperationalError("it failed")
    cause.sqlite_errorname = name
    error = OperationalError("it failed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(FULL, ("/var/rollstage/tls/ca.key: No space left on device. Make room",), id="no room"),
        pytest.param(
            OSError(errno.ENOSPC, "No space left on device"), ("/data: No space left on device. Make room",),
            id="no room for a file without a name",
        ),
        pytest.param(PermissionError(errno.EACCES, "Permission denied", "/x"), ("/x: Permission denied. Look",), id="rights"),
        pytest.param(of_sqlite("SQLITE_FULL"), ("Make room on its disk",), id="no room for SQLite"),
        pytest.param(of_sqlite("SQLITE_CORRUPT"), ("Put a copy of it back",), id="SQLite damaged"),
        pytest.param(of_sqlite("SQLITE_IOERR_WRITE"), ("Look at the file",), id="SQLite can't write"),
    ],
)  # fmt: skip
def test_a_server_says_it_in_one_line(
    error: Exception, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROLLSTAGE_DATA", "/data")
    with pytest.raises(SystemExit) as ended, told_in_one_line("demo"):
        raise error
    assert all(each in str(ended.value) for each in words)
    if isinstance(error, OperationalError):
        assert str(settings.DATABASES["default"]["NAME"]) in str(ended.value)


@pytest.mark.parametrize(("command", "error"), [("migrate", FULL), ("serve", OperationalError("the server is away"))])
def test_other_failures_keep_their_traceback(command: str, error: Exception) -> None:
    with pytest.raises(type(error)), told_in_one_line(command):
        raise error
