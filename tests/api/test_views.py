"""The API over HTTP: who gets in, what is refused, and in which words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cluster import models
from cluster.api import kinds
from cluster.api.auth import tokens
from cluster.writing import actions
from tests.api.conftest import Api, Work, manifest
from tests.spaces import DEFAULT

pytestmark = pytest.mark.usefixtures("cluster")
BOOK = "nginx-deployment"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer wrong", id="wrong"),
        pytest.param("Basic YWRtaW46YWRtaW4=", id="password"),
    ],
)
def test_without_a_token_that_fits_nothing_opens(client: Client, header: str) -> None:
    client.force_login(User.objects.create_superuser("admin"))
    answer = client.get(DEPLOYMENTS, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")


def test_an_expired_token_and_an_inactive_user_are_strangers(client: Client) -> None:
    user = User.objects.create_user("late")
    old = tokens.make_token(user, lifetime=timedelta(seconds=-1))
    fresh = tokens.make_token(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert [
        client.get("/version", headers={"Authorization": f"Bearer {each}"}).status_code for each in (old, fresh)
    ] == [401, 401]


def test_only_the_hash_of_a_token_is_kept() -> None:
    secret = tokens.make_token(User.objects.create_user("one"))
    token = models.Token.objects.get()
    assert secret not in token.digest
    assert token.expires > timezone.now() + timedelta(days=300)


def test_who_may_look_is_told_what_he_may_not(member: Callable[[str], Api], book: None) -> None:  # noqa: ARG001
    viewer = member("default:view")
    assert len(viewer.get(DEPLOYMENTS)["items"]) == 1
    answer = viewer("POST", DEPLOYMENTS, manifest())
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        'deployments.apps is forbidden: User "of-default:view" cannot create resource "deployments" in API group "apps" '
        'in the namespace "default"',
    )
    assert viewer("GET", "/api/v1/pods").status_code == 403
    assert [each["metadata"]["name"] for each in viewer.get("/api/v1/namespaces")["items"]] == ["default"]


def test_every_kind_that_is_discovered_is_served(api: Api, book: None) -> None:  # noqa: ARG001
    for group, versions in {"": ["v1"], **kinds.SERVED.group_versions}.items():
        for version in versions:
            prefix = f"/apis/{group}/{version}" if group else f"/api/{version}"
            found = api.get(prefix)["resources"]
            for each in found:
                if "/" not in each["name"] and "list" in each["verbs"]:
                    path = (
                        f"{prefix}/namespaces/default/{each['name']}"
                        if each["namespaced"]
                        else f"{prefix}/{each['name']}"
                    )
                    listed = api.get(path)
                    assert listed["kind"] == f"{each['kind']}List"
                    assert listed["items"] or kinds.SERVED.find(group, version, each["name"]).sort == "kept", path
                    assert api.get(path, Accept=TABLE)["kind"] == "Table"


def test_unknown_fields_are_refused_under_strict_and_told_under_warn(api: Api) -> None:
    wrong = manifest(replica=3)
    refused = api("POST", f"{DEPLOYMENTS}?fieldValidation=Strict", wrong)
    assert refused.status_code == 400
    assert 'strict decoding error: unknown field "spec.replica"' in refused.json()["message"]
    told = api("POST", f"{DEPLOYMENTS}?fieldValidation=Warn", wrong)
    assert (told.status_code, told.headers["Warning"]) == (201, '299 - "unknown field \\"spec.replica\\""')


def test_a_dry_run_keeps_nothing(api: Api) -> None:
    answer = api("POST", f"{DEPLOYMENTS}?dryRun=All", manifest())
    assert (answer.status_code, answer.json()["metadata"]["name"]) == (201, "web")
    assert not models.Deployment.objects.exists()
    assert not models.Change.objects.exists()


@pytest.mark.usefixtures("book")
def test_a_write_with_an_old_version_is_a_conflict(api: Api) -> None:
    found = api.get(f"{DEPLOYMENTS}/{BOOK}")
    first = api("PUT", f"{DEPLOYMENTS}/{BOOK}", {**found, "spec": {**found["spec"], "replicas": 4}})
    second = api("PUT", f"{DEPLOYMENTS}/{BOOK}", {**found, "spec": {**found["spec"], "replicas": 5}})
    assert (first.status_code, second.status_code, second.json()["reason"]) == (200, 409, "Conflict")
    assert models.Deployment.objects.get().replicas == 4


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        pytest.param("application/merge-patch+json", {"spec": {"replicas": 5}}, id="merge"),
        pytest.param(
            "application/json-patch+json", [{"op": "replace", "path": "/spec/replicas", "value": 5}], id="JSON"
        ),
        pytest.param("application/strategic-merge-patch+json", {"spec": {"replicas": 5}}, id="strategic"),
    ],
)
def test_each_kind_of_patch(api: Api, kind: str, patch: Any) -> None:
    answer = api("PATCH", f"{DEPLOYMENTS}/{BOOK}", patch, kind)
    assert (answer.status_code, answer.json()["spec"]["replicas"], answer.json()["metadata"]["generation"]) == (
        200,
        5,
        2,
    )


@pytest.mark.usefixtures("book")
def test_a_list_is_read_in_pages_and_by_selectors(api: Api) -> None:
    pods = "/api/v1/namespaces/default/pods"
    names, token = [], ""
    while True:
        page = api.get(f"{pods}?limit=2&continue={token}")
        names += [each["metadata"]["name"] for each in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert len(names) == 3
    assert names == sorted(names)
    assert len(api.get(f"{pods}?labelSelector=app=nginx,!x,app in (nginx,y)")["items"]) == 3
    assert api.get(f"{pods}?labelSelector=app!=nginx")["items"] == []
    assert len(api.get(f"{pods}?fieldSelector=metadata.name={names[0]}")["items"]) == 1
    assert api("GET", f"{pods}?labelSelector=a=b=c").status_code == 400


@pytest.mark.usefixtures("book")
def test_orphans_stay_when_their_owner_is_deleted_so(api: Api, work: Work) -> None:
    answer = api("DELETE", f"{DEPLOYMENTS}/{BOOK}", {"propagationPolicy": "Orphan"})
    work()
    assert answer.status_code == 200
    assert (models.Deployment.objects.count(), models.ReplicaSet.objects.count(), models.Pod.objects.count()) == (
        0,
        1,
        3,
    )


@pytest.mark.usefixtures("book")
def test_scale_and_rollback_are_subresources(api: Api, work: Work) -> None:
    scaled = api("PATCH", f"{DEPLOYMENTS}/{BOOK}/scale", {"spec": {"replicas": 2}}, "application/merge-patch+json")
    assert (scaled.status_code, scaled.json()["kind"], scaled.json()["spec"]) == (200, "Scale", {"replicas": 2})
    actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.1"}, actor="me")
    work()
    old = f"/apis/extensions/v1beta1/namespaces/default/deployments/{BOOK}"
    body = {
        "kind": "DeploymentRollback",
        "apiVersion": "extensions/v1beta1",
        "name": BOOK,
        "rollbackTo": {"revision": 0},
    }
    assert api("POST", f"{old}/rollback", body).status_code == 201
    assert api.get(old)["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.7.9"
    assert api("POST", f"{DEPLOYMENTS}/{BOOK}/rollback", body).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        pytest.param("GET", "/apis/apps/v1/namespaces/default/widgets", 404, id="kind"),
        pytest.param("POST", "/apis/apps/v1/namespaces/default/deployments/web/status", 405, id="verb"),
        pytest.param("GET", f"{DEPLOYMENTS}/nothing", 404, id="name"),
    ],
)
def test_what_is_not_served_answers_with_a_status(api: Api, method: str, path: str, code: int) -> None:
    answer = api(method, path, {} if method == "POST" else None)
    assert (answer.status_code, answer.json()["kind"], answer.json()["code"]) == (code, "Status", code)


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null", '{"kind": "Pod"}', '{"metadata": []}'])
def test_a_body_that_is_no_deployment_is_refused(api: Api, body: str) -> None:
    answer = api.client.generic("POST", DEPLOYMENTS, body, content_type="application/json", headers=api.headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["kind"] == "Status"
