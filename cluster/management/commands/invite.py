"""`manage.py invite USER`: an account, a cluster of its own, and a password that is shown once."""

from argparse import ArgumentTypeError
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser

from cluster.spaces import DEFAULT_CLUSTER, Space
from cluster.statuses import Refused
from cluster.writing import accounts, actions, memberships
from rollout_site.demo_environment import add_data_argument


class Command(BaseCommand):
    help = "Makes an account with a cluster of its own, or opens a cluster or a namespace to it. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--cluster", default="", help="a shared cluster (default: one of the user's own)")
        parser.add_argument("--namespace", default="", help="open only this namespace of the cluster")
        parser.add_argument(
            "--role", "--level", choices=accounts.ROLES, default="", help="default: admin of an own cluster, else edit"
        )
        parser.add_argument(
            "--last-day", type=last_day, default=None, metavar="YYYY-MM-DD", help="the role ends with this day, by UTC"
        )
        parser.add_argument(
            "--new-password", action="store_true", help="for an account that is there already; nothing else is done"
        )
        parser.add_argument(
            "--example", action="store_true", help="put the book's Deployment into the new cluster or namespace"
        )
        add_data_argument(parser)

    def handle(self, *args: Any, user: str, role: str, **options: Any) -> None:  # noqa: ARG002
        if options["new_password"]:
            self.renew(user)
            return
        cluster, namespace = options["cluster"], options["namespace"]
        if namespace and not cluster:
            cluster = DEFAULT_CLUSTER
        if options["last_day"] and not cluster:
            raise CommandError("--last-day is for a shared cluster: give --cluster or --namespace")
        try:
            made = accounts.invite(user, cluster=cluster, namespace=namespace, role=role, ends=options["last_day"])
        except (accounts.BadName, Refused) as error:
            raise CommandError(str(error)) from error
        space = Space(made.space.cluster, namespace or "default")
        if made.is_new_place and options["example"]:
            actions.example(space, actor="invite")
        self.stdout.write(f"user       {user}, {shown(made.password) if made.password else 'as before'}")
        place = f"namespace  {namespace} of cluster" if namespace else "cluster   "
        self.stdout.write(f"{place} {space.cluster}, role {made.role}{', new' if made.is_new_place else ''}")
        self.stdout.write(f"page       /clusters/{space.cluster}/{f'namespaces/{namespace}/' if namespace else ''}")
        asked = f" --namespace {namespace}" if namespace else ""
        self.stdout.write(
            f"kubectl    manage.py kubeconfig {user} --cluster {space.cluster}{asked} --server https://... (docs/team.md)"
        )

    def renew(self, user: str) -> None:
        found = get_user_model().objects.filter(username=user).first()
        if found is None:
            raise CommandError(f"there is no user {user!r}")
        self.stdout.write(f"user       {user}, {shown(accounts.give_password(found))}")


def last_day(text: str) -> datetime:
    try:
        return memberships.end_of(date.fromisoformat(text))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def shown(password: str) -> str:
    return f"password {password}  (shown this once; change it at /password/)"
