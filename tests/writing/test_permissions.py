"""Who may view, edit and administer a namespace; and what pages and buttons make of it."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client

from cluster import models
from cluster.records import journal
from cluster.spaces import Space
from cluster.writing import actions, namespaces
from cluster.writing.permissions import allowed_namespaces, may
from tests.spaces import DEFAULT, grant, space

BASE = "/clusters/demo/namespaces/default/"
SCALE = f"{BASE}deployments/nginx-deployment/scale/"
pytestmark = pytest.mark.usefixtures("cluster")


def member(*groups: str, **fields: Any) -> User:
    user = User.objects.create_user("ann", **fields)
    grant(user, *groups)
    return user


def verbs(user: Any, where: Space = DEFAULT) -> list[str]:
    return [verb for verb in ("view", "edit", "admin") if may(user, verb, where)]


@pytest.mark.parametrize(
    ("anonymous", "expected"),
    [
        pytest.param("none", [], id="closed"),
        pytest.param("view", ["view"], id="open to look"),
        pytest.param("edit", ["view", "edit"], id="open to act"),
        pytest.param("admin", ["view", "edit", "admin"], id="open for everything"),
    ],
)
def test_a_visitor_may_what_the_setting_says(settings: Any, anonymous: str, expected: list[str]) -> None:
    settings.ANONYMOUS = anonymous
    assert verbs(AnonymousUser()) == expected


@pytest.mark.parametrize(
    ("anonymous", "groups", "fields", "expected"),
    [
        pytest.param("none", [], {}, [], id="no group"),
        pytest.param("none", [":edit"], {}, ["view", "edit"], id="an editor of the whole cluster"),
        pytest.param("none", ["default:view"], {}, ["view"], id="viewer"),
        pytest.param("none", ["default:edit"], {}, ["view", "edit"], id="editor"),
        pytest.param("none", ["default:admin"], {}, ["view", "edit", "admin"], id="admin"),
        pytest.param("none", ["default:view", "default:edit"], {}, ["view", "edit"], id="the higher of two"),
        pytest.param("none", ["other:admin"], {}, [], id="another namespace"),
        pytest.param("none", ["default-2:admin"], {}, [], id="a namespace that begins alike"),
        pytest.param("none", ["DEFAULT:admin"], {}, [], id="names are case-sensitive"),
        pytest.param("edit", [], {}, ["view", "edit"], id="at least what a visitor may"),
        pytest.param("edit", ["default:view"], {}, ["view", "edit"], id="a lower group takes nothing away"),
        pytest.param("view", ["default:edit"], {}, ["view", "edit"], id="a higher group adds"),
        pytest.param("none", [], {"is_superuser": True}, ["view", "edit", "admin"], id="superuser"),
        pytest.param("none", ["default:admin"], {"is_active": False}, [], id="inactive"),
        pytest.param("none", [], {"is_superuser": True, "is_active": False}, [], id="inactive superuser"),
        pytest.param("view", ["default:admin"], {"is_active": False}, ["view"], id="inactive is a visitor"),
    ],
)
def test_memberships_open_a_namespace(
    settings: Any, anonymous: str, groups: list[str], fields: dict[str, Any], expected: list[str]
) -> None:
    settings.ANONYMOUS = anonymous
    assert verbs(member(*groups, **fields)) == expected


def test_the_namespaces_that_a_user_sees(settings: Any) -> None:
    settings.ANONYMOUS = "none"
    for name in ("blue", "green"):
        namespaces.ensure(space(name), actor="seed")
    assert allowed_namespaces(member("blue:view", "green:edit", "gone:admin"), DEFAULT.cluster) == ["blue", "green"]
    assert allowed_namespaces(AnonymousUser(), DEFAULT.cluster) == []
    assert allowed_namespaces(User.objects.create_superuser("root"), DEFAULT.cluster) == ["blue", "default", "green"]


@pytest.mark.parametrize(
    ("anonymous", "groups", "fields", "page", "reading", "acting"),
    [
        pytest.param("none", None, {}, 302, 401, 401, id="a stranger logs in first"),
        pytest.param("view", None, {}, 200, 200, 401, id="a visitor may look"),
        pytest.param("edit", None, {}, 200, 200, 200, id="a visitor may act"),
        pytest.param("none", [], {}, 404, 403, 403, id="a user without a group"),
        pytest.param("none", ["default:view"], {}, 200, 200, 403, id="a viewer"),
        pytest.param("none", ["default:edit"], {}, 200, 200, 200, id="an editor"),
        pytest.param("none", ["default:edit"], {"is_active": False}, 302, 401, 401, id="an inactive editor"),
        pytest.param("none", [], {"is_superuser": True}, 200, 200, 200, id="a superuser"),
    ],
)
def test_pages_and_buttons_ask(
    settings: Any,
    anonymous: str,
    groups: list[str] | None,
    fields: dict[str, Any],
    page: int,
    reading: int,
    acting: int,
) -> None:
    settings.ANONYMOUS = anonymous
    actions.example(DEFAULT, actor="me")
    client = Client()
    if groups is not None:
        client.force_login(member(*groups, **fields))
    assert client.get(BASE).status_code == page
    assert client.get(f"{BASE}deployments/nginx-deployment/yaml/").status_code == reading
    answer = client.post(SCALE, json.dumps({"replicas": 7}), content_type="application/json")
    assert answer.status_code == acting
    assert models.Deployment.objects.get().replicas == (7 if acting == 200 else 3)


BUTTONS = [
    "deployments/create/",
    "deployments/example/",
    "pods/x/delete/",
    *(
        f"deployments/nginx-deployment/{action}/"
        for action in (
            "set-image", "scale", "tune", "pause", "resume", "restart", "undo", "edit", "delete",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("path", BUTTONS)
def test_every_button_wants_the_right_and_the_csrf_token(settings: Any, path: str) -> None:
    settings.ANONYMOUS = "view"
    actions.example(DEFAULT, actor="me")
    head = journal.head(DEFAULT.cluster)
    assert Client().post(BASE + path, "{}", content_type="application/json").status_code == 401
    settings.ANONYMOUS = "edit"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(BASE + path, "{}", content_type="application/json").status_code == 403
    assert strict.get(BASE + path).status_code in (403, 405), "nothing is done by following a link"
    assert journal.head(DEFAULT.cluster) == head


def test_the_page_s_own_token_opens_the_button(settings: Any) -> None:
    settings.ANONYMOUS = "edit"
    actions.example(DEFAULT, actor="me")
    strict = Client(enforce_csrf_checks=True)
    strict.get(BASE)
    token = strict.cookies["csrftoken"].value
    body = json.dumps({"replicas": 5})
    answer = strict.post(SCALE, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 200
    elsewhere = {"X-CSRFToken": token, "Origin": "http://evil.example"}
    assert strict.post(SCALE, body, content_type="application/json", headers=elsewhere).status_code == 403


def test_a_namespace_that_is_not_there(settings: Any) -> None:
    settings.ANONYMOUS = "edit"
    client = Client()
    assert client.get("/clusters/demo/namespaces/nowhere/").status_code == 404
    answer = client.post(
        "/clusters/demo/namespaces/nowhere/deployments/example/", "{}", content_type="application/json"
    )
    assert (answer.status_code, answer.json()["message"]) == (404, 'namespaces "nowhere" not found')
