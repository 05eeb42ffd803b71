"""A PostgreSQL and a Redis of a test's own, which it may stop and kill."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from tests.outside.process import HOST, free_port, wait_until

USER = "postgres"  # PostgreSQL refuses to run as root


def binary(name: str) -> str | None:
    """Where Debian keeps it, or the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


CAN_RUN = bool(binary("initdb") and shutil.which("redis-server") and (os.getuid() != 0 or shutil.which("runuser")))


class Postgres:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "postgres", free_port()
        self.folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            for each in (self.folder, *self.folder.parents):
                if each == Path("/tmp"):
                    break
                each.chmod(each.stat().st_mode | 0o011)
            shutil.chown(self.folder, USER)
        self.run("initdb", "-D", str(self.folder), "-U", USER, "-A", "trust", "-N", "-E", "UTF8")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@{HOST}:{self.port}/postgres"

    def run(self, name: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", USER, "--"] if os.getuid() == 0 else []
        command = [*as_user, binary(name) or name, *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60, cwd="/")

    def start(self) -> None:
        options = f"-p {self.port} -k '' -c listen_addresses={HOST} -c fsync=off"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder), "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """As if the power went: every connection is cut, and the next start recovers."""
        self.run("pg_ctl", "-D", str(self.folder), "-m", "immediate", "-w", "stop")

    def restart(self) -> None:
        self.stop()
        self.start()

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)


class Redis:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", HOST, "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def restart(self) -> None:
        self.stop()
        time.sleep(0.2)
        self.start()


def wait_for(server: Postgres) -> None:
    def answers() -> bool:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    wait_until(answers, 30, "PostgreSQL")
