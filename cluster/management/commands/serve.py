"""`manage.py serve`: a web process of a team server, with the demo's back-pressure and clean stop; workers run separately."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from rollout_site import static_files
from rollout_site.demo_environment import check_port, leave_at_once_on_signals


class Command(BaseCommand):
    help = "Serves pages, sockets and the API. `manage.py runworker reconciler` moves the cluster."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:  # noqa: ARG002
        leave_at_once_on_signals()
        check_port(port, host)
        static_files.gather()
        from cluster.live.server import Failed, run_and_leave  # imports daphne, which chooses the reactor

        def ready() -> None:
            self.stdout.write(f"Serving on http://{host}:{port}/")
            self.stdout.flush()

        try:
            run_and_leave(host, port, on_ready=ready, farewell="Stopped.")
        except Failed as failed:
            raise CommandError("The server had to stop.") from failed
