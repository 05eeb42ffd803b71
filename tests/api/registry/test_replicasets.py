"""ReplicaSets that clients change."""

from typing import Any

import pytest

from tests.api.conftest import Api, Work

pytestmark = pytest.mark.usefixtures("book")
SETS, PODS = "/apis/apps/v1/namespaces/default/replicasets", "/api/v1/namespaces/default/pods"
MERGE = "application/merge-patch+json"
LABELS = {"app": "bare"}


def bare(image: str, **metadata: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": LABELS, **metadata}, "spec": {"containers": [{"name": "a", "image": image}]}}
    return {
        "metadata": {"name": "bare"},
        "spec": {"replicas": 2, "selector": {"matchLabels": LABELS}, "template": template},
    }


def pods(api: Api) -> dict[str, Any]:
    return {each["metadata"]["name"]: each for each in api.get(f"{PODS}?labelSelector=app=bare")["items"]}


def test_pods_stay_as_they_were_made_where_the_template_changes(api: Api, work: Work) -> None:
    """Upstream the template is for pods that are made from then on."""
    api("POST", SETS, bare("web:1"))
    work()
    before = pods(api)
    changed = bare("web:2", annotations={"a": "b"})
    assert api("PATCH", f"{SETS}/bare", {"spec": {"template": changed["spec"]["template"]}}, MERGE).status_code == 200
    work()
    for name, pod in pods(api).items():
        assert pod["spec"] == before[name]["spec"]
        assert pod["metadata"].get("annotations") == before[name]["metadata"].get("annotations")
    api("DELETE", f"{PODS}/{next(iter(before))}?gracePeriodSeconds=0")
    work()
    (made,) = [pod for name, pod in pods(api).items() if name not in before]
    assert (made["spec"]["containers"][0]["image"], made["metadata"]["annotations"]) == ("web:2", {"a": "b"})
