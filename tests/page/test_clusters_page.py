"""The page of clusters: where `/` leads, and clusters made, renamed, reset and deleted by who may."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cluster import models
from cluster.spaces import Space
from cluster.writing import accounts, clusters, namespaces
from tests.spaces import grant, space

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(autouse=True)
def closed(settings: Any) -> None:
    settings.ANONYMOUS = "none"


def page_of(*roles: str, name: str = "ann") -> Client:
    """A browser of a person with these roles in demo."""
    client = Client()
    client.force_login(grant(User.objects.create_user(name), *roles))
    return client


def post(client: Client, path: str, **body: object) -> tuple[int, str]:
    answer = client.post(path, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()["message"]


def names() -> list[str]:
    return list(models.Cluster.objects.values_list("name", flat=True))


def test_with_one_cluster_the_root_leads_into_it_and_the_page_stays_reachable() -> None:
    client = page_of("default:view")
    assert client.get("/")["Location"] == "/clusters/demo/"
    page = client.get("/clusters/")
    assert (page.status_code, [each["name"] for each in page.context["board"]["rows"]]) == (200, ["demo"])


def test_with_several_clusters_or_none_the_root_leads_to_the_page() -> None:
    client = page_of(":view")
    clusters.create("blue")
    accounts.join(User.objects.get(), Space("blue", ""), "view")
    assert client.get("/")["Location"] == "/clusters/"
    assert page_of(name="ben").get("/")["Location"] == "/clusters/"


def test_strangers_log_in_first() -> None:
    assert Client().get("/")["Location"].startswith("/login/")
    assert Client().get("/clusters/")["Location"].startswith("/login/")
    assert post(Client(), "/clusters/", name="blue") == (401, "Unauthorized")
    assert names() == ["demo"]


def test_who_has_an_account_makes_a_cluster_and_is_its_admin() -> None:
    client = page_of()
    assert post(client, "/clusters/", name="blue", stage="example") == (200, "cluster/blue created")
    row = models.Cluster.objects.get(name="blue")
    assert row.owner == User.objects.get()
    assert list(row.memberships.values_list("user__username", "namespace", "role")) == [("ann", "", "admin")]
    assert models.Deployment.objects.get().namespace.cluster == row
    assert post(client, "/clusters/blue/rename/", name="navy") == (200, "cluster/blue renamed to navy")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        pytest.param({}, 400, "name: Required value", id="no name"),
        pytest.param(
            {"name": "Blue"}, 400, "metadata.name: Invalid value: 'Blue': a lowercase RFC 1123", id="capitals"
        ),
        pytest.param({"name": "demo"}, 409, 'clusters "demo" already exists', id="taken"),
        pytest.param({"name": 7}, 400, "name: Invalid value: 7: expected str", id="a number"),
        pytest.param({"name": "blue", "stage": "odd"}, 400, "stage: Unsupported value: 'odd': ", id="no such stage"),
        pytest.param({"name": "blue", "stage": ["x"]}, 400, "stage: ", id="a stage that is no text"),
    ],
)
def test_what_can_not_be_made_is_told(body: dict[str, Any], code: int, message: str) -> None:
    answer = post(page_of(), "/clusters/", **body)
    assert (answer[0], answer[1][: len(message)]) == (code, message)
    assert names() == ["demo"]


def test_how_many_one_may_have_is_told(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 2)
    client = page_of()
    assert [post(client, "/clusters/", name=f"c-{place}")[0] for place in range(3)] == [200, 200, 403]
    settings.ANONYMOUS = "admin"
    assert post(Client(), "/clusters/", name="v-1")[0] == 200
    assert post(Client(), "/clusters/", name="v-2") == (
        403, "2 clusters are the most that visitors may have; log in to make more",
    )  # fmt: skip


DOINGS = [
    pytest.param("rename", {"name": "navy"}, id="rename"),
    pytest.param("reset", {"stage": "drain"}, id="reset"),
    pytest.param("delete", {"confirm": "demo"}, id="delete"),
]


@pytest.mark.parametrize(("verb", "body"), DOINGS)
@pytest.mark.parametrize("role", ["", "default:admin", ":edit"])
def test_only_admins_of_the_cluster_may(verb: str, body: dict[str, Any], role: str) -> None:
    client = page_of(*([role] if role else []))
    message = 'clusters "demo" is forbidden: User "ann" is not an admin of the cluster'
    assert post(client, f"/clusters/demo/{verb}/", **body) == (403, message)
    assert post(Client(), f"/clusters/demo/{verb}/", **body) == (401, "Unauthorized")
    assert names() == ["demo"]
    assert not models.Deployment.objects.exists()


@pytest.mark.parametrize(("verb", "body"), DOINGS)
def test_it_wants_the_pages_token(verb: str, body: dict[str, Any], settings: Any) -> None:
    settings.ANONYMOUS = "admin"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/clusters/demo/{verb}/", json.dumps(body), content_type="application/json").status_code == 403
    assert strict.get(f"/clusters/demo/{verb}/").status_code == 405
    assert names() == ["demo"]


def test_an_admin_resets_to_a_storys_stage_and_the_journal_says_who() -> None:
    client = page_of(":admin")
    assert post(client, "/clusters/demo/reset/", stage="drain") == (200, "cluster/demo reset")
    assert models.Deployment.objects.get().name == "web"
    told = models.Change.objects.filter(kind="Cluster").latest("rv")
    assert (told.actor, told.state["did"]) == ("ann", "reset")
    assert post(client, "/clusters/demo/reset/") == (200, "cluster/demo reset")
    assert not models.Deployment.objects.exists()


def test_deletion_wants_the_name() -> None:
    client = page_of(":admin")
    assert post(client, "/clusters/demo/delete/", confirm="dem") == (
        400,
        "confirm: Invalid value: type demo to delete it",
    )
    assert names() == ["demo"]
    assert post(client, "/clusters/demo/delete/", confirm="demo") == (200, "cluster/demo deleted")
    assert names() == []


def test_a_cluster_that_is_not_there_is_nobodys() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    assert post(client, "/clusters/none/reset/")[0] == 404


@pytest.mark.parametrize("path", ["/clusters/", "/clusters/demo/namespaces/one/"])
def test_more_namespaces_cost_no_more_queries(path: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(path).status_code == 200
        return len(captured)

    namespaces.ensure(space("one"), actor="me")
    browser = page_of("one:edit")
    user = User.objects.get()
    queries()
    before = queries()
    for number in range(20):
        namespaces.ensure(space(f"more-{number}"), actor="me")
        grant(user, f"more-{number}:edit")
    assert queries() == before
