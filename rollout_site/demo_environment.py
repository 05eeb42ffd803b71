"""`manage.py demo` chooses its data folder and its settings before Django reads them."""

import argparse
import os
import socket
import sys
import tempfile
from pathlib import Path

HOST = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="the page's port on 127.0.0.1 (default: 8000)")
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
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _ = parser.parse_known_args(arguments)
    data = options.data.resolve()
    check_folder(data)
    check_port(options.port)
    os.environ["ROLLSTAGE_DATA"] = str(data)
    os.environ.setdefault("ROLLSTAGE_ANONYMOUS", "edit")


def check_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        sys.exit(f"Rollstage can't write to {data}: {error.strerror}. Choose another folder with --data DIR.")


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            sys.exit(f"Rollstage can't listen on {HOST}:{port}: {why}. Choose another port with --port N.")
