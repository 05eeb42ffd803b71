"""Invitations on the pages: made and revoked under Settings, opened by who has the link."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cluster import models
from cluster.models import Invitation
from cluster.writing import invitations, namespaces, registering
from cluster.writing.attempts import Limit
from tests.page.test_settings_page import problems
from tests.spaces import grant

SETTINGS = "/clusters/demo/settings/"
OFFER = {"do": "invite", "role": "view", "namespace": "", "days": 7, "seats": 2}
ACCOUNT = {"do": "register", "username": "zoe", "password": "three old nodes", "again": "three old nodes"}
pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"
    settings.REGISTRATION = "none"


def page_of(*roles: str, name: str = "ann") -> Client:
    client = Client()
    client.force_login(grant(User.objects.create_user(name), *roles))
    return client


def link_in(answer: Any) -> str:
    found = re.search("http://testserver(/invitations/[^<]+/)", answer.content.decode())
    assert found
    return found[1]


@pytest.fixture
def link() -> str:
    return link_in(page_of(":admin").post(SETTINGS, OFFER))


def roles(name: str) -> list[tuple[str, str]]:
    return sorted(models.Membership.objects.filter(user__username=name).values_list("namespace", "role"))


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.context["refusal"].reason


def test_a_link_is_shown_once_and_listed() -> None:
    client = page_of(":admin")
    answer = client.post(SETTINGS, {**OFFER, "role": "edit", "namespace": "default"})
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    secret = link_in(answer).split("/")[2]
    page = client.get(SETTINGS).content.decode()
    assert secret not in page
    assert "0 of 2 joined · made by ann · good until" in page
    assert [(each.role, each.namespace, reason) for each, reason, _ in answer.context["invitations"]] == [
        ("edit", "default", "")
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"role": "king"}, "role", id="no such role"),
        pytest.param({"namespace": "nowhere"}, "namespace", id="no such namespace"),
        pytest.param({"days": 2}, "days", id="no such time"),
        pytest.param({"seats": 0}, "seats", id="nobody"),
        pytest.param({"seats": 101}, "seats", id="too many"),
        pytest.param({"ends": "2020-01-01"}, "ends", id="an end that is over"),
    ],
)
def test_what_can_not_be_is_told_at_the_field(fields: dict[str, Any], field: str) -> None:
    assert list(problems(page_of(":admin").post(SETTINGS, {**OFFER, **fields}))) == [field]
    assert not Invitation.objects.exists()


def test_an_admin_of_a_namespace_has_its_links_and_no_others() -> None:
    namespaces.create("demo", "other", actor="me")
    ann, ben = page_of(":admin"), page_of("default:admin", name="ben")
    for namespace in ("", "other", "default"):
        ann.post(SETTINGS, {**OFFER, "namespace": namespace})
    for namespace in ("", "other"):
        assert list(problems(ben.post(SETTINGS, {**OFFER, "namespace": namespace}))) == ["namespace"]
        row = Invitation.objects.get(namespace=namespace)
        assert "You are no admin of that." in str(problems(ben.post(SETTINGS, {"do": "revoke", "key": row.pk})))
    page = ben.get(SETTINGS)
    assert [each.namespace for each, _, _ in page.context["invitations"]] == ["default"]
    row = Invitation.objects.get(namespace="default")
    assert ben.post(SETTINGS, {"do": "revoke", "key": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.revoked is not None
    assert ">revoked</span>" in ben.get(SETTINGS).content.decode()


@pytest.mark.parametrize("given", [["default:edit"], [":view"], []], ids=["an editor", "a viewer", "a stranger"])
def test_others_make_and_revoke_none(link: str, given: list[str]) -> None:  # noqa: ARG001
    client = page_of(*given, name="ben")
    assert client.post(SETTINGS, OFFER).status_code == 404
    row = Invitation.objects.get()
    assert client.post(SETTINGS, {"do": "revoke", "key": row.pk}).status_code == 404
    assert list(invitations.open_ones()) == [row]
    assert "invitations" not in (client.get(SETTINGS).context or {})


def test_who_is_logged_in_reads_and_joins(link: str) -> None:
    client = page_of(name="ben")
    page = client.get(link).content.decode()
    assert "ann invites you to the cluster <strong>demo</strong>." in page
    assert "You join as ben." in page
    assert roles("ben") == [], "nobody joins by looking"
    answer = client.post(link, {"do": "join"})
    assert (answer.status_code, answer["Location"], roles("ben")) == (302, "/clusters/demo/", [("", "view")])
    assert client.post(link, {"do": "join"}).status_code == 302, "once more changes nothing"
    assert Invitation.objects.get().used == 1


def test_a_link_into_a_namespace_leads_there() -> None:
    link = link_in(page_of(":admin").post(SETTINGS, {**OFFER, "namespace": "default"}))
    answer = page_of(name="ben").post(link, {"do": "join"}, follow=True)
    assert answer.redirect_chain == [("/clusters/demo/namespaces/default/", 302)]
    assert answer.status_code == 200


def test_who_is_not_logs_in_first_and_comes_back(link: str) -> None:
    User.objects.create_user("ben", password="three old nodes")
    client = Client()
    page = client.get(link).content.decode()
    assert f'href="/login/?next={link}"' in page
    assert "Accounts are made by the server's administrators." in page
    assert client.post(link, {"do": "join"})["Location"] == f"/login/?next={link}"
    fields = {"username": "ben", "password": "three old nodes", "next": link}
    assert client.post("/login/", fields)["Location"] == link
    assert client.post(link, {"do": "join"})["Location"] == "/clusters/demo/"
    assert roles("ben") == [("", "view")]


def test_joining_wants_the_pages_token(link: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("ben"))
    assert client.post(link, {"do": "join"}).status_code == 403
    assert roles("ben") == []
    client.get(link)
    token = client.cookies["csrftoken"].value
    assert client.post(link, {"do": "join", "csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_admits_nobody_says_so(link: str, method: str) -> None:
    client = page_of(name="ben")
    ask = getattr(client, method)
    assert refused(ask("/invitations/wrong/")) == (404, "WrongLink")
    Invitation.objects.update(used=2)
    answer = ask(link)
    assert refused(answer) == (410, "UsedUp")
    assert "demo" not in answer.content.decode().split("<main")[1].split("</main>")[0]
    invitations.revoke(Invitation.objects.get())
    assert refused(ask(link)) == (410, "Revoked")
    for _ in range(invitations.GUESSES.most - 1):
        ask("/invitations/wrong/")
    assert refused(ask("/invitations/wrong/")) == (429, "TooMany")
    assert refused(ask(link)) == (410, "Revoked")
    assert roles("ben") == []


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        pytest.param("none", 404, id="none"),
        pytest.param("invitation", 302, id="by invitation"),
        pytest.param("open", 302, id="open"),
    ],
)
def test_an_account_is_made_where_the_setting_lets_it(link: str, settings: Any, setting: str, code: int) -> None:
    settings.REGISTRATION = setting
    client = Client()
    assert ("Make the account and join" in client.get(link).content.decode()) is (code == 302)
    assert client.post(link, ACCOUNT).status_code == code
    assert roles("zoe") == ([("", "view")] if code == 302 else [])
    assert User.objects.filter(username="zoe").exists() is (code == 302)
    if code == 302:
        page = client.get("/clusters/demo/namespaces/default/")
        assert (page.status_code, page.context["can_edit"], page.context["user"].username) == (200, False, "zoe")
        assert Client().login(username="zoe", password="three old nodes")


def test_no_account_is_left_where_nobody_is_admitted(link: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REGISTRATION = "invitation"
    find = invitations.find

    def used_up_meanwhile(*arguments: Any) -> Invitation:
        row = find(*arguments)
        Invitation.objects.update(used=2)
        return row

    monkeypatch.setattr(invitations, "find", used_up_meanwhile)
    assert refused(Client().post(link, ACCOUNT)) == (410, "UsedUp")
    assert not User.objects.filter(username="zoe").exists()


def test_who_asks_a_link_for_names_has_to_wait(link: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REGISTRATION = "invitation"
    monkeypatch.setattr(registering, "NAMES_OF_ADDRESS", Limit(most=2, seconds=30.0))
    User.objects.create_user("zoe")
    assert [Client().post(link, ACCOUNT).status_code for _ in range(3)] == [400, 400, 429]


def test_who_is_logged_in_makes_no_other_account(link: str, settings: Any) -> None:
    settings.REGISTRATION = "open"
    assert page_of(name="ben").post(link, ACCOUNT).status_code == 404
    assert not User.objects.filter(username="zoe").exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"username": "ANN"}, "username", id="taken"),
        pytest.param({"password": "aaaaaaaa", "again": "aaaaaaaa"}, "password", id="a bad password"),
        pytest.param({"again": "other"}, "again", id="not the same"),
    ],
)
def test_a_form_that_is_wrong_is_told_at_its_field(
    link: str, settings: Any, fields: dict[str, str], field: str
) -> None:
    settings.REGISTRATION = "invitation"
    answer = Client().post(link, ACCOUNT | fields)
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert (Invitation.objects.get().used, User.objects.count()) == (0, 1)


def test_what_is_refused_otherwise_is_told_on_the_page(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cluster.writing.memberships.MOST_IN_A_CLUSTER", 1)
    answer = page_of(name="ben").post(link, {"do": "join"})
    assert answer.status_code == 403
    assert "1 memberships are the most" in answer.content.decode()
