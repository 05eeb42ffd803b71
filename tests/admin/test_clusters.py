"""Clusters and their members in the admin: the same doors, the journal and the bindings have it, errors at the field."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from cluster import models
from cluster.writing import actions, clusters, memberships
from tests.spaces import DEFAULT, demo, grant

pytestmark = pytest.mark.usefixtures("cluster")


def post(client: Client, view: str, body: dict[str, Any], *arguments: Any) -> Any:
    return client.post(reverse(f"admin:{view}", args=arguments), body, follow=True)


def members(*rows: dict[str, Any], name: str = "demo") -> dict[str, Any]:
    """What the change form posts, with its inline rows."""
    there = sum("id" in each for each in rows)
    found: dict[str, Any] = {
        "name": name,
        "old_versions": "on",
        "memberships-TOTAL_FORMS": len(rows),
        "memberships-INITIAL_FORMS": there,
    }
    for place, each in enumerate(rows):
        found |= {f"memberships-{place}-{key}": value for key, value in {"cluster": demo().pk, **each}.items()}
    return found


def roles() -> list[tuple[str, str, str]]:
    rows = models.Membership.objects.order_by("user__username", "namespace")
    return list(rows.values_list("user__username", "namespace", "role"))


def said(answer: Any) -> list[str]:
    return [str(each) for each in answer.context["messages"]]


def test_a_cluster_is_made_of_a_stage_and_its_owner_is_its_admin(admin_client: Client) -> None:
    ann = User.objects.create_user("ann")
    post(admin_client, "cluster_cluster_add", {"name": "blue", "owner": ann.pk, "stage": "drain"})
    assert models.Cluster.objects.get(name="blue").owner == ann
    assert models.Deployment.objects.get().name == "web"
    assert roles() == [("ann", "", "admin")]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param({"name": "Blue"}, "a lowercase RFC 1123 label", id="capitals"),
        pytest.param({"name": "demo"}, "Cluster with this Name already exists.", id="taken"),
        pytest.param({"name": "blue", "stage": "odd"}, "Select a valid choice", id="no such stage"),
    ],
)
def test_what_can_not_be_made_is_told_at_the_field(admin_client: Client, body: dict[str, Any], problem: str) -> None:
    answer = post(admin_client, "cluster_cluster_add", {"stage": "empty", **body})
    assert problem in str(answer.context["adminform"].form.errors)
    assert models.Cluster.objects.count() == 1


def test_a_limit_is_told_at_the_owner(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST_OF_ONE_PERSON", 0)
    ann = User.objects.create_user("ann")
    answer = post(admin_client, "cluster_cluster_add", {"name": "blue", "owner": ann.pk, "stage": "empty"})
    assert answer.context["adminform"].form.errors["owner"] == ["0 clusters are the most that one person may have"]


def test_a_cluster_is_renamed_and_the_journal_says_who(admin_client: Client) -> None:
    key = demo().pk
    post(admin_client, "cluster_cluster_change", members(name="navy"), key)
    assert models.Cluster.objects.get(pk=key).name == "navy"
    change = models.Change.objects.filter(kind="Cluster").latest("rv")
    assert (change.actor, change.state["did"]) == ("admin", "renamed from demo")


def test_members_are_given_and_lose_roles_with_their_bindings(admin_client: Client) -> None:
    ann, ben = (User.objects.create_user(name) for name in ("ann", "ben"))
    new = [{"user": ann.pk, "role": "view", "namespace": ""}, {"user": ben.pk, "role": "edit", "namespace": "default"}]
    post(admin_client, "cluster_cluster_change", members(*new), demo().pk)
    assert roles() == [("ann", "", "view"), ("ben", "default", "edit")]
    keys = list(models.Membership.objects.order_by("user__username").values_list("pk", flat=True))
    changed = [
        {"id": keys[0], "user": ann.pk, "role": "admin", "namespace": "default"},
        {"id": keys[1], "user": ben.pk, "role": "edit", "namespace": "default", "DELETE": "on"},
    ]
    post(admin_client, "cluster_cluster_change", members(*changed), demo().pk)
    assert roles() == [("ann", "default", "admin")]
    bindings = models.KeptObject.objects.filter(resource__contains="bindings")
    assert list(bindings.values_list("namespace", "name")) == [("default", "ann-admin")]
    actors = models.Change.objects.filter(kind__contains="Binding").values_list("actor", flat=True)
    assert set(actors) == {"admin"}


def test_a_namespace_that_is_not_there_is_told_at_the_field(admin_client: Client) -> None:
    ann = User.objects.create_user("ann")
    row = {"user": ann.pk, "role": "view", "namespace": "nowhere"}
    answer = post(admin_client, "cluster_cluster_change", members(row), demo().pk)
    assert "There is no namespace of that name." in answer.content.decode()
    assert roles() == []


def test_a_membership_has_an_end_that_is_to_come(admin_client: Client) -> None:
    ann = User.objects.create_user("ann")

    def save(year: str, **fields: Any) -> Any:
        row = {"user": ann.pk, "role": "view", "namespace": "", "ends_0": f"{year}-12-01", "ends_1": "08:00", **fields}
        return post(admin_client, "cluster_cluster_change", members(row), demo().pk)

    assert "must be in the future" in save("2020").content.decode()
    assert roles() == []
    save("2090")
    row = ann.memberships.get()
    assert row.ends == datetime(2090, 12, 1, 8, tzinfo=UTC)
    ann.memberships.update(ends=datetime(2020, 12, 1, 8, tzinfo=UTC))
    save("2020", id=row.pk)
    assert (roles(), row.pk) == ([("ann", "", "view")], ann.memberships.get().pk), "what is as it was is left"
    assert "must be in the future" in save("2020", id=row.pk, role="edit").content.decode()


def test_a_limit_of_memberships_is_told(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memberships, "MOST_IN_A_CLUSTER", 0)
    ann = User.objects.create_user("ann")
    answer = post(
        admin_client, "cluster_cluster_change", members({"user": ann.pk, "role": "view", "namespace": ""}), demo().pk
    )
    assert said(answer)[0] == "0 memberships are the most that a cluster may have"
    assert roles() == []


def test_clusters_are_reset_after_a_question(admin_client: Client) -> None:
    actions.example(DEFAULT, actor="me")
    chosen = {"action": "reset", "_selected_action": [demo().pk]}
    page = post(admin_client, "cluster_cluster_changelist", chosen)
    assert "with it 4 namespaces, 0 pods" in page.content.decode()
    assert models.Deployment.objects.get().name == "nginx-deployment"
    answer = post(admin_client, "cluster_cluster_changelist", chosen | {"confirmed": "yes", "stage": "drain"})
    assert said(answer) == ["cluster/demo reset"]
    assert models.Deployment.objects.get().name == "web"
    assert models.Change.objects.filter(kind="Cluster").latest("rv").actor == "admin"


def test_a_cluster_is_deleted(admin_client: Client) -> None:
    grant(User.objects.create_user("ann"), ":view", "default:edit")
    post(admin_client, "cluster_cluster_delete", {"post": "yes"}, demo().pk)
    assert not models.Cluster.objects.exists()
    assert roles() == []


def test_who_is_deleted_leaves_no_binding_and_a_name_stays(admin_client: Client) -> None:
    ann = grant(User.objects.create_user("ann"), ":view", "default:edit")
    page = admin_client.get(reverse("admin:auth_user_change", args=(ann.pk,)))
    assert "username" not in page.context["adminform"].form.fields
    post(admin_client, "auth_user_delete", {"post": "yes"}, ann.pk)
    assert not User.objects.filter(username="ann").exists()
    assert not models.KeptObject.objects.filter(resource__contains="bindings").exists()
