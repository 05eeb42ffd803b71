"""What a CustomResourceDefinition defines is served: routes, discovery, schemas, validation, columns; and goes with it."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster import models
from cluster.api import served
from cluster.api.kinds import MODERN, SERVED
from cluster.writing import clusters
from tests.api.conftest import Api
from tests.api.kept.test_custom import DEFINITION
from tests.spaces import DEFAULT

pytestmark = pytest.mark.usefixtures("cluster")
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
BACKUPS = "/apis/example.com/v1/namespaces/default/backups"
MERGE, APPLY = "application/merge-patch+json", "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.fixture
def defined(api: Api) -> Api:
    answer = api("POST", DEFINITIONS, DEFINITION)
    assert answer.status_code == 201, answer.content
    return api


def backup(name: str = "nightly", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Backup",
        "metadata": {"name": name},
        "spec": {"schedule": "0 1 * * *", **spec},
    }


def conditions(definition: Any) -> dict[str, str]:
    return {each["type"]: each["status"] for each in definition["status"]["conditions"]}


def test_a_definition_is_established_and_discovered(defined: Api) -> None:
    assert conditions(defined.get(f"{DEFINITIONS}/backups.example.com")) == {
        "NamesAccepted": "True",
        "Established": "True",
    }
    assert "example.com" in [each["name"] for each in defined.get("/apis")["groups"]]
    found = {each["name"]: each for each in defined.get("/apis/example.com/v1")["resources"]}
    assert (found["backups"]["shortNames"], "backups/status" in found) == (["bk"], True)
    assert "com.example.v1.Backup" in defined.get("/openapi/v3/apis/example.com/v1")["components"]["schemas"]


def test_kubectl_apply_reads_that_a_custom_kind_is_merged_without_a_strategy(defined: Api) -> None:
    paths = defined.get("/openapi/v3/apis/example.com/v1")["paths"]
    patching = paths["/apis/example.com/v1/namespaces/{namespace}/backups/{name}"]["patch"]
    assert list(patching["requestBody"]["content"]) == ["application/json-patch+json", MERGE, APPLY]


def test_objects_are_pruned_defaulted_and_validated(defined: Api) -> None:
    answer = defined("POST", f"{BACKUPS}?fieldManager=me", backup(unknown=1))
    assert answer.status_code == 201
    assert answer["Warning"] == '299 - "unknown field \\"spec.unknown\\""'
    made = answer.json()
    assert made["spec"] == {"schedule": "0 1 * * *", "keep": 3, "mode": "full"}
    assert made["metadata"]["generation"] == 1
    assert "f:schedule" in made["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]
    refused = defined("POST", BACKUPS, backup("other", keep=99)).json()
    assert refused["message"] == (
        'Backup.example.com "other" is invalid: spec.keep: Invalid value: 99: spec.keep in body should be less than or equal to 9'
    )
    strict = defined("POST", f"{BACKUPS}?fieldValidation=Strict", backup("third", unknown=1))
    assert (strict.status_code, 'unknown field "spec.unknown"' in strict.json()["message"]) == (400, True)


def test_objects_are_listed_patched_applied_and_deleted(defined: Api) -> None:
    defined("POST", BACKUPS, backup())
    patched = defined("PATCH", f"{BACKUPS}/nightly", {"spec": {"keep": 5}}, MERGE).json()
    assert (patched["spec"]["keep"], patched["metadata"]["generation"]) == (5, 2)
    assert defined("PATCH", f"{BACKUPS}/nightly", {}, "application/strategic-merge-patch+json").status_code == 415
    applied = defined("PATCH", f"{BACKUPS}/nightly?fieldManager=a&force=true", backup(keep=7), APPLY).json()
    assert applied["spec"]["keep"] == 7
    found = defined.get("/apis/example.com/v1/backups")
    assert (found["kind"], [each["metadata"]["name"] for each in found["items"]]) == ("BackupList", ["nightly"])
    assert defined("DELETE", f"{BACKUPS}/nightly").status_code == 200
    assert defined.get(BACKUPS)["items"] == []


def test_a_status_has_its_own_endpoint(defined: Api) -> None:
    defined("POST", BACKUPS, backup() | {"status": {"phase": "lost"}})
    ready = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}, "spec": {"keep": 9}}
    found = defined("PATCH", f"{BACKUPS}/nightly/status", ready, MERGE).json()
    assert (found["status"], found["spec"]["keep"]) == (ready["status"], 3)
    kept = defined("PATCH", f"{BACKUPS}/nightly", {"status": {"phase": "x"}}, MERGE).json()
    assert kept["status"] == ready["status"]


def test_columns_are_those_of_the_definition(defined: Api) -> None:
    defined("POST", BACKUPS, backup())
    found = defined.get(BACKUPS, Accept=TABLE)
    assert [each["name"] for each in found["columnDefinitions"]] == ["Name", "Schedule", "Ready", "Keep", "Age"]
    assert found["rows"][0]["cells"][:4] == ["nightly", "0 1 * * *", None, 3]


def test_each_served_version_shows_the_same_object(defined: Api) -> None:
    defined("POST", BACKUPS, backup())
    old = defined.get(BACKUPS.replace("/v1/", "/v1beta1/") + "/nightly")
    assert (old["apiVersion"], old["metadata"]["uid"]) == (
        "example.com/v1beta1",
        defined.get(f"{BACKUPS}/nightly")["metadata"]["uid"],
    )


def test_a_definitions_objects_go_with_it(defined: Api) -> None:
    defined("POST", BACKUPS, backup())
    assert defined("DELETE", f"{DEFINITIONS}/backups.example.com").status_code == 200
    assert not models.KeptObject.objects.filter(resource="backups.example.com").exists()
    gone = models.Change.objects.filter(verb="DELETED", name="nightly").get()
    assert gone.kind.startswith("~")
    assert defined("GET", BACKUPS).status_code == 404


def test_a_definition_waits_for_an_object_that_is_held(defined: Api) -> None:
    held = backup()
    held["metadata"]["finalizers"] = ["example.com/held"]
    defined("POST", BACKUPS, held)
    defined("DELETE", f"{DEFINITIONS}/backups.example.com")
    found = defined.get(f"{DEFINITIONS}/backups.example.com")
    assert conditions(found)["Terminating"] == "True"
    assert found["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    refused = defined("POST", BACKUPS, backup("late"))
    assert (refused.status_code, refused.json()["message"]) == (
        405,
        "create not allowed while custom resource definition is terminating",
    )
    defined("PATCH", f"{BACKUPS}/nightly", {"metadata": {"finalizers": None}}, MERGE)
    assert defined("GET", f"{DEFINITIONS}/backups.example.com").status_code == 404


def test_a_name_that_another_has_is_not_accepted(defined: Api) -> None:
    names = {"plural": "copies", "kind": "Copy", "shortNames": ["bk"]}
    second = {**DEFINITION, "metadata": {"name": "copies.example.com"}, "spec": {**DEFINITION["spec"], "names": names}}
    found = defined("POST", DEFINITIONS, second).json()
    assert conditions(found) == {"NamesAccepted": "False", "Established": "False"}
    assert found["status"]["conditions"][0]["message"] == '"bk" is already in use'
    assert defined("GET", "/apis/example.com/v1/namespaces/default/copies").status_code == 404


def test_a_kind_may_have_the_name_of_a_built_in_one(api: Api) -> None:
    names = {"plural": "services", "kind": "Service"}
    spec = {**DEFINITION["spec"], "names": names}
    api("POST", DEFINITIONS, {**DEFINITION, "metadata": {"name": "services.example.com"}, "spec": spec})
    body = {**backup(), "kind": "Service"}
    assert api("POST", BACKUPS.replace("backups", "services"), body).status_code == 201
    assert [each["metadata"]["name"] for each in api.get("/api/v1/services")["items"]] == ["kubernetes"]
    recorded = models.Change.objects.filter(kind="Service").values_list("name", flat=True)
    assert set(recorded) <= {"kubernetes"}


def test_clusters_have_their_own_kinds(defined: Api) -> None:
    clusters.create("other")
    assert defined("GET", "/clusters/other/apis/example.com/v1").status_code == 404
    assert served.table_of("other") is MODERN
    defined("DELETE", f"{DEFINITIONS}/backups.example.com")
    assert served.table_of(DEFAULT.cluster) is SERVED


def test_a_table_is_made_once_for_what_has_not_changed(defined: Api) -> None:
    first = served.table_of(DEFAULT.cluster)
    assert served.table_of(DEFAULT.cluster) is first
    defined("PATCH", f"{DEFINITIONS}/backups.example.com", {"metadata": {"labels": {"a": "b"}}}, MERGE)
    assert served.table_of(DEFAULT.cluster) is not first


@pytest.mark.parametrize(
    ("path", "with_switch", "without"),
    [
        pytest.param("/apis/extensions/v1beta1/namespaces/default/deployments", 200, 404, id="extensions"),
        pytest.param("/apis/apps/v1beta1", 200, 404, id="discovery of apps"),
        pytest.param("/apis/apps/v1/namespaces/default/deployments", 200, 200, id="today's"),
    ],
)
def test_old_versions_are_a_switch_of_the_cluster(api: Api, path: str, with_switch: int, without: int) -> None:
    assert api("GET", path).status_code == with_switch
    models.Cluster.objects.update(old_versions=False)
    assert api("GET", path).status_code == without
    listed = {each["name"] for each in api.get("/apis")["groups"]}
    assert "extensions" not in listed


def test_no_role_but_the_clusters_admin_reaches_custom_objects(defined: Api, member: Callable[[str], Api]) -> None:
    """As upstream, where a definition comes with roles of its own."""
    defined("POST", BACKUPS, backup())
    assert [member(role)("GET", BACKUPS).status_code for role in ("default:view", "default:edit", "default:admin")] == [
        403
    ] * 3


def test_a_scale_is_where_the_definition_says(api: Api) -> None:
    version = {**DEFINITION["spec"]["versions"][1]}
    assert version["storage"]
    version["subresources"] = {
        "status": {},
        "scale": {"specReplicasPath": ".spec.keep", "statusReplicasPath": ".status.kept"},
    }
    made = api("POST", DEFINITIONS, {**DEFINITION, "spec": {**DEFINITION["spec"], "versions": [version]}})
    assert made.status_code == 201, made.content
    api("POST", BACKUPS, backup())
    found = api.get(f"{BACKUPS}/nightly/scale")
    assert (found["kind"], found["spec"], found["status"]) == ("Scale", {"replicas": 3}, {"replicas": 0})
    patched = api("PATCH", f"{BACKUPS}/nightly/scale", {"spec": {"replicas": 5}}, MERGE).json()
    assert (patched["spec"]["replicas"], api.get(f"{BACKUPS}/nightly")["spec"]["keep"]) == (5, 5)


def test_a_custom_kind_named_pod_is_no_pod(api: Api, book: None) -> None:  # noqa: ARG001
    names = {"plural": "pods", "singular": "pod", "kind": "Pod", "listKind": "PodList"}
    definition = {
        **DEFINITION,
        "metadata": {"name": "pods.example.com"},
        "spec": {**DEFINITION["spec"], "names": names},
    }
    assert api("POST", DEFINITIONS, definition).status_code == 201
    pods = "/apis/example.com/v1/namespaces/default/pods"
    name = api.get("/api/v1/namespaces/default/pods")["items"][0]["metadata"]["name"]
    custom = {**backup(name), "kind": "Pod"}
    assert api("POST", pods, custom).status_code == 201
    assert [each["spec"]["schedule"] for each in api.get(pods)["items"]] == ["0 1 * * *"]
    status = {"status": {"phase": "Failed"}}
    assert api("PATCH", f"{pods}/{name}/status", status, MERGE).status_code == 200
    assert api.get(f"/api/v1/namespaces/default/pods/{name}")["status"]["phase"] == "Running"
