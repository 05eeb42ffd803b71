"""A namespace that is deleted is Terminating until all in it is gone; nothing new comes in meanwhile."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from cluster import models
from cluster.writing import memberships, namespaces
from tests.api.conftest import Api, Work, api, book, manifest, member  # noqa: F401 fixtures
from tests.spaces import space

pytestmark = pytest.mark.usefixtures("cluster")
NAMESPACE = "/api/v1/namespaces/old"
MERGE = "application/merge-patch+json"


@pytest.fixture
def old(api: Api, work: Work) -> Api:  # noqa: F811
    """A namespace with a running Deployment, a ConfigMap that is held, and a Service."""
    models.ImageBehaviour.objects.update(stop_seconds=5)
    namespaces.ensure(space("old"), actor="me")
    assert api("POST", "/apis/apps/v1/namespaces/old/deployments", manifest()).status_code == 201
    held = {"metadata": {"name": "held", "finalizers": ["example.com/held"]}}
    api("POST", f"{NAMESPACE}/configmaps", held)
    api("POST", f"{NAMESPACE}/services", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    work()
    return api


def conditions(found: Any) -> dict[str, tuple[str, str]]:
    return {each["type"]: (each["status"], each["message"]) for each in found["status"]["conditions"]}


def test_it_says_what_remains_and_goes_when_nothing_does(old: Api, work: Work) -> None:
    answer = old("DELETE", NAMESPACE).json()
    assert (answer["kind"], answer["status"]["phase"]) == ("Namespace", "Terminating")
    assert answer["metadata"]["deletionTimestamp"]
    work()
    found = old.get(NAMESPACE)
    told = conditions(found)
    assert list(told) == [
        "NamespaceDeletionDiscoveryFailure",
        "NamespaceDeletionGroupVersionParsingFailure",
        "NamespaceDeletionContentFailure",
        "NamespaceContentRemaining",
        "NamespaceFinalizersRemaining",
    ]
    assert told["NamespaceContentRemaining"][1].startswith(
        "Some resources are remaining: configmaps. has 1 resource instances"
    )
    assert told["NamespaceFinalizersRemaining"] == (
        "True",
        "Some content in the namespace has finalizers remaining: example.com/held in 1 resource instances",
    )
    assert old.get(f"{NAMESPACE}/services")["items"] == []
    old("PATCH", f"{NAMESPACE}/configmaps/held", {"metadata": {"finalizers": None}}, MERGE)
    models.Pod.objects.update(next_at=0)
    work()
    work()
    assert old("GET", NAMESPACE).status_code == 404
    last = models.Change.objects.order_by("-rv").first()
    assert last and (last.kind, last.verb, last.name) == ("Namespace", "DELETED", "old")


def test_nothing_new_comes_in(old: Api) -> None:
    old("DELETE", NAMESPACE)
    refused = old("POST", f"{NAMESPACE}/configmaps", {"metadata": {"name": "late"}}).json()
    assert refused["message"] == (
        'configmaps "late" is forbidden: unable to create new content in namespace old because it is being terminated'
    )
    assert refused["details"]["causes"] == [
        {
            "reason": "NamespaceTerminating",
            "message": "namespace old is being terminated",
            "field": "metadata.namespace",
        }
    ]
    assert old("POST", "/apis/apps/v1/namespaces/old/deployments", manifest("x")).status_code == 403


def test_what_is_there_may_still_be_changed(old: Api) -> None:
    old("DELETE", NAMESPACE)
    answer = old("PATCH", f"{NAMESPACE}/configmaps/held", {"data": {"a": "b"}}, MERGE)
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public", "kube-node-lease"])
def test_the_systems_namespaces_stay(api: Api, name: str) -> None:  # noqa: F811
    refused = api("DELETE", f"/api/v1/namespaces/{name}")
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        f'namespaces "{name}" is forbidden: this namespace may not be deleted',
    )


def test_memberships_of_it_go_too(old: Api, work: Work) -> None:
    old("PATCH", f"{NAMESPACE}/configmaps/held", {"metadata": {"finalizers": None}}, MERGE)
    user = User.objects.create_user("ann")
    memberships.grant(space("old"), user, "edit", actor="me")
    old("DELETE", NAMESPACE)
    work()
    models.Pod.objects.update(next_at=0)
    work()
    work()
    assert not models.Membership.objects.filter(namespace="old").exists()
