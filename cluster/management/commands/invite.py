"""`manage.py invite USER`: an account, a namespace of the same name, and a password that is shown once."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser

from cluster import accounts, actions
from rollout_site.demo_environment import add_data_argument


class Command(BaseCommand):
    help = "Makes an account with a namespace of its own, or opens a namespace to an account. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--namespace", help="is made if it is not there (default: the user's name)")
        parser.add_argument("--level", choices=accounts.LEVELS, default="edit")
        parser.add_argument(
            "--new-password", action="store_true", help="for an account that is there already; nothing else is done"
        )
        parser.add_argument("--example", action="store_true", help="put the book's Deployment into a new namespace")
        add_data_argument(parser)

    def handle(self, *args: Any, user: str, level: str, **options: Any) -> None:  # noqa: ARG002
        if options["new_password"]:
            self.renew(user)
            return
        namespace = options["namespace"] or user
        try:
            made = accounts.invite(user, namespace=namespace, level=level, actor="invite")
        except accounts.BadName as error:
            raise CommandError(f"{error}. Name another: --namespace NAME") from error
        if made.is_new_namespace and options["example"]:
            actions.example(namespace, actor="invite")
        self.stdout.write(f"user       {user}, {shown(made.password) if made.password else 'as before'}")
        self.stdout.write(f"namespace  {namespace}, level {level}{', new' if made.is_new_namespace else ''}")
        self.stdout.write(f"page       /namespaces/{namespace}/")
        self.stdout.write(
            f"kubectl    manage.py kubeconfig {user} --namespace {namespace} --server https://... (docs/team.md)"
        )

    def renew(self, user: str) -> None:
        found = get_user_model().objects.filter(username=user).first()
        if found is None:
            raise CommandError(f"there is no user {user!r}")
        self.stdout.write(f"user       {user}, {shown(accounts.give_password(found))}")


def shown(password: str) -> str:
    return f"password {password}  (shown this once; change it at /password/)"
