"""`manage.py seed`: what a team server starts with, after `migrate`. Running it again changes nothing."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from cluster import actions, seed, statuses


class Command(BaseCommand):
    help = "Makes nodes, image behaviours and namespaces where there are none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("namespaces", nargs="*", default=["default"])
        parser.add_argument("--example", action="store_true", help="put the book's Deployment into new namespaces")

    def handle(self, *args: Any, namespaces: list[str], example: bool, **options: Any) -> None:  # noqa: ARG002
        seed.ensure_cluster()
        for name in namespaces:
            try:
                is_new = seed.ensure_namespace(name)
            except statuses.Refused as refused:
                raise CommandError(str(refused)) from refused
            if is_new:
                self.stdout.write(f"namespace/{name} created")
                if example:
                    self.stdout.write(actions.example(name, actor="seed").message)
