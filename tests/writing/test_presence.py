"""Who looks at a cluster: as every process knows it, for as long as it is told."""

import time

import pytest
from django.contrib.auth.models import User

from cluster.live.worker import Housekeeper
from cluster.models import Presence
from cluster.writing import clusters, presence
from tests.spaces import demo

pytestmark = pytest.mark.usefixtures("cluster")


def test_who_looks_is_here_until_it_is_not_told_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    blue = clusters.create("blue")
    ann, ben = User.objects.create_user("ann"), User.objects.create_user("ben")
    presence.note([("demo", ben.pk), ("demo", ann.pk), ("blue", ann.pk)])
    presence.note([("demo", ann.pk)])
    assert presence.here(demo()) == {ann.pk: "ann", ben.pk: "ben"}
    assert presence.here(blue) == {ann.pk: "ann"}
    assert Presence.objects.count() == 3
    now = time.time() + presence.SEEN_SECONDS
    monkeypatch.setattr(time, "time", lambda: now)
    assert presence.here(demo()) == {}
    presence.note([("demo", ann.pk)])
    assert presence.here(demo()) == {ann.pk: "ann"}
    Housekeeper().tidy()
    assert Presence.objects.count() == 1


def test_who_and_what_is_gone_is_passed_over() -> None:
    ann = User.objects.create_user("ann")
    presence.note([("none", ann.pk), ("demo", ann.pk + 1), ("demo", ann.pk)])
    assert Presence.objects.count() == 1
    User.objects.update(is_active=False)
    assert presence.here(demo()) == {}
