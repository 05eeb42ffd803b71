"""The admin writes through the API's rules, and loses nobody's edit."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cluster import actions, models
from tests.test_actions import manifest


@pytest.fixture
def deployment(cluster: None, work: Callable[[], int]) -> models.Deployment:  # noqa: ARG001
    actions.create("default", manifest(), actor="me")
    work()
    return models.Deployment.objects.get()


def form_of(client: Client, row: models.Deployment, **changes: Any) -> dict[str, Any]:
    form = client.get(url_of(row)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (values | changes).items() if value is not False}


def url_of(row: models.Deployment) -> str:
    return reverse("admin:cluster_deployment_change", args=(row.pk,))


def test_a_form_edit_reaches_the_cluster(admin_client: Client, deployment: models.Deployment) -> None:
    answer = admin_client.post(url_of(deployment), form_of(admin_client, deployment, replicas=5, images="web=nginx:2"))
    assert answer.status_code == 302
    deployment.refresh_from_db()
    assert deployment.replicas == 5
    assert deployment.template["spec"]["containers"][0]["image"] == "nginx:2"
    assert models.Change.objects.filter(kind="Deployment").last().actor == "admin"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "field", "part"),
    [
        pytest.param({"replicas": -1}, "replicas", "must be greater than or equal to 0", id="negative replicas"),
        pytest.param({"max_surge": "0", "max_unavailable": "0"}, "max_unavailable", "may not be 0", id="both limits 0"),
        pytest.param({"max_unavailable": "120%"}, "max_unavailable", "must not be greater than 100%", id="120 %"),
        pytest.param({"images": "web="}, "images", "Required value", id="no image"),
        pytest.param({"progress_deadline_seconds": 0}, "progress_deadline_seconds", "minReadySeconds", id="deadline"),
    ],
)
def test_a_refusal_stands_at_its_field(
    admin_client: Client, deployment: models.Deployment, changes: dict[str, Any], field: str, part: str
) -> None:
    answer = admin_client.post(url_of(deployment), form_of(admin_client, deployment, **changes))
    assert part in str(answer.context["adminform"].form.errors[field])


def test_the_second_of_two_people_gets_a_conflict(admin_client: Client, deployment: models.Deployment) -> None:
    first = form_of(admin_client, deployment, replicas=5)
    second = form_of(admin_client, deployment, replicas=7)
    assert admin_client.post(url_of(deployment), first).status_code == 302
    answer = admin_client.post(url_of(deployment), second)
    assert "the object has been modified" in str(answer.context["adminform"].form.non_field_errors())
    deployment.refresh_from_db()
    assert deployment.replicas == 5


def test_a_list_action_answers_for_each_object(admin_client: Client, deployment: models.Deployment) -> None:
    url = reverse("admin:cluster_deployment_changelist")
    chosen = {"action": "pause", "_selected_action": [deployment.pk]}
    assert "deployment.apps/web paused" in texts(admin_client.post(url, chosen, follow=True))
    assert any("already paused" in each for each in texts(admin_client.post(url, chosen, follow=True)))


def texts(answer: Any) -> list[str]:
    return [str(each) for each in answer.context["messages"]]


def test_a_manifest_is_created_and_a_bad_one_is_not(admin_client: Client, deployment: models.Deployment) -> None:
    url = reverse("admin:cluster_deployment_add")
    body = {"namespace": deployment.namespace_id, "manifest": manifest(name="other")}
    assert admin_client.post(url, body).status_code == 302
    assert models.Deployment.objects.filter(name="other").exists()
    answer = admin_client.post(url, body)
    assert "already exists" in str(answer.context["adminform"].form.errors["manifest"])


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize("kind", ["replicaset", "pod", "event", "change"])
def test_what_controllers_own_is_only_read(admin_client: Client, kind: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):
        assert admin_client.get(reverse(f"admin:cluster_{kind}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"admin:cluster_{kind}_add")).status_code == 403


@pytest.mark.usefixtures("cluster")
def test_a_new_node_takes_part(admin_client: Client) -> None:
    admin_client.post(reverse("admin:cluster_node_add"), {"name": "node-4", "slots": 10})
    assert models.Node.objects.get(name="node-4").uid


@pytest.mark.usefixtures("cluster")
def test_a_share_above_one_is_refused(admin_client: Client) -> None:
    row = models.ImageBehaviour.objects.first()
    assert row is not None
    url = reverse("admin:cluster_imagebehaviour_change", args=(row.pk,))
    answer = admin_client.post(url, {"pattern": "*", "affected_share": 2})
    assert "less than or equal to 1" in str(answer.context["adminform"].form.errors["affected_share"])
