"""`manage.py demo`: page, socket and worker in one process on one event loop, over SQLite."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandParser, call_command

from cluster import actions, journal, seed
from rollout_site.demo_environment import HOST, add_arguments

ADMIN = "admin"


class Command(BaseCommand):
    help = "Starts Rollstage with the book's Deployment, in one process."

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, port: int, **options: Any) -> None:  # noqa: ARG002
        call_command("migrate", verbosity=0, interactive=False)
        seed.ensure_cluster()
        password = ensure_admin()
        if seed.ensure_namespace("default"):
            actions.example("default", actor="demo")
        journal.touch()
        self.serve(port, password)
        self.stdout.write("Stopped. The same command goes on from here.")

    def serve(self, port: int, password: str | None) -> None:
        from cluster.server import run  # imports daphne, which chooses the reactor

        run(HOST, port, on_ready=lambda: self.greet(port, password))

    def greet(self, port: int, password: str | None) -> None:
        page = f"http://{HOST}:{port}/"
        shown = f"user {ADMIN}, password {password}  (shown this once)" if password else f"user {ADMIN}, as before"
        lines = (
            "",
            f"  Rollstage   {page}",
            f"  Admin       {page}admin/   {shown}",
            f"  Data        {settings.DATA_DIR}",
            "  Stop        Ctrl-C",
            "",
        )
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def ensure_admin() -> str | None:
    """The password of a newly made superuser; None if there is one already."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser(ADMIN, password=password)
    return password
