"""What the real kubectl sends of each kind that its generators make, and what is read of that."""

from collections.abc import Iterator
from typing import Any

import pytest

from cluster.api import bodies
from cluster.machinery import protobuf, schemas
from tests.outside.small_api import SmallApi, serving

Json = dict[str, Any]
CASES = [
    pytest.param(
        ["configmap", "c", "--from-literal=a=1"], {"metadata": {"name": "c"}, "data": {"a": "1"}}, id="configmap"
    ),
    pytest.param(
        ["secret", "generic", "s", "--from-literal=a=1"],
        {"metadata": {"name": "s"}, "data": {"a": "MQ=="}},
        id="secret",
    ),
    pytest.param(
        ["service", "clusterip", "s", "--tcp=80:http"],
        {
            "metadata": {"name": "s", "labels": {"app": "s"}},
            "spec": {
                "type": "ClusterIP",
                "selector": {"app": "s"},
                "ports": [{"name": "80-http", "protocol": "TCP", "port": 80, "targetPort": "http"}],
            },
        },
        id="service",
    ),
    pytest.param(
        ["service", "externalname", "s", "--external-name=a.example"],
        {
            "metadata": {"name": "s", "labels": {"app": "s"}},
            "spec": {"type": "ExternalName", "selector": {"app": "s"}, "externalName": "a.example"},
        },
        id="service by another name",
    ),
    pytest.param(["serviceaccount", "a"], {"metadata": {"name": "a"}}, id="serviceaccount"),
    pytest.param(
        ["job", "j", "--image=busybox", "--", "date"],
        {
            "metadata": {"name": "j"},
            "spec": {
                "template": {
                    "spec": {
                        "containers": [{"name": "j", "image": "busybox", "command": ["date"]}],
                        "restartPolicy": "Never",
                    }
                }
            },
        },
        id="job",
    ),
    pytest.param(
        ["cronjob", "j", "--image=busybox", "--schedule=* * * * *"],
        {
            "metadata": {"name": "j"},
            "spec": {
                "schedule": "* * * * *",
                "jobTemplate": {
                    "metadata": {"name": "j"},
                    "spec": {
                        "template": {
                            "spec": {"containers": [{"name": "j", "image": "busybox"}], "restartPolicy": "OnFailure"}
                        }
                    },
                },
            },
        },
        id="cronjob",
    ),
    pytest.param(
        ["quota", "q", "--hard=pods=2", "--scopes=BestEffort"],
        {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "2"}, "scopes": ["BestEffort"]}},
        id="quota",
    ),
    pytest.param(
        ["role", "r", "--verb=get", "--resource=pods"],
        {"metadata": {"name": "r"}, "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]},
        id="role",
    ),
    pytest.param(
        ["clusterrole", "r", "--verb=get", "--non-resource-url=/healthz"],
        {"metadata": {"name": "r"}, "rules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}]},
        id="clusterrole",
    ),
    pytest.param(
        ["rolebinding", "r", "--role=x", "--user=ann"],
        {
            "metadata": {"name": "r"},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "ann"}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "x"},
        },
        id="rolebinding",
    ),
    pytest.param(
        ["pdb", "p", "--selector=app=x", "--min-available=50%"],
        {"metadata": {"name": "p"}, "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"app": "x"}}}},
        id="pdb",
    ),
    pytest.param(
        ["priorityclass", "p", "--value=0"],
        {"metadata": {"name": "p"}, "value": 0, "preemptionPolicy": "PreemptLowerPriority"},
        id="priorityclass",
    ),
    pytest.param(
        ["ingress", "i", "--rule=a.example/*=s:80"],
        {
            "metadata": {"name": "i"},
            "spec": {
                "rules": [
                    {
                        "host": "a.example",
                        "http": {
                            "paths": [
                                {
                                    "path": "/",
                                    "pathType": "Prefix",
                                    "backend": {"service": {"name": "s", "port": {"number": 80}}},
                                }
                            ]
                        },
                    }
                ]
            },
        },
        id="ingress",
    ),
    pytest.param(["namespace", "n"], {"metadata": {"name": "n"}}, id="namespace"),
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallApi]:
    with serving(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.mark.parametrize(("arguments", "expected"), CASES)
def test_what_kubectl_creates_is_read_whole(api: SmallApi, arguments: list[str], expected: Json) -> None:
    found = sent(api, "create", *arguments)
    assert without_empty({key: each for key, each in found.items() if key != "kind"}) == expected


def test_a_token_is_asked_for_at_its_subresource(api: SmallApi) -> None:
    found = sent(api, "create", "token", "default", "--duration=1h")
    assert api.posted[-1][0].startswith("/api/v1/namespaces/default/serviceaccounts/default/token")
    assert (found["kind"], found["spec"]["expirationSeconds"]) == ("TokenRequest", 3600)


def test_no_field_of_these_bodies_is_unknown_to_the_schemas(api: SmallApi) -> None:
    for case in CASES:
        arguments, _ = case.values
        body = sent(api, "create", *arguments)  # type: ignore[misc]
        assert schemas.unknown_fields(body, schemas.definition_of(body)) == []


def sent(api: SmallApi, *arguments: str) -> Json:
    """The last body that a command posted."""
    before = len(api.posted)
    answer = api.kubectl(*arguments)
    assert len(api.posted) > before, answer.stderr
    _, media, body = api.posted[-1]
    assert media == protobuf.CONTENT_TYPE
    value, _ = bodies.read(body, media, "any")
    found: Json = value
    return found


def without_empty(value: Any) -> Any:
    """Without what says nothing."""
    if isinstance(value, dict):
        kept = {key: without_empty(each) for key, each in value.items() if key not in ("apiVersion", "status")}
        return {key: each for key, each in kept.items() if each not in ({}, None)}
    return [without_empty(each) for each in value] if isinstance(value, list) else value
