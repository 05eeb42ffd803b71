"""dryRun=All answers with what would be, under the resource version that is."""

from typing import Any

import pytest

from cluster import models
from tests.api.conftest import Api, manifest

BOOK = "nginx-deployment"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("book")]


def test_a_trial_of_a_patch_keeps_the_version_and_shows_the_next_generation(api: Api) -> None:
    before = api.get(f"{DEPLOYMENTS}/{BOOK}")
    answer = api("PATCH", f"{DEPLOYMENTS}/{BOOK}?dryRun=All", {"spec": {"replicas": 7}}, "application/merge-patch+json")
    tried: Any = answer.json()
    assert (tried["spec"]["replicas"], tried["metadata"]["generation"]) == (7, before["metadata"]["generation"] + 1)
    assert tried["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    assert api.get(f"{DEPLOYMENTS}/{BOOK}") == before


def test_a_trial_of_something_new_has_no_version(api: Api) -> None:
    answer = api("POST", f"{DEPLOYMENTS}?dryRun=All", manifest())
    assert (answer.status_code, answer.json()["metadata"]["name"]) == (201, "web")
    assert "resourceVersion" not in answer.json()["metadata"]
    assert not models.Deployment.objects.filter(name="web").exists()


def test_a_trial_of_a_pod_is_nothing_that_others_see(api: Api) -> None:
    """Versions given out in a trial are given out again by the next write."""
    pods = "/api/v1/namespaces/default/pods"
    name = api.get(pods)["items"][0]["metadata"]["name"]
    merge = "application/merge-patch+json"
    tried = api("PATCH", f"{pods}/{name}?dryRun=All", {"metadata": {"labels": {"a": "trial"}}}, merge).json()
    assert tried["metadata"]["labels"]["a"] == "trial"
    made = api("PATCH", f"{pods}/{name}", {"metadata": {"labels": {"a": "kept"}}}, merge).json()
    listed = {each["metadata"]["name"]: each for each in api.get(pods)["items"]}
    for found in (made, api.get(f"{pods}/{name}"), listed[name]):
        assert found["metadata"]["labels"]["a"] == "kept"
