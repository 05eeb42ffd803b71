"""Accounts that people make for themselves: where the setting lets them, under names that are free, not too many at once."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster.writing import registering
from cluster.writing.attempts import Limit
from cluster.writing.permissions import allowed_clusters

ACCOUNT = {"username": "zoe", "password": "three old nodes", "again": "three old nodes"}
pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(autouse=True)
def opened(settings: Any) -> None:
    settings.ANONYMOUS = "none"
    settings.REGISTRATION = "open"


def register(address: str = "10.0.0.1", **fields: str) -> Any:
    return Client(REMOTE_ADDR=address).post("/register/", ACCOUNT | fields)


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        pytest.param("none", 404, id="none"),
        pytest.param("invitation", 404, id="by invitation"),
        pytest.param("open", 200, id="open"),
    ],
)
def test_the_page_is_there_where_registration_is_open(settings: Any, setting: str, code: int) -> None:
    settings.REGISTRATION = setting
    client = Client()
    assert client.get("/register/").status_code == code
    assert ("/register/" in client.get("/login/").content.decode()) is (code == 200)
    assert client.post("/register/", ACCOUNT).status_code == (302 if code == 200 else 404)
    assert User.objects.exists() is (code == 200)


def test_a_new_account_is_logged_in_sees_no_cluster_and_may_make_one() -> None:
    client = Client()
    answer = client.post("/register/", ACCOUNT, follow=True)
    assert [each[0] for each in answer.redirect_chain] == ["/", "/clusters/"]
    assert (answer.context["may_create"], answer.context["board"]["rows"]) == (True, [])
    zoe = User.objects.get()
    assert (allowed_clusters(zoe), zoe.is_staff, zoe.is_superuser) == ([], False, False)
    assert client.get("/register/")["Location"] == "/", "one account is enough"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param("/clusters/?a=b", "/clusters/?a=b", id="here"),
        pytest.param("https://evil.example/", "/", id="elsewhere"),
        pytest.param("//evil.example/", "/", id="elsewhere, without a scheme"),
    ],
)
def test_it_leads_back_to_where_one_came_from(wanted: str, found: str) -> None:
    assert register(next=wanted)["Location"] == found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"username": ""}, {"username": "This field is required."}, id="no name"),
        pytest.param({"username": "ANN"}, {"username": "This name is taken."}, id="taken"),
        pytest.param({"username": "seed"}, {"username": "Nobody can have this name here."}, id="a name of the journal"),
        pytest.param({"username": "Story"}, {"username": "Nobody can have this name here."}, id="one in capitals"),
        pytest.param({"username": "Ada@blue-class"}, {"username": "Nobody can have this name here."}, id="a seat's"),
        pytest.param({"username": "a b"}, {"username": "Enter a valid username."}, id="a space"),
        pytest.param({"username": "a" * 61}, {"username": "Ensure this value has at most 60"}, id="long"),
        pytest.param({"password": "short", "again": "short"}, {"password": "This password is too short."}, id="short"),
        pytest.param({"password": "1234567890", "again": "1234567890"}, {"password": "This password"}, id="digits"),
        pytest.param(
            {"username": "margaret", "password": "margaret1", "again": "margaret1"},
            {"password": "The password is too similar"},
            id="the name",
        ),
        pytest.param({"again": "three old node"}, {"again": "The two passwords are not the same."}, id="two"),
    ],
)
def test_what_can_not_be_is_told_at_the_field(fields: dict[str, str], expected: dict[str, str]) -> None:
    User.objects.create_user("ann")
    answer = register(**fields)
    assert answer.status_code == 400
    errors = answer.context["form"].errors
    assert errors.keys() == expected.keys()
    for key, beginning in expected.items():
        assert errors[key][0].startswith(beginning)
    assert User.objects.count() == 1
    assert 'value="three' not in answer.content.decode()


def test_an_address_of_mail_is_a_name() -> None:
    assert register(username="Ada.L@example.org").status_code == 302


def test_names_that_reserve_themselves_are_those_that_act_in_journals() -> None:
    from cluster.classroom import handing_out
    from cluster.stories import playing
    from cluster.writing import accounts, clusters, memberships, termination

    actors = {each.ACTOR for each in (handing_out, playing, accounts, clusters, termination)}
    assert actors | {memberships.ENDING} <= registering.RESERVED


def test_not_too_many_are_made_from_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registering, "OF_ADDRESS", Limit(most=2, seconds=360.0))
    assert [register(username=f"p{number}").status_code for number in range(3)] == [302, 302, 429]
    answer = register(username="p3")
    assert "Too many accounts were made from here. Try again in 6 minutes." in answer.content.decode()
    assert register("10.0.0.2", username="p4").status_code == 302
    assert User.objects.count() == 3


def test_not_too_many_are_made_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registering, "IN_ALL", Limit(most=2, seconds=36.0))
    found = [register(f"10.0.0.{number}", username=f"p{number}").status_code for number in range(3)]
    assert found == [302, 302, 429]


def test_who_asks_for_names_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registering, "NAMES_OF_ADDRESS", Limit(most=2, seconds=30.0))
    User.objects.create_user("zoe")
    assert [register().status_code for _ in range(3)] == [400, 400, 429]


def test_the_form_wants_the_pages_token() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/register/", ACCOUNT).status_code == 403
    assert not User.objects.exists()
