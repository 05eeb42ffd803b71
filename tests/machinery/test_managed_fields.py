"""Who owns which field after a write, against what the real server wrote down."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from cluster.machinery import schemas
from cluster.machinery.fields import FieldSet, from_fields_v1, parse
from cluster.machinery.managed_fields import after_update

UPDATES = json.loads((Path(__file__).parents[1] / "golden" / "ownership.json").read_text())["updates"]
DEPLOYMENT = schemas.definition("apps", "v1", "Deployment")
NOW = "2026-11-24T10:00:00Z"


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in UPDATES])
def test_a_recorded_write_leaves_the_recorded_owners(case: dict[str, Any]) -> None:
    before, expected = case["before"], case["after"]["metadata"]["managedFields"]
    new = copy.deepcopy(case["after"])
    new["metadata"]["managedFields"] = before["metadata"]["managedFields"] if before else []
    times = [entry["time"] for entry in expected if entry["manager"] == case["manager"]]
    written = after_update(
        before,
        new,
        schema=schemas.definition_of(new),
        manager=case["manager"],
        api_version=new["apiVersion"],
        now=times[0] if times else "never",
    )
    assert written == expected
    assert json.dumps(written) == json.dumps(expected), "the order of keys too"


def deployment(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "uid": "1"}, "spec": spec}


def written(live: Any, new: Any, manager: str, *, now: str = NOW, **more: Any) -> Any:
    entries = after_update(live, new, schema=DEPLOYMENT, manager=manager, api_version="apps/v1", now=now, **more)
    return {**new, "metadata": {**new["metadata"], "managedFields": entries}}


def owned(manifest: Any, manager: str) -> FieldSet:
    found = [entry for entry in manifest["metadata"]["managedFields"] if entry["manager"] == manager]
    return from_fields_v1(found[0]["fieldsV1"]) if found else frozenset()


def test_who_changes_a_field_takes_it_and_who_doesnt_change_it_takes_nothing() -> None:
    created = written(None, deployment(replicas=1, paused=True), "creator")
    scaled = written(created, {**created, "spec": {"replicas": 2, "paused": True}}, "scaler")
    again = written(scaled, copy.deepcopy(scaled), "reader", now="later")
    assert owned(again, "creator") == {parse("spec.paused")}
    assert owned(again, "scaler") == {parse("spec.replicas")}
    assert again["metadata"]["managedFields"] == scaled["metadata"]["managedFields"]


def test_a_removed_field_has_no_owner_and_an_owner_of_nothing_is_forgotten() -> None:
    created = written(None, deployment(replicas=1), "creator")
    paused = written(created, {**created, "spec": {"replicas": 1, "paused": True}}, "pauser")
    resumed = written(paused, {**paused, "spec": {"replicas": 1}}, "resumer")
    assert [entry["manager"] for entry in resumed["metadata"]["managedFields"]] == ["creator"]


def test_a_subresource_is_a_manager_of_its_own() -> None:
    created = written(None, deployment(replicas=1), "kubectl")
    scaled = written(created, {**created, "spec": {"replicas": 4}}, "kubectl", subresource="scale")
    (entry,) = scaled["metadata"]["managedFields"]
    assert (entry["subresource"], entry["fieldsV1"]) == ("scale", {"f:spec": {"f:replicas": {}}})


def test_fields_that_the_endpoint_resets_are_not_taken() -> None:
    new = {**deployment(replicas=1), "status": {"replicas": 7}}
    entries = written(None, new, "creator", ignored=frozenset({parse("status")}))["metadata"]["managedFields"]
    assert [list(entry["fieldsV1"]) for entry in entries] == [["f:spec"]]


def test_a_replacement_without_status_leaves_the_status_to_its_owner() -> None:
    live = written(None, {**deployment(replicas=1), "status": {"replicas": 1}}, "controller")
    new = {key: value for key, value in live.items() if key != "status"}
    kept = written(live, new, "replacer", ignored=frozenset({parse("status")}))
    assert parse("status.replicas") in owned(kept, "controller")


def test_the_request_may_write_managed_fields_itself() -> None:
    created = written(None, deployment(replicas=1), "creator")
    given = [{**created["metadata"]["managedFields"][0], "manager": "renamed"}]
    renamed = written(created, {**created, "metadata": {**created["metadata"], "managedFields": given}}, "admin")
    assert owned(renamed, "renamed") == {parse("spec.replicas")}
    reset = written(created, {**created, "metadata": {**created["metadata"], "managedFields": [{}]}}, "admin")
    assert reset["metadata"]["managedFields"] == []


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([{"manager": "x", "operation": "Frob"}], id="unknown operation"),
        pytest.param([7], id="a number"),
        pytest.param([{"manager": "x", "operation": "Update", "fieldsV1": {"zz": {}}}], id="no path"),
        pytest.param([{"manager": "x", "operation": "Update", "fieldsV1": {"f:spec": 7}}], id="no tree"),
    ],
)
def test_managed_fields_that_cant_be_read_change_nothing(given: list[Any]) -> None:
    created = written(None, deployment(replicas=1), "creator")
    new = {**created, "metadata": {**created["metadata"], "managedFields": given}}
    assert owned(written(created, new, "admin"), "creator") == {parse("spec.replicas")}


def test_an_object_whose_owners_were_forgotten_stays_without_until_it_is_applied() -> None:
    plain = deployment(replicas=1)
    assert written(plain, deployment(replicas=2), "scaler")["metadata"]["managedFields"] == []


def test_the_oldest_of_many_updaters_are_summed_up() -> None:
    live = written(None, deployment(replicas=0), "creator", now="2026-01-01T00:00:00Z")
    for number in range(12):
        labels = {**live["metadata"].get("labels", {}), f"l{number}": "x"}
        new = {**live, "metadata": {**live["metadata"], "labels": labels}}
        live = written(live, new, f"m{number:02}", now=f"2026-01-01T00:01:{number:02}Z")
    managers = [entry["manager"] for entry in live["metadata"]["managedFields"]]
    assert managers == ["ancient-changes", *(f"m{number:02}" for number in range(3, 12))]
    assert parse("spec.replicas") in owned(live, "ancient-changes")
    assert parse("metadata.labels.l2") in owned(live, "ancient-changes")
