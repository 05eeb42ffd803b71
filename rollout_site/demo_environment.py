"""`manage.py demo` chooses its data folder and its settings before Django reads them."""

import argparse
import fcntl
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import IO

HOST = "127.0.0.1"
PORTS_TRIED = 100
_held: list[IO[str]] = []


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="the page's port on 127.0.0.1 (default: 8000)")
    parser.add_argument(
        "--api-port", type=int, default=8443, help="the Kubernetes API's port (default: 8443, or the next free one)"
    )
    add_data_argument(parser)


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path("var"), help="where everything is kept (default: var/)")


def choose_data(arguments: list[str]) -> None:
    """For a command that works on a demo's cluster: the folder that --data names, as the demo itself has it."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data", type=Path)
    options, _ = parser.parse_known_args(arguments)
    if options.data:
        os.environ["ROLLSTAGE_DATA"] = str(options.data.resolve())


def prepare(arguments: list[str]) -> None:
    """Exits with one line when the demo could not work here."""
    leave_at_once_on_signals()
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _ = parser.parse_known_args(arguments)
    data = options.data.resolve()
    os.umask(0o077)  # the demo writes below its folder only, and nothing of that is for others
    check_folder(data)
    hold_folder(data)
    check_port(options.port)
    os.environ["ROLLSTAGE_DATA"] = str(data)
    os.environ.setdefault("ROLLSTAGE_ANONYMOUS", "admin")
    for name in ("DATABASE_URL", "REDIS_URL"):  # a team server's: the demo writes below its folder only
        os.environ.pop(name, None)


def leave_at_once_on_signals() -> None:
    """Until the server listens to them, and after it did. Nothing is lost: everything is in transactions."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))


def free_port(first: int, host: str = HOST) -> int:
    """The first free port from `first` on."""
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    sys.exit(f"Rollstage finds no free port for the API from {first} on. Choose another with --api-port N.")


def check_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
        for each in data.glob("rollstage.sqlite3*"):
            with each.open("ab"):
                pass
    except OSError as error:
        sys.exit(f"Rollstage can't write to {data}: {error.strerror}. Choose another folder with --data DIR.")


def hold_folder(data: Path) -> None:
    """For as long as this process lives, also if it is killed: two demos on one folder would not hear of each other."""
    file = (data / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"Rollstage is running on {data} already. Choose another folder with --data DIR.")
    _held.append(file)


def check_port(port: int, host: str = HOST) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            sys.exit(f"Rollstage can't listen on {host}:{port}: {why}. Choose another port with --port N.")
