"""The whole way of an object: what a client is answered."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.kept import custom, preparing
from cluster.statuses import Refused
from tests.api.kept.test_custom import DEFINITION

Json = dict[str, Any]
TABLE = custom.with_definitions(kinds.SERVED, [DEFINITION])


def made(group: str, plural: str, manifest: Json, old: Json | None = None) -> Json:
    kind = TABLE.find(group, "v1", plural)
    assert kind
    schema = kind.schema(group, "v1")
    version = f"{group}/v1" if group else "v1"
    found = preparing.prepared(
        kind, {"apiVersion": version, "kind": kind.name, "metadata": {"name": "n"}, **manifest}, schema
    )
    preparing.check(kind, found, schema, old)
    return found


@pytest.mark.parametrize(
    ("group", "plural", "manifest", "field", "value"),
    [
        pytest.param("", "secrets", {"stringData": {"a": "1"}}, "data", {"a": "MQ=="}, id="built-in"),
        pytest.param(
            "example.com",
            "backups",
            {"spec": {"schedule": "1 2", "nope": 1}},
            "spec",
            {"schedule": "1 2", "keep": 3, "mode": "full"},
            id="custom",
        ),
    ],
)
def test_what_is_stored(group: str, plural: str, manifest: Json, field: str, value: Any) -> None:
    assert made(group, plural, manifest)[field] == value


@pytest.mark.parametrize(
    ("group", "plural", "manifest", "code", "message"),
    [
        pytest.param(
            "",
            "configmaps",
            {"data": {"a": 1}},
            400,
            'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field '
            "ConfigMap.data of type string",
            id="wrong type",
        ),
        pytest.param("", "services", {}, 422, 'Service "n" is invalid: spec.ports: Required value', id="invalid"),
        pytest.param(
            "example.com",
            "backups",
            {"spec": {}},
            422,
            'Backup.example.com "n" is invalid: spec.schedule: Required value',
            id="custom and invalid",
        ),
    ],
)
def test_what_is_refused(group: str, plural: str, manifest: Json, code: int, message: str) -> None:
    with pytest.raises(Refused) as caught:
        made(group, plural, manifest)
    assert (caught.value.status["code"], caught.value.status["message"]) == (code, message)


def test_what_may_not_change_is_refused() -> None:
    with pytest.raises(Refused, match="field is immutable when `immutable` is set"):
        made("", "configmaps", {"immutable": True, "data": {}}, {"immutable": True, "data": {"a": "1"}})
