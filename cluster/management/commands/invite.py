"""`manage.py invite USER`: an account, a namespace of the same name, and a password that is shown once."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from cluster import accounts, actions
from rollout_site.demo_environment import add_data_argument


class Command(BaseCommand):
    help = "Makes an account with a namespace of its own, or opens a namespace to an account. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--namespace", help="is made if it is not there (default: the user's name)")
        parser.add_argument("--level", choices=accounts.LEVELS, default="edit")
        parser.add_argument("--new-password", action="store_true", help="also for an account that is there already")
        parser.add_argument("--example", action="store_true", help="put the book's Deployment into a new namespace")
        add_data_argument(parser)

    def handle(self, *args: Any, user: str, level: str, **options: Any) -> None:  # noqa: ARG002
        namespace = options["namespace"] or user
        try:
            made = accounts.invite(
                user, namespace=namespace, level=level, new_password=options["new_password"], actor="invite"
            )
        except accounts.BadName as error:
            raise CommandError(f"{error}. Name another: --namespace NAME") from error
        if made.is_new_namespace and options["example"]:
            actions.example(namespace, actor="invite")
        shown = (
            f"password {made.password}  (shown this once; change it at /password/)" if made.password else "as before"
        )
        self.stdout.write(f"user       {made.user}, {shown}")
        self.stdout.write(f"namespace  {namespace}, level {level}{', new' if made.is_new_namespace else ''}")
        self.stdout.write(f"page       /namespaces/{namespace}/")
        self.stdout.write(
            f"kubectl    manage.py kubeconfig {user} --namespace {namespace} --server https://... (docs/team.md)"
        )
