"""`manage.py demo` chooses its data folder and settings before Django reads them."""

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
    """For commands that work on a demo's clusters: sets the data folder to that of --data, as the demo does."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data", type=Path)
    options, _ = parser.parse_known_args(arguments)
    if options.data:
        os.environ["ROLLSTAGE_DATA"] = str(options.data.resolve())


def prepare(arguments: list[str]) -> None:
    """Sets the environment. Exits with a one-line message where the demo can't run."""
    leave_at_once_on_signals()
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _ = parser.parse_known_args(arguments)
    data = options.data.resolve()
    os.umask(0o077)  # the demo writes below its folder only, for its owner only
    check_folder(data)
    hold_folder(data)
    check_port(options.port)
    os.environ["ROLLSTAGE_DATA"] = str(data)
    os.environ.setdefault("ROLLSTAGE_ANONYMOUS", "admin")
    for name in ("DATABASE_URL", "REDIS_URL"):  # a team server's: the demo writes below its folder only
        os.environ.pop(name, None)


def leave_at_once_on_signals() -> None:
    """Exits at once on signals, before the server handles them and after it has stopped. Nothing is lost: all writes are in
    transactions."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))


def free_port(first: int, host: str = HOST) -> int:
    """The first free port from `first` on. Exits where there is none."""
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
    """Locks the folder until this process ends, even by a kill: two demos on one folder would not notice each other's changes."""
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
