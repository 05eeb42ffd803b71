"""Whatever is sent, the API answers with a Status and never with a 500: requests made of our own OpenAPI documents
(schemathesis), odd paths, queries and headers, and manifests with one thing wrong.

ROLLSTAGE_FUZZ=10 looks at ten times as many, at random."""

import copy
import json
import os
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cluster.api import openapi
from cluster.api.watch import watching
from cluster.core.manifests import defaults
from cluster.core.nodes.reported import ANNOTATION, EXTERNAL
from cluster.live import failures
from cluster.statuses import Refused
from tests.api.conftest import Api, Work, manifest

pytestmark = pytest.mark.usefixtures("cluster")
BOOK = "nginx-deployment"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
FACTOR = int(os.environ.get("ROLLSTAGE_FUZZ", "1"))
BOUNDED = settings(
    max_examples=3 * FACTOR,
    deadline=None,
    database=None,
    derandomize=FACTOR == 1,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LONGER = settings(BOUNDED, max_examples=150 * FACTOR)
QUERY = (
    "labelSelector", "fieldSelector", "limit", "continue", "resourceVersion", "resourceVersionMatch", "timeoutSeconds",
    "sendInitialEvents", "allowWatchBookmarks", "includeObject", "pretty", "dryRun", "fieldManager", "fieldValidation",
    "propagationPolicy", "gracePeriodSeconds", "orphanDependents", "force", "watch", "container", "tailLines", "follow",
)  # fmt: skip
EXPECTED = (504,)  # a resourceVersion of the future: "Too large resource version"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
KINDS_OF_BODY = (
    "application/json", "application/yaml", "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json", "application/apply-patch+yaml", "application/vnd.kubernetes.protobuf", "text/plain", "",
)  # fmt: skip
WORDS = st.sampled_from(
    [
        "",
        "0",
        "1",
        "-1",
        "true",
        "x",
        "default",
        BOOK,
        "a=b",
        "a in (b)",
        "!",
        "metadata.name=x",
        "9" * 30,
        "\0",
        "\ud7ff",
        "None",
        "../..",
    ]
) | st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=4,
)


@pytest.fixture
def odd(api: Api, book: None) -> Api:  # noqa: ARG001
    api.client.raise_request_exception = False
    return api


def send(
    api: Api, method: str, path: str, query: Any = (), body: Any = None, kind: str = "application/json", **headers: str
) -> None:
    """Nothing that it does stays; a failed one is told so that it can be sent again."""
    text = body if isinstance(body, (bytes, str)) else json.dumps(body)
    url = f"{urllib.parse.quote(path, safe='/')}?{urllib.parse.urlencode(query, doseq=True, errors='replace')}"
    with transaction.atomic():
        answer = api.client.generic(method, url, text, content_type=kind, headers={**api.headers, **headers})
        transaction.set_rollback(True)
    assert answer.status_code < 500 or answer.status_code in EXPECTED, (method, url, kind, text, headers)
    if answer.status_code >= 400 and method != "HEAD" and answer.content != b"404 page not found\n":
        assert (answer.json()["kind"], answer.json()["code"]) == ("Status", answer.status_code)


@pytest.mark.parametrize("document", openapi.paths())
def test_requests_made_of_our_own_documents_are_answered(odd: Api, document: str) -> None:
    schema = schemathesis.openapi.from_dict(named(copy.deepcopy(openapi.document(document))))
    for result in schema.get_all_operations():
        operation = result.ok()

        @BOUNDED
        @given(case=operation.as_strategy())
        def answers(case: Any) -> None:
            body = case.body if isinstance(case.body, (dict, list, str, bytes)) else None
            headers = {key: value for key, value in (case.headers or {}).items() if value.isprintable()}
            send(odd, case.method, case.formatted_path, case.query or {}, body, case.media_type or "", **headers)

        answers()


def named(document: Any) -> Any:
    """With parameters that lead to objects that are there, and a list's queries."""
    for path, operations in document["paths"].items():
        names = [each for each in ("namespace", "name") if f"{{{each}}}" in path]
        of_path = [
            {"name": each, "in": "path", "required": True, "schema": {"enum": ["default", BOOK, "node-1", "x"]}}
            for each in names
        ]
        of_query = [{"name": each, "in": "query", "schema": {"type": "string", "maxLength": 8}} for each in QUERY]
        for operation in operations.values():
            if isinstance(operation, dict):
                known = {each["name"] for each in operation.get("parameters", ())}
                more = [each for each in (*of_path, *of_query) if each["name"] not in known]
                operation["parameters"] = [*operation.get("parameters", ()), *more]
    return document


PARTS = st.sampled_from(
    ["api", "apis", "v1", "apps", "extensions", "v1beta1", "events.k8s.io", "authorization.k8s.io", "selfsubjectaccessreviews",
     "openapi", "v2", "v3", "version", "namespaces", "default", "pods", "deployments", "replicasets", "nodes", "events", BOOK,
     "scale", "status", "log", "rollback", "watch", "finalize", "proxy"]
) | st.text(max_size=5)  # fmt: skip


@LONGER
@given(
    method=st.sampled_from(METHODS),
    parts=st.lists(PARTS, max_size=8),
    query=st.lists(st.tuples(st.sampled_from(QUERY) | st.text(max_size=5), WORDS), max_size=4),
    body=st.sampled_from([None, b"", b"{", b"\xff", b"[]", b"k8s\0", b"k8s\0\x0a\x00", b"a: &a [*a]", b"--- 1\n--- 2"])
    | VALUES,
    kind=st.sampled_from(KINDS_OF_BODY),
    accept=st.sampled_from(
        ["application/json", "application/json;as=Table;v=v1;g=meta.k8s.io", "text/html", ";;,=", "*/*;q=x"]
    ),
)
def test_odd_requests_are_answered(
    odd: Api, method: str, parts: list[str], query: Any, body: Any, kind: str, accept: str
) -> None:
    root = parts[0] if parts and parts[0] in ("apis", "openapi", "version") else "api"
    send(odd, method, "/".join(["", root, *parts[1:]]), query, body, kind, Accept=accept)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from places(each, (*path, key))


WHOLE = defaults.default_deployment(manifest("other"))
PLACES = [each for each in places(WHOLE) if each]


def put(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(whole)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


@LONGER
@given(place=st.sampled_from(PLACES), value=VALUES, strict=st.sampled_from(["Strict", "Warn", "Ignore", "x"]))
def test_a_manifest_with_one_thing_wrong_is_answered(odd: Api, place: tuple[Any, ...], value: Any, strict: str) -> None:
    wrong = put(WHOLE, place, value)
    send(odd, "POST", DEPLOYMENTS, {"fieldValidation": strict}, wrong)
    send(odd, "PUT", f"{DEPLOYMENTS}/{BOOK}", {"fieldValidation": strict}, wrong)


@LONGER
@given(
    place=st.sampled_from(PLACES),
    value=VALUES,
    kind=st.sampled_from(KINDS_OF_BODY[3:6]),
    part=st.sampled_from(["", "/scale", "/status"]),
)
def test_a_patch_of_one_odd_thing_is_answered(
    odd: Api, place: tuple[Any, ...], value: Any, kind: str, part: str
) -> None:
    patch: Any = value
    for key in reversed(place):
        patch = {key: patch} if isinstance(key, str) else [patch]
    send(odd, "PATCH", f"{DEPLOYMENTS}/{BOOK}{part}", {"fieldManager": "me"}, patch, kind)


RUNNING = {"running": {"startedAt": "2026-01-01T10:00:00Z"}}
ENDED = {"terminated": {"exitCode": 1, "finishedAt": "2026-01-01T10:00:00Z"}}
POD_STATUS = {
    "phase": "Running", "podIPs": [{"ip": "10.0.0.1"}], "hostIP": "10.0.0.2", "hostIPs": [{"ip": "10.0.0.2"}], "reason": "Odd",
    "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T10:00:00Z", "observedGeneration": 1}],
    "containerStatuses": [{"name": "c", "state": RUNNING, "lastState": ENDED, "ready": True, "restartCount": 1}],
    "initContainerStatuses": [{"name": "i", "state": {"waiting": {"reason": "Odd"}}, "restartCount": 0}],
}  # fmt: skip
NODE_STATUS = {
    "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T10:00:00Z"}],
    "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}], "images": [{"names": ["a"], "sizeBytes": 5}],
    "nodeInfo": {"kubeletVersion": "v1"}, "capacity": {"cpu": "1"},
}  # fmt: skip
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.fixture
def reporting(odd: Api) -> Api:
    """A pod `p` on a node `n` whose kubelet is a client."""
    odd("POST", "/api/v1/nodes", {"metadata": {"name": "n", "annotations": {ANNOTATION: EXTERNAL}}})
    containers = {key: [{"name": key[0], "image": "i"}] for key in ("containers", "initContainers")}
    body = {"metadata": {"name": "p"}, "spec": {"nodeName": "n", **containers}}
    assert odd("POST", "/api/v1/namespaces/default/pods", body).status_code == 201
    return odd


@settings(BOUNDED, max_examples=60 * FACTOR)
@given(
    of=st.sampled_from(["pods", "nodes"]),
    place=st.integers(0, 1000),
    value=VALUES | st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 2**31 - 1, -1, [None], {}]),
    kind=st.sampled_from(KINDS_OF_BODY[3:5]),
)
def test_an_odd_status_of_a_client_is_answered_and_shown(
    reporting: Api, work: Work, of: str, place: int, value: Any, kind: str
) -> None:
    status = POD_STATUS if of == "pods" else NODE_STATUS
    found = [each for each in places(status) if each]
    path = "/api/v1/namespaces/default/pods/p" if of == "pods" else "/api/v1/nodes/n"
    seen = [
        ("PATCH", f"{path}/status", {"status": put(status, found[place % len(found)], value)}, kind, {}),
        ("GET", path, None, "", {"Accept": TABLE}),
        ("GET", path, None, "", {}),
        ("GET", "/api/v1/namespaces/default/pods/p/log", None, "", {}),
        ("DELETE", "/api/v1/namespaces/default/pods/p", None, "", {}),
        ("PATCH", "/api/v1/nodes/n", {"metadata": {"annotations": None}}, KINDS_OF_BODY[3], {}),
    ]
    with transaction.atomic():
        for method, address, body, media, headers in seen:
            answer = reporting(method, address, body, media, **headers)
            assert answer.status_code < 500, (method, address, body, answer.content)
            work()
            assert not failures.keys.counts and not failures.pods.counts
        transaction.set_rollback(True)


@LONGER
@given(
    operation=st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "x"]) | VALUES},
        optional={
            "path": WORDS | st.sampled_from(["/spec/replicas", "/spec/template/-", "/metadata"]),
            "from": WORDS,
            "value": VALUES,
        },
    )
)
def test_a_json_patch_of_one_odd_step_is_answered(odd: Api, operation: Any) -> None:
    send(odd, "PATCH", f"{DEPLOYMENTS}/{BOOK}", {}, [operation], "application/json-patch+json")


@LONGER
@given(
    collection=st.sampled_from(
        [DEPLOYMENTS, "/api/v1/pods", "/apis/events.k8s.io/v1/events", "/api/v1/nodes", "/api/v1/namespaces"]
    ),
    query=st.dictionaries(
        st.sampled_from(QUERY[:10]), WORDS | st.sampled_from([str(2**63), str(2**64 - 1), "NotOlderThan"]), max_size=5
    ),
    raw=st.binary(max_size=6),
    accept=st.sampled_from(["", "application/json;as=Table;v=v1;g=meta.k8s.io", "text/html", ";q=,,"]),
    host=WORDS,
)
def test_an_odd_watch_is_opened_or_refused(
    odd: Api, collection: str, query: dict[str, str], raw: bytes, accept: str, host: str
) -> None:
    text = urllib.parse.urlencode(query, errors="replace").encode() + b"&watch=1&" + raw
    scope = {"type": "http", "method": "GET", "path": collection, "query_string": text}
    assert watching.is_watch(scope)
    headers = {"authorization": odd.headers["Authorization"], "accept": accept, "host": host}
    try:
        watcher, first, _ = watching.open_watch(collection, watching.query_of(scope), headers)
    except Refused as refused:
        assert refused.status["code"] in (400, 403, 406, 422)
    else:
        assert watcher.ended or watcher.since >= 0
        assert all(json.loads(line)["type"] in ("ADDED", "BOOKMARK", "ERROR") for line in first.splitlines())
