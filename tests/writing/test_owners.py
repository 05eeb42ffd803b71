"""Clusters that are handed over, and members who leave: somebody who may do everything always stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cluster import models
from cluster.page import recent
from cluster.spaces import Space
from cluster.statuses import Refused
from cluster.writing import clusters, memberships, owners
from cluster.writing.permissions import may

BLUE = Space("blue", "")
SETTINGS = "/clusters/blue/settings/"
pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


@pytest.fixture
def ann() -> User:
    """Owns the cluster blue."""
    made = User.objects.create_user("ann")
    clusters.found("blue", made)
    return made


def person(name: str, *roles: str) -> User:
    """`roles` as in default:edit, in blue."""
    made = User.objects.create_user(name)
    for each in roles:
        namespace, _, role = each.partition(":")
        memberships.grant(Space("blue", namespace), made, role, actor="me")
    return made


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def blue() -> models.Cluster:
    return models.Cluster.objects.get(name="blue")


def roles(user: User) -> list[tuple[str, str]]:
    return sorted(user.memberships.values_list("namespace", "role"))


@pytest.mark.parametrize("given", ["default:view", ":edit", ":admin"])
def test_a_member_becomes_the_owner_and_an_admin(ann: User, given: str) -> None:
    ben = person("ben", given)
    answer = page_of(ann).post(SETTINGS, {"do": "hand-over", "user": "ben"})
    assert (answer.status_code, blue().owner) == (302, ben)
    assert may(ben, "admin", BLUE)
    assert roles(ann) == [("", "admin")]
    assert (recent.edits(blue())[0].who, recent.edits(blue())[0].what) == ("ann", "handed over to ben")
    owners.leave("blue", ann)
    assert roles(ann) == []


@pytest.mark.parametrize(
    ("by", "to", "problem"),
    [
        pytest.param("ann", "zoe", "there is no account of that name", id="nobody"),
        pytest.param("ann", "stranger", "is no member of the cluster", id="no member"),
        pytest.param("ann", "ended", "is no member of the cluster", id="no member any more"),
        pytest.param("ann", "ann", "owns the cluster already", id="the owner"),
        pytest.param("admin", "admin", "Only the owner hands a cluster over", id="by another admin"),
        pytest.param("editor", "editor", "Only the owner hands a cluster over", id="by an editor"),
    ],
)
def test_to_whom_and_by_whom_it_is_not(ann: User, by: str, to: str, problem: str) -> None:
    person("stranger"), person("admin", ":admin"), person("editor", ":edit")
    person("ended", ":view").memberships.update(ends=timezone.now())
    with pytest.raises(Refused, match=problem):
        owners.hand_over("blue", to, by=User.objects.get(username=by))
    assert blue().owner == ann


def test_only_who_may_has_the_form(ann: User) -> None:
    for name, given, has_it in (("ben", ":admin", False), ("cat", "default:admin", False)):
        client = page_of(person(name, given))
        assert ("hand_over_form" in client.get(SETTINGS).context) is has_it
        assert client.post(SETTINGS, {"do": "hand-over", "user": name}).status_code in (400, 404)
    assert "hand_over_form" in page_of(ann).get(SETTINGS).context
    assert "hand_over_form" in page_of(User.objects.create_superuser("root")).get(SETTINGS).context
    assert blue().owner == ann


def test_what_nobody_owns_is_any_admins_to_hand_over(ann: User) -> None:
    clusters.hand_over("blue", None)
    ben = person("ben", ":edit")
    owners.hand_over("blue", "ben", by=ann)
    assert blue().owner == ben


def test_it_counts_against_the_limit_of_who_gets_it(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ben = person("ben", ":view")
    clusters.found("green", ben)
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 1)
    with pytest.raises(Refused, match="1 clusters are the most that one person may have"):
        owners.hand_over("blue", "ben", by=ann)
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 2)
    monkeypatch.setattr(clusters, "MOST_ON_A_SERVER", 1)
    owners.hand_over("blue", "ben", by=ann)
    assert blue().owner == ben, "a full server has no cluster more"


def test_a_membership_with_an_end_is_for_good_then(ann: User) -> None:
    ben = person("ben")
    memberships.grant(BLUE, ben, "admin", actor="me", ends=timezone.now() + timedelta(days=1))
    owners.hand_over("blue", "ben", by=ann)
    assert list(ben.memberships.values_list("role", "ends")) == [("admin", None)]


def test_a_member_leaves_with_all_roles(ann: User) -> None:
    ben = person("ben", "default:edit", ":view")
    client = page_of(ben)
    answer = client.post(SETTINGS, {"do": "leave-self"})
    assert (answer.status_code, answer["Location"], roles(ben)) == (302, "/clusters/", [])
    assert "You have left blue." in client.get("/clusters/").content.decode()
    assert client.get(SETTINGS).status_code == 404
    assert client.post(SETTINGS, {"do": "leave-self"}).status_code == 404
    told = models.Change.objects.filter(kind__contains="Binding", verb="DELETED").values_list("actor", flat=True)
    assert list(told) == ["ben", "ben"]
    assert roles(ann) == [("", "admin")]


OWNER = "You own this cluster. Hand it over to another member, or delete it, before you leave."
LAST = "Nobody else is an admin of the whole cluster for good."


@pytest.mark.parametrize(
    ("owned", "others", "problem"),
    [
        pytest.param(True, [], OWNER, id="the owner"),
        pytest.param(True, [":admin"], OWNER, id="the owner, beside another admin"),
        pytest.param(False, [], LAST, id="the last one"),
        pytest.param(False, [":edit", "default:admin"], LAST, id="the last admin"),
        pytest.param(False, [":admin"], None, id="one of two admins"),
    ],
)
def test_who_can_not_leave_is_told_why(ann: User, owned: bool, others: list[str], problem: str | None) -> None:
    if not owned:
        clusters.hand_over("blue", None)
    for number, each in enumerate(others):
        person(f"p{number}", each)
    answer = page_of(ann).post(SETTINGS, {"do": "leave-self"})
    assert roles(ann) == ([] if problem is None else [("", "admin")])
    assert answer.status_code == (302 if problem is None else 400)
    if problem:
        assert problem in answer.content.decode()


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda user: user.memberships.update(ends=timezone.now() + timedelta(days=1)), id="ends"),
        pytest.param(lambda user: User.objects.filter(pk=user.pk).update(is_active=False), id="is inactive"),
    ],
)
def test_an_admin_who_does_not_last_is_not_enough(ann: User, spoil: Any) -> None:
    clusters.hand_over("blue", None)
    spoil(person("ben", ":admin"))
    with pytest.raises(Refused, match=LAST):
        owners.leave("blue", ann)


def test_the_owner_and_the_last_admin_are_not_removed_nor_lowered(ann: User) -> None:
    ben = person("ben", ":admin")
    client, row = page_of(ben), ann.memberships.get()
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    lowered = {"do": "member", "user": "ann", "namespace": ""}
    tries = ({"do": "leave", "key": row.pk}, lowered | {"role": "edit"}, lowered | {"role": "admin", "ends": tomorrow})
    for each in tries:
        answer = client.post(SETTINGS, each)
        assert "owns the cluster, and stays its admin" in answer.content.decode()
    assert roles(ann) == [("", "admin")]
    assert client.post(SETTINGS, lowered | {"role": "view", "namespace": "default"}).status_code == 302
    clusters.hand_over("blue", None)
    assert client.post(SETTINGS, tries[0]).status_code == 302
    assert LAST in client.post(SETTINGS, {"do": "leave", "key": ben.memberships.get().pk}).content.decode()
    assert roles(ben) == [("", "admin")]


def test_who_sits_in_a_class_stays(ann: User) -> None:
    from cluster.classroom import classes, seats

    room = classes.create("Blue class", owner=ann)
    seat = seats.join(room.code, "Ada")
    assert room.cluster
    client, settings = page_of(seat.user), f"/clusters/{room.cluster.name}/settings/"
    assert client.get(settings).context["may_leave"] is False
    assert client.post(settings, {"do": "leave-self"}).status_code == 404


def test_the_page_says_who_is_there(ann: User) -> None:
    from cluster.writing import presence

    ben, _cat = person("ben", "default:view"), person("cat", ":view")
    presence.note([("blue", ann.pk), ("blue", ben.pk)])
    page = page_of(ann).get(SETTINGS)
    assert page.context["here"].keys() == {ann.pk, ben.pk}
    assert "Looking at the cluster now: ann, ben" in page.content.decode()
    seen = page_of(ben).get(SETTINGS)
    assert seen.context["looking"] == [], "who sees one namespace is told of those who are listed alone"
    assert seen.content.decode().count("here now") == 2
