"""The admin writes through the API's rules, and loses nobody's edit."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cluster import models
from cluster.records import journal
from tests.spaces import DEFAULT
from tests.writing.test_actions import manifest


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


def test_the_second_of_two_people_gets_a_conflict_and_loses_nothing(
    admin_client: Client, deployment: models.Deployment
) -> None:
    """Both changed the replicas; the first also the deadline, the second also the image."""
    first = form_of(admin_client, deployment, replicas=5, progress_deadline_seconds=300)
    second = form_of(admin_client, deployment, replicas=7, images="web=nginx:2")
    assert admin_client.post(url_of(deployment), first).status_code == 302
    answer = admin_client.post(url_of(deployment), second)
    form = answer.context["adminform"].form
    problems = str(form.non_field_errors())
    assert "the object has been modified" in problems
    assert "-  replicas: 5\n" in problems
    assert "+  replicas: 7\n" in problems
    assert form.errors["replicas"] == ["changed meanwhile to: 5"]
    shown = {
        name: form[name].value() for name in ("replicas", "images", "progress_deadline_seconds", "min_ready_seconds")
    }
    assert {name: str(value) for name, value in shown.items()} == {
        "replicas": "7",
        "images": "web=nginx:2",
        "progress_deadline_seconds": "300",
        "min_ready_seconds": "0",
    }
    deployment.refresh_from_db()
    assert deployment.replicas == 5
    again = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    again = {name: value for name, value in again.items() if value is not False}
    assert admin_client.post(url_of(deployment), again).status_code == 302
    deployment.refresh_from_db()
    assert (deployment.replicas, deployment.progress_deadline_seconds) == (7, 300)
    assert deployment.template["spec"]["containers"][0]["image"] == "nginx:2"


def test_a_status_that_moved_on_is_no_conflict(
    admin_client: Client, deployment: models.Deployment, work: Callable[[], int]
) -> None:
    form = form_of(admin_client, deployment, replicas=5)
    models.Pod.objects.update(next_at=0.0, ready=False)
    models.Cluster.objects.update(due=0.0)
    work()
    assert admin_client.post(url_of(deployment), form).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field", "part"),
    [
        pytest.param({"seen": "{}"}, "seen", "open it anew", id="a form of before"),
        pytest.param({"template": "- a"}, "template", "expected a mapping", id="no mapping"),
        pytest.param({"template": ""}, "template", "required", id="nothing"),
        pytest.param({"template": "a: 1\n---\nb: 2"}, "template", "found 2 documents", id="two documents"),
        pytest.param({"template": "a: &a [1, 2]\nb: [*a, *a"}, "template", "yaml: line", id="broken YAML"),
        pytest.param({"replicas": "many"}, "replicas", "whole number", id="no number"),
        pytest.param({"max_surge": "abc"}, "max_surge", "a valid percent string must be", id="a surge in letters"),
    ],
)
def test_what_can_not_be_read_is_refused_at_its_field(
    admin_client: Client, deployment: models.Deployment, changes: dict[str, Any], field: str, part: str
) -> None:
    head = journal.head(DEFAULT.cluster)
    answer = admin_client.post(url_of(deployment), form_of(admin_client, deployment, **changes))
    assert part in str(answer.context["adminform"].form.errors[field])
    assert journal.head(DEFAULT.cluster) == head


def test_the_live_page_is_one_click_away(admin_client: Client, deployment: models.Deployment) -> None:
    page = reverse("deployment", args=(*DEFAULT, "web"))
    assert page in admin_client.get(url_of(deployment)).content.decode()
    assert page in admin_client.get(reverse("admin:cluster_deployment_changelist")).content.decode()


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
