"""Memberships that end: from that moment on as if they were removed, for whoever asks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cluster import models
from cluster.api.auth import tokens
from cluster.live import board
from cluster.live.worker import Housekeeper
from cluster.page import settings_page
from cluster.records.threads import in_thread
from cluster.statuses import Refused
from cluster.writing import actions, clusters, memberships
from cluster.writing.permissions import allowed_clusters, allowed_namespaces, is_member, may, roles_in
from tests.api.conftest import Api
from tests.conftest import OpenSocket
from tests.spaces import DEFAULT, demo, grant, space

RBAC = "/apis/rbac.authorization.k8s.io/v1"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
PAGE = "/clusters/demo/namespaces/default/"
LATER = timedelta(days=1)


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


def until(place: str, role: str, ends: datetime | None, name: str = "ann") -> User:
    user = User.objects.filter(username=name).first() or User.objects.create_user(name)
    memberships.grant(space(place), user, role, actor="me", ends=ends)
    return user


def end(user: User) -> None:
    """As if the day had come."""
    user.memberships.update(ends=timezone.now())


def roles(user: User) -> list[tuple[str, str]]:
    return sorted(user.memberships.values_list("namespace", "role"))


def page(user: User, path: str = PAGE) -> int:
    client = Client()
    client.force_login(user)
    return client.get(path).status_code


def api(user: User, path: str) -> int:
    return int(Api(tokens.make_token(user))("GET", path).status_code)


def can_i(user: User) -> bool:
    asked = {"verb": "list", "resource": "pods", "namespace": "default"}
    answer = Api(tokens.make_token(user))("POST", REVIEWS, {"spec": {"resourceAttributes": asked}})
    return bool(answer.json()["status"]["allowed"])


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("place", ["", "default"], ids=["in the whole cluster", "in a namespace"])
@pytest.mark.parametrize(
    ("look", "before", "after"),
    [
        pytest.param(lambda user: may(user, "view", DEFAULT), True, False, id="may"),
        pytest.param(lambda user: is_member(user, "demo"), True, False, id="is a member"),
        pytest.param(lambda user: allowed_clusters(user), ["demo"], [], id="clusters"),
        pytest.param(lambda user: "default" in allowed_namespaces(user, "demo"), True, False, id="namespaces"),
        pytest.param(lambda user: bool(roles_in(user, "demo")), True, False, id="roles"),
        pytest.param(lambda user: [each.name for each in board.listing(user).seen], ["demo"], [], id="the board"),
        pytest.param(page, 200, 404, id="the page"),
        pytest.param(lambda user: page(user, "/clusters/demo/settings/"), 200, 404, id="the settings"),
        pytest.param(lambda user: page(user, f"{PAGE}deployments/nginx-deployment/yaml/"), 200, 403, id="a button"),
        pytest.param(lambda user: api(user, "/api/v1/namespaces/default/pods"), 200, 403, id="a token"),
        pytest.param(lambda user: api(user, "/api/v1/nodes"), 200, 403, id="a member's nodes"),
        pytest.param(can_i, True, False, id="can-i"),
    ],
)
def test_what_has_ended_opens_nothing(place: str, look: Callable[[User], Any], before: Any, after: Any) -> None:
    actions.example(DEFAULT, actor="me")
    user = until(place, "view", timezone.now() + LATER)
    assert look(user) == before
    end(user)
    assert look(user) == after


async def test_what_has_ended_opens_no_socket(socket: OpenSocket) -> None:
    def opened() -> WebsocketCommunicator:
        user = until("default", "view", timezone.now() + LATER)
        end(user)
        return socket(user=user)

    browser = await in_thread(opened)
    await browser.connect()
    assert "forbidden" in await browser.receive_from()
    assert (await browser.receive_output())["code"] == 4403


@pytest.mark.usefixtures("cluster")
def test_a_role_that_goes_on_is_left() -> None:
    user = until("", "admin", timezone.now() + LATER)
    until("default", "view", None)
    user.memberships.filter(namespace="").update(ends=timezone.now())
    assert [may(user, verb, DEFAULT) for verb in ("view", "edit")] == [True, False]


@pytest.mark.usefixtures("cluster")
def test_the_binding_goes_with_the_end_and_the_row_a_month_later() -> None:
    user, other = until("default", "view", timezone.now() + LATER), until("default", "edit", None, "ben")
    api = Api(tokens.make_token(grant(User.objects.create_user("cat"), ":admin")))
    Housekeeper().tidy()
    bindings = f"{RBAC}/namespaces/default/rolebindings"
    assert [each["metadata"]["name"] for each in api.get(bindings)["items"]] == ["ann-view", "ben-edit"]
    end(user)
    Housekeeper().tidy()
    assert [each["metadata"]["name"] for each in api.get(bindings)["items"]] == ["ben-edit"]
    told = models.Change.objects.filter(kind="RoleBinding", verb="DELETED").values_list("name", "actor")
    assert list(told) == [("ann-view", memberships.ENDING)]
    assert (roles(user), roles(other)) == ([("default", "view")], [("default", "edit")])
    head = demo().head
    Housekeeper().tidy()
    assert demo().head == head, "once is enough"
    user.memberships.update(ends=timezone.now() - memberships.ENDED_KEPT)
    Housekeeper().tidy()
    assert (roles(user), roles(other)) == ([], [("default", "edit")])


@pytest.mark.usefixtures("cluster")
def test_others_stay_in_a_binding_of_several() -> None:
    user = until("default", "view", timezone.now() + LATER)
    ben = User.objects.create_user("ben")
    api = Api(tokens.make_token(User.objects.create_superuser("root")))
    path = f"{RBAC}/namespaces/default/rolebindings/ann-view"
    binding = api.get(path)
    binding["subjects"].append({**binding["subjects"][0], "name": "ben"})
    assert api("PUT", path, binding).status_code == 200
    end(user)
    Housekeeper().tidy()
    assert [each["name"] for each in api.get(path)["subjects"]] == ["ben"]
    assert may(ben, "view", DEFAULT)


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("ended", [False, True], ids=["while it lasts", "after its end"])
def test_another_grant_replaces_it(ended: bool) -> None:
    user = until("default", "view", timezone.now() + LATER)
    if ended:
        end(user)
        Housekeeper().tidy()
    until("default", "view", None)
    assert list(user.memberships.values_list("role", "ends")) == [("view", None)]
    assert models.KeptObject.objects.filter(resource__startswith="rolebindings").count() == 1
    assert may(user, "view", DEFAULT)


@pytest.mark.usefixtures("cluster")
def test_a_cluster_that_is_reset_keeps_what_has_ended() -> None:
    ann, ben = until("", "view", timezone.now() + LATER), until("", "admin", None, "ben")
    end(ann)
    Housekeeper().tidy()
    clusters.reset("demo")
    assert (may(ann, "view", DEFAULT), may(ben, "admin", DEFAULT)) == (False, True)
    kept = models.KeptObject.objects.filter(resource__startswith="clusterrolebindings")
    assert list(kept.values_list("name", flat=True)) == ["ben-cluster-admin"]


@pytest.mark.usefixtures("cluster")
def test_an_end_that_is_over_is_refused() -> None:
    with pytest.raises(Refused, match="ends: Invalid value: .* must be in the future"):
        until("default", "view", timezone.now())
    assert not models.Membership.objects.exists()


@pytest.mark.usefixtures("cluster")
def test_admins_add_it_with_a_last_day_and_see_what_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 27, 12, tzinfo=UTC))
    client, other = Client(), Client()
    client.force_login(grant(User.objects.create_user("ann"), ":admin"))
    other.force_login(grant(User.objects.create_user("cat"), ":view"))
    ben = User.objects.create_user("ben")

    def add(day: str) -> Any:
        fields = {"do": "member", "user": "ben", "role": "view", "namespace": "", "ends": day}
        return client.post("/clusters/demo/settings/", fields)

    for day in ("2026-11-26", "2037-01-01", "9999-12-31", "soon"):
        answer = add(day)
        assert list(answer.context["refused"].form.errors) == ["ends"], day
    assert add("2026-11-27").status_code == 302
    row = ben.memberships.get()
    assert (row.ends, str(row.last_day)) == (datetime(2026, 11, 28, tzinfo=UTC), "2026-11-27")
    for browser in (client, other):
        assert "ben" in names(browser)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 28, tzinfo=UTC))
    assert not may(ben, "view", DEFAULT)
    page = client.get("/clusters/demo/settings/")
    assert page.context["ended"] == {row.pk}
    assert "ended" in page.content.decode()
    assert "ben" not in names(other), "for admins alone"
    assert settings_page.reach(ben, "demo") == (frozenset(), frozenset())


def names(client: Client) -> list[str]:
    return [each.user.username for each in client.get("/clusters/demo/settings/").context["members"]]
