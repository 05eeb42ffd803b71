"""`manage.py kubeconfig USER`: prints a kubeconfig with a new token, to pass on to a user."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser

from cluster.api.auth import kubeconfig, tokens
from cluster.models import Namespace, Token
from cluster.spaces import DEFAULT_CLUSTER
from rollout_site.demo_environment import add_data_argument


class Command(BaseCommand):
    help = "Prints a kubeconfig with a new token of a user. The token is shown here only; the admin can revoke it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--cluster", default=DEFAULT_CLUSTER, help=f"default: {DEFAULT_CLUSTER}")
        parser.add_argument("--namespace", default="default")
        parser.add_argument(
            "--server", help="the address of this server for kubectl (default: that of the demo, if there is one)"
        )
        parser.add_argument(
            "--public-ca",
            action="store_true",
            help="the server's certificate is from a well-known authority (so it is if no demo has run on this data)",
        )
        parser.add_argument("--only", action="store_true", help="revoke the user's other tokens")
        add_data_argument(parser)

    def handle(self, *args: Any, user: str, cluster: str, namespace: str, server: str | None, **options: Any) -> None:  # noqa: ARG002
        found = get_user_model().objects.filter(username=user, is_active=True).first()
        if found is None:
            raise CommandError(f"there is no active user {user!r}; make one in the admin")
        if not Namespace.objects.filter(cluster__name=cluster, name=namespace).exists():
            raise CommandError(f"there is no namespace {namespace!r} in a cluster {cluster!r}")
        server = server or kubeconfig.server_in(settings.DATA_DIR / "kubeconfig")
        if server is None:
            raise CommandError(
                "give --server https://..., the address of this server for kubectl; no demo has run on this data"
            )
        authority = settings.DATA_DIR / "tls" / "ca.crt"
        ca = authority if authority.exists() and not options["public_ca"] else None
        if options["only"]:
            Token.objects.filter(user=found).delete()
        token = tokens.make_token(found, name=f"kubeconfig of {user}")
        server = kubeconfig.cluster_address(server, cluster)
        self.stdout.write(kubeconfig.text(server=server, ca=ca, user=user, token=token, namespace=namespace))
        others = Token.objects.filter(user=found).count() - 1
        if others:
            self.stderr.write(f"{user} has {others} other {'token' if others == 1 else 'tokens'}; --only revokes them.")
