"""pod-template-hash against the bytes that Kubernetes hashed."""

import copy
import json
from typing import Any

import pytest

from cluster.core.manifests.defaults import default_template
from cluster.core.manifests.template_hash import spew, template_hash
from tests.core.recordings import GOLDEN

CASES = json.loads((GOLDEN / "hashes.json").read_text())["cases"]
FIELDS = json.loads((GOLDEN / "hashes_fields.json").read_text())["cases"]
BOOK = json.loads((GOLDEN / "hashes_book_era.json").read_text())["cases"]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in CASES])
def test_todays_hash(case: dict[str, Any]) -> None:
    template = default_template(case["template_input"])
    assert spew(template, "v1") == case["spew"]
    assert template_hash(template) == case["pod_template_hash"]
    assert template_hash(template, collision_count=1) == case["with_collisionCount_1"]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in FIELDS])
def test_every_field_enters_the_hash_as_in_kubernetes(case: dict[str, Any]) -> None:
    template = default_template(case["template"])
    assert spew(template, "v1") == case["spew"]
    assert template_hash(template) == case["hash"]
    assert template_hash(template, collision_count=1) == case["hash_with_collision_1"]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in FIELDS])
def test_a_stored_template_has_the_hash_of_the_written_one(case: dict[str, Any]) -> None:
    assert template_hash(default_template(case["stored"])) == case["hash"]


@pytest.mark.parametrize("case", [pytest.param(each, id=each["image"]) for each in BOOK])
def test_the_book_s_hash(case: dict[str, Any]) -> None:
    template = copy.deepcopy(CASES[0]["template_defaulted"])
    template["spec"]["containers"][0]["image"] = case["image"]
    assert spew(template, "api") == case["spew"]
    assert template_hash(template, api_version="apps/v1beta1") == str(case["adler32"])


YOUNGER = [
    pytest.param({"hostUsers": False}, id="hostUsers"),
    pytest.param(
        {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "minDomains": 2}]}, id="minDomains"
    ),
    pytest.param({"containers": [{"name": "c", "livenessProbe": {"grpc": {"port": 1}}}]}, id="grpc"),
]


@pytest.mark.parametrize("spec", YOUNGER)
def test_a_younger_field_changes_the_hash_if_it_is_set(spec: dict[str, Any]) -> None:
    template = default_template({"spec": spec})
    assert template_hash(template) != template_hash(_without_younger(template))


def test_a_younger_field_that_is_null_or_empty_changes_nothing() -> None:
    plain, empty = {"spec": {"containers": []}}, {"spec": {"containers": [], "os": None, "resourceClaims": []}}
    assert spew(default_template(empty), "v1") == spew(default_template(plain), "v1")


def _without_younger(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_younger(each) for key, each in value.items() if key not in ("hostUsers", "minDomains", "grpc")
        }
    return [_without_younger(each) for each in value] if isinstance(value, list) else value


OLD_FIELDS = [
    pytest.param(
        {"volumes": [{"name": "v", "secret": {"secretName": "s"}}]},
        "Volumes:([]api.Volume)[{Name:(string)v VolumeSource:(api.VolumeSource){",
        "Secret:(*api.SecretVolumeSource){SecretName:(string)s Items:([]api.KeyToPath)<nil> DefaultMode:(*int32)420}",
        id="a volume",
    ),
    pytest.param(
        {"hostNetwork": True},
        "SecurityContext:(*api.PodSecurityContext){HostNetwork:(bool)true HostPID:(bool)false",
        "ServiceAccountName:(string) NodeName:(string) SecurityContext:",
        id="the host's network is in the security context",
    ),
    pytest.param(
        {"containers": [{"name": "c", "resources": {"limits": {"cpu": "1"}}}]},
        "Resources:(api.ResourceRequirements){Limits:(api.ResourceList)map[cpu:{i:(resource.int64Amount){value:(int64)1 ",
        "ImagePullPolicy:(api.PullPolicy)IfNotPresent SecurityContext:(*api.SecurityContext)<nil>",
        id="resources",
    ),
]


@pytest.mark.parametrize(("spec", "first", "second"), OLD_FIELDS)
def test_the_internal_structs_of_old_by_construction(spec: dict[str, Any], first: str, second: str) -> None:
    text = spew(default_template({"spec": spec}), "api")
    assert first in text
    assert second in text


def test_what_defaulting_writes_into_younger_fields_is_not_in_an_old_hash() -> None:
    text = spew(default_template({"spec": {"containers": [{"name": "c", "image": "nginx:1"}]}}), "api")
    assert "schedulerName" not in text
    assert "terminationMessagePolicy" not in text
