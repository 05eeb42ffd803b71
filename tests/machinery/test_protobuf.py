"""Bodies as kubectl sends them, fields that nobody knows, and input that is cut off or made up."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.core.manifests.defaults import default_deployment
from cluster.machinery.protobuf import PREFIX, Undecodable, UnknownField, decode

# Recorded from kubectl 1.37.1: create deployment gen --image nginx:1.9.1 --replicas 2 --port 80; create namespace book;
# auth can-i create deployments.
CREATE_DEPLOYMENT = base64.b64decode(
    "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50Er4BCh8KA2dlbhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDZ2VuEowBCAISDAoKCgNhcHASA2dlbhpy"
    "ChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDZ2VuElISNAoFbmdpbngSC25naW54OjEuOS4xKgAyCgoAEAAYUCIAKgBCAGoAcgCAAQCIAQCQAQCi"
    "AQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA="
)
CREATE_NAMESPACE = base64.b64decode("azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhwKFAoEYm9vaxIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA==")
CAN_I = base64.b64decode(
    "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSSgoQCgASABoAIgAqADIAOABCABIsCioKB2Rl"
    "ZmF1bHQSBmNyZWF0ZRoEYXBwcyIAKgtkZXBsb3ltZW50czIAOgAaCAgAEgAaACAAGgAiAA=="
)


VERSIONS = {
    "Deployment": "apps/v1",
    "Scale": "autoscaling/v1",
    "Eviction": "policy/v1",
    "PriorityClass": "scheduling.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "ControllerRevision": "apps/v1",
    "Lease": "coordination.k8s.io/v1",
    "TokenReview": "authentication.k8s.io/v1",
}


def varint(value: int) -> bytes:
    value &= 0xFFFF_FFFF_FFFF_FFFF
    result = b""
    while value >= 0x80:
        result += bytes([value & 0x7F | 0x80])
        value >>= 7
    return result + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def block(field: int, content: bytes | str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(data)) + data


def body(kind: str, raw: bytes, version: str = "v1") -> bytes:
    return PREFIX + block(1, block(1, version) + block(2, kind)) + block(2, raw)


def test_create_deployment_as_kubectl_sends_it() -> None:
    manifest = decode(CREATE_DEPLOYMENT)
    container = {"name": "nginx", "image": "nginx:1.9.1", "ports": [{"containerPort": 80}]}
    assert manifest == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "gen", "labels": {"app": "gen"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "gen"}},
            "template": {"metadata": {"labels": {"app": "gen"}}, "spec": {"containers": [container]}},
        },
    }
    assert default_deployment(manifest)["spec"]["strategy"]["type"] == "RollingUpdate"


def test_create_namespace_as_kubectl_sends_it() -> None:
    manifest = decode(CREATE_NAMESPACE)
    assert (manifest["kind"], manifest["apiVersion"], manifest["metadata"]) == ("Namespace", "v1", {"name": "book"})


def test_auth_can_i_as_kubectl_sends_it() -> None:
    attributes = {"namespace": "default", "verb": "create", "group": "apps", "resource": "deployments"}
    assert decode(CAN_I)["spec"] == {"resourceAttributes": attributes}


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        pytest.param(
            "DeleteOptions",
            number(1, 0) + block(4, "Foreground") + block(2, block(1, "u-1")) + block(5, "All"),
            {
                "gracePeriodSeconds": 0,
                "propagationPolicy": "Foreground",
                "preconditions": {"uid": "u-1"},
                "dryRun": ["All"],
            },
            id="delete options, a grace of 0 kept",
        ),
        pytest.param("Scale", block(2, number(1, 0)), {"spec": {"replicas": 0}}, id="scale to zero"),
        pytest.param(
            "Eviction",
            block(1, block(1, "p") + block(3, "ns")) + block(2, number(1, -1)),
            {"metadata": {"name": "p", "namespace": "ns"}, "deleteOptions": {"gracePeriodSeconds": -1}},
            id="eviction, a negative number",
        ),
        pytest.param(
            "Deployment",
            block(
                2,
                block(
                    4,
                    block(1, "RollingUpdate")
                    + block(2, block(1, number(2, 0)) + block(2, number(1, 1) + block(3, "30%"))),
                ),
            ),
            {
                "spec": {
                    "strategy": {
                        "type": "RollingUpdate",
                        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "30%"},
                    }
                }
            },
            id="number or percentage",
        ),
        pytest.param(
            "Pod",
            block(
                2,
                block(
                    2,
                    block(1, "a")
                    + block(8, block(1, block(1, "cpu") + block(2, block(1, "250m"))))
                    + block(11, block(1, block(2, block(1, "/") + block(2, number(2, 80)))) + number(4, 5)),
                ),
            ),
            {
                "spec": {
                    "containers": [
                        {
                            "name": "a",
                            "resources": {"limits": {"cpu": "250m"}},
                            "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 5},
                        }
                    ]
                }
            },
            id="quantities and probes",
        ),
        pytest.param(
            "Secret",
            block(2, block(1, "key") + block(2, b"\xff\x00")) + block(4, block(1, "text") + block(2, "plain")),
            {"data": {"key": "/wA="}, "stringData": {"text": "plain"}},
            id="bytes in base64",
        ),
        pytest.param("PriorityClass", number(2, 0), {"value": 0}, id="a zero that JSON shows"),
        pytest.param("NetworkPolicy", block(2, block(1, "")), {"spec": {"podSelector": {}}}, id="an empty selector"),
        pytest.param(
            "ControllerRevision",
            block(2, block(1, '{"spec":{"x":[1]}}')) + number(3, 7),
            {"data": {"spec": {"x": [1]}}, "revision": 7},
            id="an embedded object",
        ),
        pytest.param(
            "Lease",
            block(2, block(4, number(1, 1_700_000_000) + number(2, 5_000))),
            {"spec": {"renewTime": "2023-11-14T22:13:20.000005Z"}},
            id="a time with microseconds",
        ),
        pytest.param(
            "TokenReview",
            block(3, block(2, block(4, block(1, "scopes") + block(2, block(1, "a") + block(1, "b"))))),
            {"status": {"user": {"extra": {"scopes": ["a", "b"]}}}},
            id="a map of lists",
        ),
        pytest.param(
            "Pod",
            block(2, block(14, block(4, varint(7) + varint(8)))),
            {"spec": {"securityContext": {"supplementalGroups": [7, 8]}}},
            id="packed numbers",
        ),
        pytest.param(
            "Pod",
            block(2, block(1, block(1, "root") + block(2, block(1, block(1, "/") + block(2, ""))))),
            {"spec": {"volumes": [{"name": "root", "hostPath": {"path": "/", "type": ""}}]}},
            id="a volume of the host, as kubectl debug sends",
        ),
        pytest.param(
            "Namespace",
            block(1, block(1, "x") + block(8, number(1, 1_700_000_000)) + block(11, block(1, "empty"))),
            {"metadata": {"name": "x", "creationTimestamp": "2023-11-14T22:13:20Z", "labels": {"empty": ""}}},
            id="times and empty labels",
        ),
    ],
)
def test_a_body_becomes_the_manifest_that_json_would_say(kind: str, raw: bytes, expected: dict[str, object]) -> None:
    version = VERSIONS.get(kind, "v1")
    assert decode(body(kind, raw, version)) == {"apiVersion": version, "kind": kind, **expected}


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(number(200, 7), id="number"),
        pytest.param(block(200, "?"), id="block"),
        pytest.param(varint(200 << 3 | 1) + bytes(8), id="eight bytes"),
        pytest.param(varint(200 << 3 | 5) + bytes(4), id="four bytes"),
    ],
)
def test_a_field_that_nobody_knows_is_refused_and_not_lost(field: bytes) -> None:
    with pytest.raises(
        UnknownField, match="field 200 of core/v1.NamespaceSpec is not known here; send the object as JSON"
    ):
        decode(body("Namespace", block(1, block(1, "x")) + block(2, field)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"{}", r"expected prefix \[107 56 115 0\]", id="json"),
        pytest.param(b"", r"expected prefix \[107 56 115 0\]", id="nothing"),
        pytest.param(PREFIX, 'no kind "" is registered for version ""', id="only the prefix"),
        pytest.param(body("Widget", b""), 'no kind "Widget" is registered for version "v1"', id="unknown kind"),
        pytest.param(body("PodSpec", b""), 'no kind "PodSpec"', id="a part of a kind"),
        pytest.param(body("ObjectMeta", b""), 'no kind "ObjectMeta"', id="a message that is no kind"),
        pytest.param(body("Pod", b"\x0a\xff"), "unexpected EOF", id="length cut off"),
        pytest.param(body("Pod", b"\x0a\x05ab"), "unexpected EOF", id="content cut off"),
        pytest.param(body("Pod", b"\x0b"), "illegal wireType 3", id="wire type of old"),
        pytest.param(body("Pod", b"\x00\x00"), "illegal tag 0", id="tag 0"),
        pytest.param(body("Pod", b"\x80" * 11), "integer overflow", id="endless number"),
        pytest.param(
            body("Pod", number(1, 5)), "wrong wireType = 0 for field metadata of core/v1.Pod", id="number for a message"
        ),
        pytest.param(body("Pod", block(1, block(1, b"\xff"))), "invalid UTF-8", id="text that is none"),
        pytest.param(body("Pod", block(1, block(8, number(1, 1 << 62)))), "is no time", id="a time beyond all years"),
    ],
)
def test_a_bad_body_gets_one_clear_error(data: bytes, message: str) -> None:
    with pytest.raises(Undecodable, match=message):
        decode(data)


def test_a_truncated_body_never_passes_unless_it_ends_where_a_field_of_the_envelope_does() -> None:
    passed = []
    for size in range(len(CREATE_DEPLOYMENT)):
        with contextlib.suppress(Undecodable):
            decode(CREATE_DEPLOYMENT[:size])
            passed.append(size)
    object_ends = len(CREATE_DEPLOYMENT) - len(block(3, "") + block(4, ""))
    assert passed == [len(PREFIX + CREATE_DEPLOYMENT[4:27]), object_ends, object_ends + len(block(3, ""))]


@given(position=st.integers(4, len(CREATE_DEPLOYMENT) - 1), byte=st.integers(0, 255))
def test_a_damaged_body_is_decoded_or_refused(position: int, byte: int) -> None:
    data = bytearray(CREATE_DEPLOYMENT)
    data[position] = byte
    with contextlib.suppress(Undecodable):
        assert isinstance(decode(bytes(data)), dict)
