"""What is wrong with a manifest is said in the same words by page, admin and API, and nothing of it is saved."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from cluster import models
from cluster.api.auth import tokens
from tests.writing.test_actions import manifest

Door = Callable[[Client, str], str]
LIMITS = "  strategy: {{rollingUpdate: {{maxSurge: {}, maxUnavailable: {}}}}}\n  template:"


def limits(surge: object, unavailable: object) -> str:
    return manifest().replace("  template:", LIMITS.format(surge, unavailable))


def labelled(label: str) -> str:
    return manifest().replace("  name: web\n", f"  name: web\n  labels: {label}\n")


ONE = [
    pytest.param(manifest(replicas=-1), "spec.replicas: Invalid value: -1: must be greater than or equal to 0", id="replicas"),
    pytest.param(limits(0, 0), "may not be 0 when `maxSurge` is 0", id="both limits 0"),
    pytest.param(limits("25%", "120%"), "\"120%\": must not be greater than 100%", id="120 %"),
    pytest.param(manifest(label="other"), "`selector` does not match template `labels`", id="selector mismatch"),
    pytest.param(manifest(image=""), "spec.template.spec.containers[0].image: Required value", id="missing image"),
    pytest.param(manifest(name="my_app"), "metadata.name: Invalid value: \"my_app\"", id="bad name"),
    pytest.param(labelled("{a b: c}"), "metadata.labels: Invalid value: \"a b\"", id="bad label's name"),
    pytest.param(labelled("{a: -c}"), "metadata.labels: Invalid value: \"-c\"", id="bad label's value"),
    pytest.param(manifest() + "  foo: 1\n", "unknown field \"spec.foo\"", id="unknown field"),
    pytest.param(manifest(replicas="many"), "cannot unmarshal string into Go struct field", id="another type"),
    pytest.param(manifest(replicas=10_000_000), 'Rollstage limit of the namespace "default" on pods: requested: 12,500,000', id="quota"),
]  # fmt: skip
TEXTS = [
    pytest.param("- a\n- b\n", "expected a mapping, found a list", id="no mapping"),
    pytest.param("a: [", "did not find expected node content", id="broken"),
    pytest.param("x" * 1_100_000, "larger than", id="1.1 MiB"),
    pytest.param("a: &a [" + "x, " * 999 + "x]\nb: &b [" + "*a, " * 99 + "*a]\nc: [*b, *b]\n", "more than 100,000", id="bomb"),
    pytest.param(manifest() + "---\n" + manifest(name="two", replicas=-1), "two", id="second of two"),
    pytest.param(manifest() + "---\n" + manifest(), "\"web\" already exists", id="the same twice"),
]  # fmt: skip


def page(client: Client, text: str) -> str:
    answer = client.post(
        "/clusters/demo/namespaces/default/deployments/create/",
        json.dumps({"yaml": text}),
        content_type="application/json",
    )
    assert 400 <= answer.status_code < 500
    return str(answer.json()["message"])


def admin(client: Client, text: str) -> str:
    space = models.Namespace.objects.get(name="default")
    answer = client.post(reverse("admin:cluster_deployment_add"), {"namespace": space.pk, "manifest": text})
    assert answer.status_code == 200
    return " ".join(answer.context["adminform"].form.errors["manifest"])


def api(client: Client, text: str) -> str:
    token = tokens.make_token(User.objects.get(username="admin"))
    answer = client.post(
        "/apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict",
        json.dumps(yaml.safe_load(text)),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert 400 <= answer.status_code < 500
    return str(answer.json()["message"])


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("door", [page, admin, api])
@pytest.mark.parametrize(("text", "part"), ONE)
def test_a_field_names_itself_and_what_is_allowed(admin_client: Client, door: Door, text: str, part: str) -> None:
    assert part in door(admin_client, text)
    nothing_is_saved()


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("door", [page, admin])
@pytest.mark.parametrize(("text", "part"), TEXTS)
def test_a_text_is_read_within_limits_all_or_none(admin_client: Client, door: Door, text: str, part: str) -> None:
    assert part in door(admin_client, text)
    nothing_is_saved()


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="a hundred thousand brackets"),
        pytest.param(b"{", id="broken"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b'{"yaml": 1}', id="no text"),
        pytest.param(b'{"yaml": "a: \\ud800"}', id="half a pair"),
        pytest.param(b'{"yaml": "\\u0000"}', id="a NUL"),
        pytest.param(b'{"yaml": ' + b"9" * 5000 + b"}", id="5,000 digits"),
        pytest.param(b"\xff", id="no UTF-8"),
    ],
)
@pytest.mark.parametrize(
    "path", ["/clusters/demo/namespaces/default/deployments/create/", "/apis/apps/v1/namespaces/default/deployments"]
)
def test_any_body_is_refused_in_words(admin_client: Client, path: str, body: bytes) -> None:
    token = tokens.make_token(User.objects.get(username="admin"))
    answer: Any = admin_client.post(
        path, body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert 400 <= answer.status_code < 500, answer.content
    assert answer.json()["message"]
    nothing_is_saved()


def nothing_is_saved() -> None:
    assert not models.Deployment.objects.exists()
    assert not models.Change.objects.exclude(kind__in=["Namespace", "Node"]).exists()
