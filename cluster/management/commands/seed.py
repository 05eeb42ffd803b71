"""`manage.py seed`: the initial contents of a team server, after `migrate`. Running it again changes nothing."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from cluster import statuses
from cluster.spaces import DEFAULT_CLUSTER, Space
from cluster.writing import actions, clusters, namespaces


class Command(BaseCommand):
    help = "Makes a cluster with nodes, image behaviours and namespaces where there are none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("namespaces", nargs="*", default=["default"])
        parser.add_argument("--cluster", default=DEFAULT_CLUSTER, help=f"default: {DEFAULT_CLUSTER}")
        parser.add_argument("--example", action="store_true", help="put the book's Deployment into new namespaces")

    def handle(self, *args: Any, cluster: str, example: bool, **options: Any) -> None:  # noqa: ARG002
        try:
            is_new_cluster = clusters.ensure(cluster)
        except statuses.Refused as refused:
            raise CommandError(str(refused)) from refused
        for name in options["namespaces"]:
            space = Space(cluster, name)
            try:
                is_new = namespaces.ensure(space, actor=clusters.ACTOR) or (is_new_cluster and name == "default")
            except statuses.Refused as refused:
                raise CommandError(str(refused)) from refused
            if is_new:
                self.stdout.write(f"namespace/{name} created")
                if example:
                    self.stdout.write(actions.example(space, actor=clusters.ACTOR).message)
