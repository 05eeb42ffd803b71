"""Which users are viewing which cluster. Each web process writes this for all its sockets (`live.attendance`), so that all
processes can read it. A closed socket is not reported: a user counts as present for SEEN_SECONDS after the last note."""

import time
from collections.abc import Iterable

from django.contrib.auth import get_user_model

from cluster.models import Cluster, Presence

TOLD_EVERY_SECONDS = 20.0
SEEN_SECONDS = 45.0


def note(pairs: Iterable[tuple[str, int]]) -> None:
    """Records (cluster, user key) of the present viewers. Rows are written in a fixed order, so that processes do not
    deadlock."""
    found = set(pairs)
    keys = dict(Cluster.objects.filter(name__in={name for name, _ in found}).values_list("name", "pk"))
    users = set(get_user_model().objects.filter(pk__in={user for _, user in found}).values_list("pk", flat=True))
    places = sorted((keys[name], user) for name, user in found if name in keys and user in users)
    now = time.time()
    rows = [Presence(cluster_id=cluster, user_id=user, at=now) for cluster, user in places]
    Presence.objects.bulk_create(rows, update_conflicts=True, unique_fields=["cluster", "user"], update_fields=["at"])


def here(cluster: Cluster) -> dict[int, str]:
    """The users (key -> name) who are viewing a cluster now, by name."""
    rows = Presence.objects.filter(cluster=cluster, at__gt=time.time() - SEEN_SECONDS, user__is_active=True)
    return dict(rows.order_by("user__username").values_list("user_id", "user__username"))


def forget() -> None:
    Presence.objects.filter(at__lte=time.time() - SEEN_SECONDS).delete()
