"""Lists: pages, versions, shapes, and the words in which upstream refuses what can't be listed."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster import models
from cluster.api import reading, targets
from cluster.records import journal
from cluster.writing import actions, namespaces
from tests.api.conftest import Api
from tests.spaces import DEFAULT, demo, space

pytestmark = pytest.mark.usefixtures("cluster")
BOOK = "nginx-deployment"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
PODS = "/api/v1/namespaces/default/pods"
OF_META = "g=meta.k8s.io"
Work = Callable[[], int]


def names(answer: Any) -> list[str]:
    return [each["metadata"]["name"] for each in answer["items"]]


@pytest.mark.usefixtures("book")
def test_pages_are_of_one_moment_whatever_is_written_meanwhile(api: Api, work: Work) -> None:
    before = api.get(PODS)
    page = api.get(f"{PODS}?limit=2")
    assert (len(page["items"]), page["metadata"]["remainingItemCount"]) == (2, 1)
    actions.act(DEFAULT, BOOK, "set-image", {"nginx": "nginx:1.9.1"}, actor="me")
    work()
    rest = api.get(f"{PODS}?limit=2&continue={page['metadata']['continue']}")
    assert page["items"] + rest["items"] == before["items"]
    assert rest["metadata"] == {"resourceVersion": before["metadata"]["resourceVersion"]}
    assert not set(names(api.get(PODS))) & set(names(before))


def test_pages_go_through_all_namespaces_in_etcds_order(api: Api, work: Work) -> None:
    for name in ("a", "a-b", "b"):
        namespaces.ensure(space(name), actor="seed")
        actions.example(space(name), actor="me")
    work()
    spaces, token = [], ""
    while not spaces or token:
        page = api.get(f"/apis/apps/v1/deployments?limit=1&continue={token}")
        spaces += [each["metadata"]["namespace"] for each in page["items"]]
        token = page["metadata"].get("continue", "")
    assert spaces == ["a-b", "a", "b"]
    assert [each["metadata"]["namespace"] for each in api.get("/apis/apps/v1/deployments")["items"]] == spaces


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    "path", ["/api/v1/pods", "/api/v1/events", "/apis/apps/v1/replicasets", "/api/v1/nodes", "/api/v1/services"]
)
def test_a_page_reads_its_own_rows_and_counts_the_others(api: Api, path: str) -> None:
    whole, found, token = names(api.get(path)), [], ""
    while not found or token:
        with CaptureQueriesContext(connection) as captured:
            page = api.get(f"{path}?limit=2&continue={token}")
        found += names(page)
        token = page["metadata"].get("continue", "")
        assert page["metadata"].get("remainingItemCount", 0) == len(whole) - len(found)
        read = [each["sql"] for each in captured if "COLLATE" in each["sql"] and "COUNT(" not in each["sql"]]
        assert len(read) == 1
        assert read[0].endswith("LIMIT 2")
    assert found == whole


@pytest.mark.parametrize("after", ["default/a", "default/a\0", "default/a\0z", "default/", "zz"])
def test_a_page_begins_after_any_key(after: str) -> None:
    target = targets.parse("/api/v1/namespaces/default/configmaps")
    assert target
    for name in ("a", "a-b", "a.b", "b"):
        models.KeptObject.objects.create(
            uid=name, cluster=demo(), namespace="default", resource="configmaps", name=name, manifest={}
        )
    keys = sorted(f"default/{name}" for name in ("a", "a-b", "a.b", "b"))
    later = [key.split("/")[1] for key in keys if f"{key}\0" > after]
    assert reading.page(target, after, 2) == (later[:2], max(len(later) - 2, 0))


@pytest.mark.usefixtures("book")
def test_how_many_remain_is_not_known_of_what_is_selected(api: Api) -> None:
    assert "remainingItemCount" not in api.get(f"{PODS}?limit=2&labelSelector=app=nginx")["metadata"]


@pytest.mark.usefixtures("book")
def test_a_page_whose_moment_is_forgotten_can_be_gone_on_with_from_now(api: Api) -> None:
    page = api.get(f"{PODS}?limit=2")
    actions.act(DEFAULT, BOOK, "scale", 4, actor="me")
    journal.compact(time.time() + 2 * journal.KEEP_SECONDS)
    refused = api("GET", f"{PODS}?limit=2&continue={page['metadata']['continue']}")
    assert (refused.status_code, refused.json()["reason"]) == (410, "Expired")
    assert refused.json()["message"].startswith(
        "The provided continue parameter is too old to display a consistent list"
    )
    token = refused.json()["metadata"]["continue"]
    assert names(api.get(f"{PODS}?limit=2&continue={token}")) == names(api.get(PODS))[2:]


@pytest.mark.usefixtures("book")
def test_a_list_is_of_the_version_that_is_asked_for(api: Api, work: Work) -> None:
    before = api.get(DEPLOYMENTS)
    rv = before["metadata"]["resourceVersion"]
    actions.act(DEFAULT, BOOK, "scale", 5, actor="me")
    work()
    assert api.get(f"{DEPLOYMENTS}?resourceVersion={rv}&resourceVersionMatch=Exact") == before
    newest = api.get(f"{DEPLOYMENTS}?resourceVersion={rv}&resourceVersionMatch=NotOlderThan")
    assert newest["items"][0]["spec"]["replicas"] == 5
    assert api.get(f"{DEPLOYMENTS}?resourceVersion=0") == newest
    journal.compact(time.time() + 2 * journal.KEEP_SECONDS)
    refused = api("GET", f"{DEPLOYMENTS}?resourceVersion={rv}&resourceVersionMatch=Exact")
    assert (refused.status_code, refused.json()["message"]) == (
        410,
        "The resourceVersion for the provided list is too old.",
    )


INVALID = 'ListOptions.meta.k8s.io "" is invalid: '


def continued(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        pytest.param(
            "resourceVersionMatch=Exact",
            422,
            f"{INVALID}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
            id="match without version",
        ),
        pytest.param(
            "resourceVersionMatch=Exact&resourceVersion=0",
            422,
            f'{INVALID}resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
            id="exactly 0",
        ),
        pytest.param(
            "resourceVersionMatch=Newer&resourceVersion=1",
            422,
            f'{INVALID}resourceVersionMatch: Unsupported value: "Newer": supported values: "Exact", "NotOlderThan", ""',
            id="unknown match",
        ),
        pytest.param(
            "sendInitialEvents=true",
            422,
            f"{INVALID}sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
            id="initial events",
        ),
        pytest.param("limit=x", 400, 'strconv.ParseInt: parsing "x": invalid syntax', id="limit"),
        pytest.param(
            "timeoutSeconds=99999999999999999999",
            400,
            'strconv.ParseInt: parsing "99999999999999999999": value out of range',
            id="large number",
        ),
        pytest.param(
            "resourceVersion=x",
            400,
            'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
            id="version",
        ),
        pytest.param(
            f"continue={continued({'v': 'meta.k8s.io/v1', 'rv': 1, 'start': 'a'})}&resourceVersion=1",
            400,
            "specifying resource version is not allowed when using continue",
            id="version of a page",
        ),
        pytest.param(
            f"continue={continued({'v': 'v2', 'rv': 1, 'start': 'a'})}",
            400,
            "invalid continue token: continue key is not valid: server does not recognize this encoded version v2",
            id="token of another version",
        ),
        pytest.param(
            f"continue={continued({'v': 'meta.k8s.io/v1', 'start': 'a'})}",
            400,
            "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
            id="token without version",
        ),
        pytest.param(
            f"continue={continued({'v': 'meta.k8s.io/v1', 'rv': 1})}",
            400,
            "invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)",
            id="token without key",
        ),
        pytest.param("labelSelector=a=b=c", 400, "found '=', expected: ',' or 'end of string'", id="labels"),
        pytest.param("fieldSelector=a=b", 400, "field label not supported: a", id="fields"),
    ],
)
def test_a_query_that_is_wrong_is_refused_in_upstreams_words(api: Api, query: str, code: int, message: str) -> None:
    answer = api("GET", f"{PODS}?{query}")
    assert (answer.status_code, answer.json()["message"]) == (code, message)


@pytest.mark.parametrize("token", ["x", "%00", "e30", continued("[]"), continued("1"), continued('{"rv": "x"}')])
def test_a_token_that_is_none_is_refused(api: Api, token: str) -> None:
    answer = api("GET", f"{PODS}?continue={token}")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("invalid continue token: continue key is not valid: ")


def test_a_version_that_is_not_there_yet_may_be_tried_again(api: Api) -> None:
    answer = api("GET", f"{PODS}?resourceVersion=999999")
    assert (answer.status_code, answer.json()["reason"]) == (504, "Timeout")
    assert answer.json()["message"] == "Timeout: Too large resource version: 999999, current: 0"
    assert answer.json()["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("accept", "kind", "version"),
    [
        pytest.param("*/*", "PodList", "v1", id="anything"),
        pytest.param("application/vnd.kubernetes.protobuf,application/json", "PodList", "v1", id="typed clients"),
        pytest.param(
            f"application/json;as=Table;v=v1;{OF_META},application/json", "Table", "meta.k8s.io/v1", id="Table"
        ),
        pytest.param(
            f"application/json;as=Table;v=v1beta1;{OF_META}", "Table", "meta.k8s.io/v1beta1", id="older Table"
        ),
        pytest.param(f"application/json;as=Table;v=v9;{OF_META},application/json", "PodList", "v1", id="no such Table"),
        pytest.param(
            f"application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;{OF_META};v=v1,"
            f"application/json;as=PartialObjectMetadataList;{OF_META};v=v1,application/json",
            "PartialObjectMetadataList",
            "meta.k8s.io/v1",
            id="metadata",
        ),
        pytest.param("application/json;q=0.1,application/yaml;q=0", "PodList", "v1", id="qualities"),
    ],
)
def test_a_list_has_the_shape_that_is_accepted(api: Api, accept: str, kind: str, version: str) -> None:
    answer = api.get(PODS, Accept=accept)
    assert (answer["kind"], answer["apiVersion"]) == (kind, version)
    if kind == "PartialObjectMetadataList":
        assert {tuple(each) for each in answer["items"]} == {("kind", "apiVersion", "metadata")}


@pytest.mark.parametrize(
    ("path", "accept", "message"),
    [
        pytest.param(
            PODS,
            "text/html",
            "only the following media types are accepted: application/json, application/yaml",
            id="html",
        ),
        pytest.param(
            PODS,
            f"application/json;as=PartialObjectMetadata;v=v1;{OF_META}",
            "you requested PartialObjectMetadata, but the requested object is a list",
            id="one for many",
        ),
    ],
)
def test_what_nobody_can_answer_is_not_acceptable(api: Api, path: str, accept: str, message: str) -> None:
    answer = api("GET", path, Accept=accept)
    assert (answer.status_code, answer.json()["reason"], answer.json()["message"]) == (406, "NotAcceptable", message)


@pytest.mark.usefixtures("book")
def test_yaml_and_pretty_are_for_people(api: Api) -> None:
    answer = api("GET", f"{DEPLOYMENTS}/{BOOK}", Accept="application/yaml")
    assert (answer.headers["Content-Type"], answer.content[:11]) == ("application/yaml", b"apiVersion:")
    assert b'\n  "kind": "Deployment"' in api("GET", f"{DEPLOYMENTS}/{BOOK}?pretty=true").content
    assert b'\n  "kind": "Deployment"' in api("GET", f"{DEPLOYMENTS}/{BOOK}", **{"User-Agent": "curl/8.0"}).content
    assert b"\n" not in api("GET", f"{DEPLOYMENTS}/{BOOK}").content.strip()
