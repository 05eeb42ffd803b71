"""`manage.py demo`: a server of pages, websockets and the API, and a worker process beside it, over SQLite."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import transaction

from cluster.api.auth import certificates, kubeconfig, tokens
from cluster.live.worker_process import WorkerProcess
from cluster.records import journal
from cluster.spaces import DEFAULT_CLUSTER, Space
from cluster.writing import actions, clusters
from rollout_site import static_files
from rollout_site.demo_environment import HOST, add_arguments, free_port

ADMIN = "admin"


class Command(BaseCommand):
    help = "Starts Rollstage with the book's Deployment."

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, port: int, api_port: int, **options: Any) -> None:  # noqa: ARG002
        call_command("migrate", verbosity=0, interactive=False)
        password = ensure_admin()
        with transaction.atomic():
            if clusters.ensure(DEFAULT_CLUSTER, old_versions=True):
                actions.example(Space(DEFAULT_CLUSTER, "default"), actor="demo")
        journal.touch()
        self.serve(port, free_port(api_port), password)

    def serve(self, port: int, api_port: int, password: str | None) -> None:
        worker = WorkerProcess()
        from cluster.live.server import Failed, SecurePort, run_and_leave  # imports daphne, which chooses the reactor

        static_files.gather()
        ca, certificate, key = certificates.ensure(settings.DATA_DIR / "tls")
        file = ensure_kubeconfig(f"https://{HOST}:{api_port}", ca)
        try:
            run_and_leave(
                HOST,
                port,
                secure=SecurePort(port=api_port, certificate=certificate, key=key),
                worker=worker,
                on_ready=lambda: self.greet(port, file, password),
                farewell="Stopped. The same command goes on from here.",
            )
        except Failed as failed:
            raise CommandError("Rollstage had to stop.") from failed

    def greet(self, port: int, kubeconfig_file: Path, password: str | None) -> None:
        page = f"http://{HOST}:{port}/"
        shown = f"user {ADMIN}, password {password}  (shown this once)" if password else f"user {ADMIN}, as before"
        lines = (
            "",
            f"  Rollstage   {page}",
            f"  Admin       {page}admin/   {shown}",
            f"  kubectl     export KUBECONFIG={kubeconfig_file}",
            f"  Data        {settings.DATA_DIR}",
            "  Stop        Ctrl-C",
            "",
        )
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def ensure_kubeconfig(server: str, ca: Path) -> Path:
    """Writes the demo's kubeconfig with its previous token, if that is still valid; the port may have changed."""
    file: Path = settings.DATA_DIR / "kubeconfig"
    token = kubeconfig.token_in(file)
    if token is None or tokens.user_of(f"Bearer {token}") is None:
        admin = get_user_model().objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        token = tokens.make_token(admin, name="kubeconfig of the demo")
    kubeconfig.write(file, kubeconfig.text(server=server, ca=ca, user=ADMIN, token=token, namespace="default"))
    return file


def ensure_admin() -> str | None:
    """The password of a new superuser; None if there is one already."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser(ADMIN, password=password)
    return password
