"""Server-side apply: against kubectl's recordings, and the rules of ownership."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from cluster.core.manifests.defaults import default_deployment
from cluster.machinery import schemas
from cluster.machinery.apply import ApplyConflict, apply
from cluster.machinery.fields import from_fields_v1, parse
from cluster.machinery.last_applied import LAST_APPLIED, text_of
from cluster.machinery.managed_fields import after_update
from cluster.machinery.strategic import BadPatch

Json = dict[str, Any]

RECORDED = json.loads((Path(__file__).parents[1] / "golden" / "ownership.json").read_text())["applies"]
DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")
NOW, LATER = "2026-11-24T10:00:00Z", "2026-11-24T10:00:05Z"
CONTROLLER, REVISION = "kube-controller-manager", "deployment.kubernetes.io/revision"


def settled(manifest: Json) -> list[Any]:
    """Labels, annotations but the controller's, and the spec without what version 1.20 writes as null."""
    spec = copy.deepcopy(manifest["spec"])
    spec["template"]["metadata"].pop("creationTimestamp", None)
    annotations = {key: value for key, value in manifest["metadata"].get("annotations", {}).items() if key != REVISION}
    return [manifest["metadata"]["labels"], annotations, spec]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in RECORDED])
def test_a_recorded_apply_gives_the_recorded_object_and_owners(case: Json) -> None:
    before = copy.deepcopy(case["before"])
    expected = case["after"]
    applied = apply(
        before,
        case["config"],
        schema=DEPLOYMENT,
        manager=case["manager"],
        now="2026-11-23T07:20:42Z",
        force=case["force"],
    )
    # Between reading and applying, the controller had written its status.
    owners = [
        [entry for entry in manifest["metadata"]["managedFields"] if entry["manager"] != CONTROLLER]
        for manifest in (applied, expected)
    ]
    assert owners[0] == owners[1]
    assert settled(default_deployment(applied)) == settled(expected)
    assert before == case["before"], "the object that was read is left alone"


def config(**spec: Any) -> Json:
    metadata = {"name": "web", "namespace": "default"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def containers(*items: Json) -> Json:
    return {"template": {"spec": {"containers": list(items)}}}


def applied(live: Json | None, wanted: Json, manager: str, *, now: str = NOW, **more: Any) -> Json:
    return apply(live, wanted, schema=DEPLOYMENT, manager=manager, now=now, **more)


def updated(live: Json | None, new: Json, manager: str, *, now: str = NOW) -> Json:
    entries = after_update(live, new, schema=DEPLOYMENT, manager=manager, api_version="apps/v1", now=now)
    return {**new, "metadata": {**new["metadata"], "managedFields": entries}}


def owners_of(manifest: Json, path: str) -> list[str]:
    entries = manifest["metadata"]["managedFields"]
    return [entry["manager"] for entry in entries if parse(path) in from_fields_v1(entry["fieldsV1"])]


def test_an_applier_owns_what_it_says() -> None:
    live = applied(None, config(replicas=2, paused=True), "ci")
    assert live["spec"] == {"replicas": 2, "paused": True}
    assert owners_of(live, "spec.replicas") == ["ci"]
    (entry,) = live["metadata"]["managedFields"]
    assert (entry["operation"], entry["apiVersion"], entry["time"]) == ("Apply", "apps/v1", NOW)


def test_two_appliers_that_agree_share_a_field() -> None:
    live = applied(applied(None, config(replicas=2), "ci"), config(replicas=2), "ops")
    assert owners_of(live, "spec.replicas") == ["ci", "ops"]


def test_a_conflict_names_the_owner_and_the_field() -> None:
    live = updated(None, config(replicas=1), "kubectl-set")
    with pytest.raises(ApplyConflict) as refusal:
        applied(live, config(replicas=2), "ci")
    expected = 'Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: .spec.replicas'
    assert refusal.value.message == expected
    assert refusal.value.causes == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl-set" using apps/v1',
            "field": ".spec.replicas",
        }
    ]


def test_several_conflicts_are_listed_by_manager() -> None:
    one = containers({"name": "nginx", "image": "nginx:1"})
    live = applied(None, config(paused=True, **one), "ops")
    live = updated(live, {**live, "spec": {**live["spec"], "replicas": 1}}, "kubectl-scale")
    wanted = config(paused=False, replicas=2, **containers({"name": "nginx", "image": "nginx:2"}))
    with pytest.raises(ApplyConflict) as refusal:
        applied(live, wanted, "ci")
    assert refusal.value.message == (
        'Apply failed with 3 conflicts: conflicts with "kubectl-scale" using apps/v1:\n- .spec.replicas\n'
        'conflicts with "ops":\n- .spec.paused\n- .spec.template.spec.containers[name="nginx"].image'
    )
    assert [cause["field"] for cause in refusal.value.causes] == [
        ".spec.replicas",
        ".spec.paused",
        '.spec.template.spec.containers[name="nginx"].image',
    ]


def test_a_subresource_is_named_in_the_conflict() -> None:
    live = applied(None, config(replicas=1), "hpa", subresource="scale")
    with pytest.raises(ApplyConflict, match='conflict with "hpa" with subresource "scale": .spec.replicas'):
        applied(live, config(replicas=2), "ci")


def test_force_takes_the_field_away_from_its_owner() -> None:
    live = updated(None, config(replicas=1, paused=True), "kubectl-set")
    live = applied(live, config(replicas=2), "ci", force=True)
    assert live["spec"] == {"replicas": 2, "paused": True}
    assert (owners_of(live, "spec.replicas"), owners_of(live, "spec.paused")) == (["ci"], ["kubectl-set"])


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        pytest.param(config(replicas=2, paused=True), config(replicas=2), {"replicas": 2}, id="a field"),
        pytest.param(
            config(**containers({"name": "a", "image": "x"}, {"name": "b", "image": "y"})),
            config(**containers({"name": "b", "image": "y"})),
            containers({"name": "b", "image": "y"}),
            id="an element of a list",
        ),
        pytest.param(
            config(strategy={"rollingUpdate": {"maxSurge": 1}}), config(replicas=1), {"replicas": 1}, id="a struct"
        ),
        pytest.param(
            config(template={"metadata": {"labels": {"a": "1", "b": "2"}}}),
            config(template={"metadata": {"labels": {"a": "1"}}}),
            {"template": {"metadata": {"labels": {"a": "1"}}}},
            id="a label",
        ),
        pytest.param(
            config(selector={"matchLabels": {"a": "1", "b": "2"}}),
            config(selector={"matchLabels": {"a": "1"}}),
            {"selector": {"matchLabels": {"a": "1"}}},
            id="part of an atomic map",
        ),
    ],
)
def test_what_the_applier_no_longer_says_goes(first: Json, then: Json, expected: Json) -> None:
    live = applied(applied(None, first, "ci"), then, "ci", now=LATER)
    assert live["spec"] == expected


def test_what_somebody_else_says_too_stays() -> None:
    both = applied(applied(None, config(replicas=2, paused=True), "ci"), config(paused=True), "ops")
    live = applied(both, config(replicas=2), "ci")
    assert (live["spec"]["paused"], owners_of(live, "spec.paused")) == (True, ["ops"])


def test_a_default_that_nobody_owns_stays() -> None:
    live = applied(None, config(paused=True, **containers({"name": "a", "image": "x"})), "ci")
    live["spec"]["replicas"] = 1
    live["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = "Always"
    live = applied(live, config(**containers({"name": "a"})), "ci")
    assert live["spec"] == {"replicas": 1, **containers({"name": "a", "imagePullPolicy": "Always"})}


def test_what_an_update_has_changed_since_stays() -> None:
    live = applied(None, config(replicas=2, minReadySeconds=3), "ci")
    live = updated(live, {**live, "spec": {**live["spec"], "minReadySeconds": 9}}, "editor")
    live = applied(live, config(replicas=2), "ci")
    assert (live["spec"]["minReadySeconds"], owners_of(live, "spec.minReadySeconds")) == (9, ["editor"])


def test_an_element_that_another_has_added_to_stays_with_what_is_theirs() -> None:
    first = config(**containers({"name": "a", "image": "x"}, {"name": "side", "image": "s", "tty": True}))
    live = applied(None, first, "ci")
    side = {"name": "side", "stdin": True}
    live = applied(live, config(**containers(side)), "mesh")
    live = applied(live, config(**containers({"name": "a", "image": "x"})), "ci", now=LATER)
    assert live["spec"]["template"]["spec"]["containers"] == [{"name": "a", "image": "x"}, side]


def test_elements_of_others_keep_their_place() -> None:
    live = updated(None, config(**containers({"name": "a"}, {"name": "b"}, {"name": "c"})), "editor")
    wanted = containers({"name": "d"}, {"name": "c", "tty": True}, {"name": "b", "tty": True})
    live = applied(live, config(**wanted), "ci")
    names = [item["name"] for item in live["spec"]["template"]["spec"]["containers"]]
    assert names == ["a", "d", "c", "b"]


def test_ports_are_told_apart_by_number_and_protocol_with_its_default() -> None:
    udp = {"containerPort": 53, "protocol": "UDP"}
    live = updated(None, config(**containers({"name": "a", "ports": [{"containerPort": 53}, udp]})), "editor")
    named = {"containerPort": 53, "name": "dns"}
    live = applied(live, config(**containers({"name": "a", "ports": [named]})), "ci")
    assert live["spec"]["template"]["spec"]["containers"][0]["ports"] == [named, udp]


def test_applying_the_same_again_changes_nothing_not_even_the_time() -> None:
    live = applied(None, config(replicas=2), "ci")
    assert applied(live, config(replicas=2), "ci", now=LATER) == live
    changed = applied(live, config(replicas=3), "ci", now=LATER)
    assert changed["metadata"]["managedFields"][0]["time"] == LATER


def test_what_was_there_before_the_first_apply_has_an_owner() -> None:
    with pytest.raises(ApplyConflict, match='conflict with "before-first-apply" using apps/v1: .spec.replicas'):
        applied(config(replicas=1), config(replicas=2), "ci")


def test_a_status_in_the_configuration_is_left_out_where_the_endpoint_resets_it() -> None:
    wanted = {**config(replicas=1), "status": {"replicas": 7}}
    live = applied(None, wanted, "ci", ignored=frozenset({parse("status")}))
    assert ("status" in live, owners_of(live, "status.replicas")) == (False, [])


def client_applied(image: str) -> Json:
    wanted = config(**containers({"name": "a", "image": image}))
    noted = copy.deepcopy(wanted)
    noted["metadata"]["annotations"] = {LAST_APPLIED: text_of(wanted)}
    return updated(None, noted, "kubectl-client-side-apply")


def test_kubectl_may_go_on_where_its_client_side_apply_left_off() -> None:
    wanted = config(**containers({"name": "a", "image": "new"}))
    live = applied(client_applied("old"), wanted, "kubectl")
    assert live["spec"] == wanted["spec"]
    assert json.loads(live["metadata"]["annotations"][LAST_APPLIED]) == wanted


@pytest.mark.parametrize("manager", ["kubectl", "ci"])
def test_a_field_changed_since_or_another_manager_is_still_a_conflict(manager: str) -> None:
    live = client_applied("old")
    if manager == "kubectl":
        live = updated(live, {**live, "spec": containers({"name": "a", "image": "edited"})}, "kubectl-edit")
    with pytest.raises(ApplyConflict, match="1 conflict"):
        applied(live, config(**containers({"name": "a", "image": "new"})), manager)


@pytest.mark.parametrize(
    ("live", "wanted", "message"),
    [
        pytest.param(
            None,
            {**config(), "metadata": {"name": "web", "managedFields": [{"manager": "x"}]}},
            "metadata.managedFields must be nil",
            id="managedFields given",
        ),
        pytest.param(
            config(),
            {**config(), "apiVersion": "apps/v1beta1"},
            "Incorrect version specified in apply patch. Specified patch version: apps/v1beta1, expected: apps/v1",
            id="another version",
        ),
        pytest.param(
            None,
            config(replica=3),
            "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): "
            ".spec.replica: field not declared in schema",
            id="unknown field",
        ),
        pytest.param(
            None,
            config(**containers({"image": "x"})),
            "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): "
            ".spec.template.spec.containers: element 0: associative list with keys has an element that omits key field"
            ' "name" (and doesn\'t have default value)',
            id="element without its key",
        ),
        pytest.param(
            None,
            config(**containers({"name": "a"}, {"name": "a"})),
            "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): "
            '.spec.template.spec.containers: duplicate entries for key [name="a"]',
            id="element given twice",
        ),
        pytest.param(
            None,
            config(**containers("a")),  # type: ignore[arg-type]
            "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): "
            ".spec.template.spec.containers: element 0: expected map, got 'a'",
            id="element is no object",
        ),
    ],
)
def test_a_configuration_that_cant_be_read_is_refused(live: Json | None, wanted: Json, message: str) -> None:
    with pytest.raises(BadPatch) as refusal:
        applied(live, wanted, "ci")
    assert refusal.value.message == message
