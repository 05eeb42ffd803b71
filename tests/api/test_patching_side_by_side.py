"""A JSON patch is worked out before the object's lock is taken, and anew when the object has changed meanwhile."""

from typing import Any

import pytest
from django.db import connection

from cluster import models
from cluster.machinery import patches
from cluster.writing import actions
from tests.api.conftest import Api, manifest
from tests.spaces import DEFAULT, demo

PATH = "/apis/apps/v1/namespaces/default/deployments/web"
LABEL = [{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]
carried_out = patches.carried_out


@pytest.fixture
def book(committed: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")


@pytest.fixture
def web(book: None, api: Api) -> Api:  # noqa: ARG001
    api("POST", "/apis/apps/v1/namespaces/default/deployments", manifest("web", replicas=1))
    return api


@pytest.mark.parametrize("query", [pytest.param("", id="kept"), pytest.param("?dryRun=All", id="a trial")])
@pytest.mark.parametrize("part", [pytest.param("", id="object"), pytest.param("/status", id="status")])
def test_no_lock_is_held_while_a_json_patch_is_worked_out(
    web: Api, monkeypatch: pytest.MonkeyPatch, part: str, query: str
) -> None:
    held: list[bool] = []

    def watched(document: Any, operations: Any) -> Any:
        held.append(connection.in_atomic_block)
        return carried_out(document, operations)

    monkeypatch.setattr(patches, "carried_out", watched)
    assert web("PATCH", f"{PATH}{part}{query}", LABEL, patches.JSON_PATCH).status_code == 200
    assert held == [False]


@pytest.mark.parametrize(
    ("rivals", "code", "tries"),
    [pytest.param(1, 200, 2, id="once"), pytest.param(9, 409, 5, id="every time")],
)
def test_an_object_that_has_changed_meanwhile_is_patched_anew(
    web: Api, monkeypatch: pytest.MonkeyPatch, rivals: int, code: int, tries: int
) -> None:
    seen: list[int] = []

    def overtaken(document: Any, operations: Any) -> Any:
        seen.append(document["spec"]["replicas"])
        if len(seen) <= rivals:
            actions.act(DEFAULT, "web", "scale", len(seen) + 1, actor="rival")
        return carried_out(document, operations)

    monkeypatch.setattr(patches, "carried_out", overtaken)
    answer = web("PATCH", PATH, LABEL, patches.JSON_PATCH)
    assert (answer.status_code, seen) == (code, list(range(1, tries + 1)))
    labels = web.get(PATH)["metadata"].get("labels", {})
    assert (labels.get("a") == "b") == (code == 200)
