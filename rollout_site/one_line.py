"""Files that can't be read or written end a start with a one-line message, with the file and advice, instead of a traceback."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

SERVERS = ("demo", "class", "serve")
MAKE_ROOM = "Make room on its disk and start again; nothing is lost."
PUT_BACK = "Put a copy of it back, or move it away: Rollstage then begins anew."
LOOK = "Look at the file and its disk."
ADVICE = {"SQLITE_FULL": MAKE_ROOM, "SQLITE_NOTADB": PUT_BACK, "SQLITE_CORRUPT": PUT_BACK}


@contextmanager
def told_in_one_line(command: str) -> Iterator[None]:
    """Wraps a command of SERVERS; others keep their tracebacks. Ends the process with code 1."""
    try:
        yield
    except OSError as error:
        if command not in SERVERS:
            raise
        sys.exit(f"Rollstage can't use {error.filename or data_folder()}: {error.strerror}. {advice_for(error)}")
    except DatabaseError as error:
        name = getattr(error.__cause__, "sqlite_errorname", None)
        if command not in SERVERS or name is None:
            raise
        sys.exit(f"Rollstage can't use {database_file()}: {error}. {ADVICE.get(name, LOOK)}")


def advice_for(error: OSError) -> str:
    return MAKE_ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT) else LOOK


def data_folder() -> str:
    return os.environ.get("ROLLSTAGE_DATA") or "its data folder"


def database_file() -> str:
    from django.conf import settings

    return str(settings.DATABASES["default"]["NAME"])
