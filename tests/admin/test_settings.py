"""Image behaviours, namespaces and nodes in the admin: written through the doors that everybody uses, felt at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.urls import reverse

from cluster import models, statuses
from cluster.writing import actions
from tests.spaces import DEFAULT, demo, grant, space
from tests.writing.test_actions import manifest

pytestmark = pytest.mark.usefixtures("cluster")


def post(client: Client, view: str, body: dict[str, Any], *arguments: Any) -> Any:
    return client.post(reverse(f"admin:cluster_{view}", args=arguments), body, follow=True)


def newest(kind: str) -> tuple[str, str, str]:
    change = models.Change.objects.filter(kind=kind).order_by("-id")[0]
    return change.verb, change.name, change.actor


def test_a_node_is_made_changed_and_removed_through_the_journal(admin_client: Client) -> None:
    post(admin_client, "node_add", {"cluster": demo().pk, "name": "node-4", "slots": 10})
    row = models.Node.objects.get(name="node-4")
    assert newest("Node") == ("ADDED", "node-4", "admin")
    post(admin_client, "node_change", {"slots": 20, "unschedulable": "on"}, row.pk)
    row.refresh_from_db()
    assert (row.slots, row.unschedulable) == (20, True)
    assert newest("Node") == ("MODIFIED", "node-4", "admin")
    post(admin_client, "node_delete", {"post": "yes"}, row.pk)
    assert not models.Node.objects.filter(name="node-4").exists()
    assert newest("Node") == ("DELETED", "node-4", "admin")


def test_pods_of_a_node_that_is_deleted_are_made_anew_elsewhere(
    admin_client: Client, deployment: models.Deployment, work: Callable[[], int]
) -> None:
    lost = set(models.Pod.objects.filter(node="node-1").values_list("name", flat=True))
    assert lost
    row = models.Node.objects.get(name="node-1")
    page = admin_client.get(reverse("admin:cluster_node_delete", args=(row.pk,)))
    assert f"{len(lost)} pods on it are deleted" in page.content.decode()
    post(admin_client, "node_delete", {"post": "yes"}, row.pk)
    work()
    names = set(models.Pod.objects.values_list("name", flat=True))
    assert (len(names), names & lost) == (3, set())
    assert set(models.Pod.objects.values_list("node", flat=True)) <= {"node-2", "node-3"}
    assert deployment.namespace.name == "default"


def test_a_node_that_is_uncordoned_takes_what_waits(admin_client: Client, work: Callable[[], int]) -> None:
    models.Node.objects.update(unschedulable=True)
    actions.create(DEFAULT, manifest(), actor="me")
    work()
    assert models.Pod.objects.filter(node="").count() == 3
    row = models.Node.objects.get(name="node-2")
    post(admin_client, "node_change", {"slots": row.slots}, row.pk)
    models.Pod.objects.update(next_at=0.0)
    work()
    assert set(models.Pod.objects.values_list("node", flat=True)) == {"node-2"}


def test_a_namespace_is_made_and_goes_with_all_that_is_in_it(admin_client: Client, work: Callable[[], int]) -> None:
    post(admin_client, "namespace_add", {"cluster": demo().pk, "name": "blue", "pod_quota": 7})
    row = models.Namespace.objects.get(name="blue")
    assert (row.pod_quota, newest("Namespace")) == (7, ("ADDED", "blue", "admin"))
    actions.create(space("blue"), manifest(), actor="me")
    work()
    grant(User.objects.create_user("ann"), "blue:edit")
    page = admin_client.get(reverse("admin:cluster_namespace_delete", args=(row.pk,))).content.decode()
    assert "with it 1 Deployments, 3 pods, and its memberships" in page
    post(admin_client, "namespace_delete", {"post": "yes"}, row.pk)
    assert not models.Namespace.objects.filter(name="blue").exists()
    assert (models.Pod.objects.count(), models.Membership.objects.count()) == (0, 0)
    assert newest("Pod")[0] == newest("Deployment")[0] == newest("Namespace")[0] == "DELETED"


def test_a_quota_is_changed_and_felt(admin_client: Client) -> None:
    row = models.Namespace.objects.get(name="default")
    post(admin_client, "namespace_change", {"pod_quota": 2}, row.pk)
    with pytest.raises(statuses.Refused, match="Rollstage limit"):
        actions.create(DEFAULT, manifest(replicas=3), actor="me")


def test_the_default_namespace_stays(admin_client: Client) -> None:
    row = models.Namespace.objects.get(name="default")
    assert admin_client.get(reverse("admin:cluster_namespace_delete", args=(row.pk,))).status_code == 403
    body = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    answer = post(admin_client, "namespace_changelist", body)
    assert "this namespace may not be deleted" in str([str(each) for each in answer.context["messages"]])
    assert models.Namespace.objects.filter(name="default").exists()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param("namespace", "Blue_1", id="a namespace in capitals"),
        pytest.param("namespace", "a.b", id="a namespace with a dot"),
        pytest.param("node", "-n", id="a node that begins with a dash"),
    ],
)
def test_a_bad_name_is_refused_in_upstreams_words(admin_client: Client, kind: str, name: str) -> None:
    answer = post(admin_client, f"{kind}_add", {"cluster": demo().pk, "name": name, "slots": 1, "pod_quota": 1})
    (problem,) = answer.context["adminform"].form.errors["name"]
    assert problem.startswith(f"metadata.name: Invalid value: '{name}': ")


def test_a_share_above_one_is_refused(admin_client: Client) -> None:
    row = models.ImageBehaviour.objects.first()
    assert row is not None
    answer = post(admin_client, "imagebehaviour_change", {"pattern": "*", "affected_share": 2}, row.pk)
    assert "less than or equal to 1" in str(answer.context["adminform"].form.errors["affected_share"])


@pytest.mark.usefixtures("deployment")
def test_an_image_that_breaks_and_heals_is_felt_by_running_pods(admin_client: Client, work: Callable[[], int]) -> None:
    fields = {"order": 1, "pull_seconds": 0, "start_seconds": 0, "ready_seconds": 0, "stop_seconds": 0, "jitter": 0}
    broken = {
        **fields,
        "cluster": demo().pk,
        "pattern": "*",
        "failure": "never-ready",
        "fails_after_seconds": 0,
        "affected_share": 1,
    }
    post(admin_client, "imagebehaviour_add", broken)
    work()
    assert models.Pod.objects.filter(ready=True).count() == 0
    row = models.ImageBehaviour.objects.get(failure="never-ready", pattern="*")
    post(admin_client, "imagebehaviour_delete", {"post": "yes"}, row.pk)
    models.Cluster.objects.update(due=0.0, clock_sim=F("clock_sim") + 60)
    work()
    assert models.Pod.objects.filter(ready=True).count() == 3
