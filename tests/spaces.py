"""The places that tests work in."""

from django.contrib.auth.models import User

from cluster.models import Cluster
from cluster.spaces import DEFAULT_CLUSTER, Space
from cluster.writing.accounts import join

DEFAULT = Space(DEFAULT_CLUSTER, "default")


def space(namespace: str) -> Space:
    """A namespace of the default cluster."""
    return DEFAULT._replace(namespace=namespace)


def demo() -> Cluster:
    return Cluster.objects.get(name=DEFAULT_CLUSTER)


def grant(user: User, *roles: str) -> User:
    """`roles`: "default:edit", or ":view" for the whole cluster."""
    for each in roles:
        namespace, _, role = each.partition(":")
        join(user, space(namespace), role)
    return user
