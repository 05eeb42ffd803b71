"""`manage.py class`: a class on the local network, a server and a worker process over SQLite."""

import io
from typing import Any
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from cluster.api.auth import certificates
from cluster.classroom import class_file, classes, codes
from cluster.live.worker_process import WorkerProcess
from cluster.models import Classroom
from cluster.records import journal
from cluster.statuses import Refused
from rollout_site.class_environment import add_arguments


class Command(BaseCommand):
    help = "Holds a class on the local network: students join with a code, each gets a cluster."

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, name: str, students: int, host: str, port: int, **options: Any) -> None:  # noqa: ARG002
        call_command("migrate", verbosity=0, interactive=False)
        try:
            room = ensure_class(name, students)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        journal.touch()
        self.serve(room, host, port)

    def serve(self, room: Classroom, host: str, port: int) -> None:
        worker = WorkerProcess()
        from cluster.live.server import Failed, SecurePort, run_and_leave  # imports daphne, which chooses the reactor

        api = urlsplit(settings.API_ADDRESS)
        names = [each.strip("[]") for each in settings.ALLOWED_HOSTS]
        _, certificate, key = certificates.ensure(settings.DATA_DIR / "tls", names=names)
        told = class_file.write(room, settings.PUBLIC_ADDRESS)
        try:
            run_and_leave(
                host,
                port,
                secure=SecurePort(port=api.port or 443, certificate=certificate, key=key, has_pages=True),
                worker=worker,
                on_ready=lambda: self.greet(room, told),
                farewell="Stopped. The same command goes on from here.",
            )
        except Failed as failed:
            raise CommandError("Rollstage had to stop.") from failed

    def greet(self, room: Classroom, told: dict[str, str]) -> None:
        lines = (
            "",
            f"  {room.name}: {told['address']}",
            f"  Join code    {codes.spaced(room.code)}   ({told['join_url']})",
            f"  Teacher      {told['teacher_url']}",
            "               Open this link yourself, show its first page to the class, and give the link to nobody.",
            "",
            "  The page is not encrypted: on a network with strangers use the encrypted address instead, which browsers",
            f"  warn of, since its certificate is this server's own: {settings.API_ADDRESS}",
            f"  SHA-256 {class_file.fingerprint()}",
            "",
            f"  Data         {settings.DATA_DIR}   (class.json has these addresses)",
            "  Stop         Ctrl-C",
            "",
        )
        if self.stdout.isatty():
            self.stdout.write(drawn(told["join_url"]))
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def drawn(text: str) -> str:
    """A QR code drawn with half blocks."""
    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out=out, compact=True, border=2)
    return out.getvalue()


def ensure_class(name: str, students: int) -> Classroom:
    """The class of that name, created if there is none, with this number of seats. Raises Refused."""
    classes.check_seats(students)
    users = get_user_model().objects
    teacher = users.filter(username=classes.TEACHER).first() or users.create_user(classes.TEACHER)
    room = Classroom.objects.filter(owner=teacher, name=classes.checked_name(name)).first()
    if room is None:
        return classes.create(name, owner=teacher, most_seats=students)
    if room.most_seats != students:
        classes.change(room, most_seats=students)
    return room
