"""Writes of every kind: what is stored, what is answered, and what the controllers make of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from cluster import models
from cluster.api import kinds, lists
from cluster.api.auth import tokens
from cluster.records import journal
from tests.api.conftest import Api, Work, manifest
from tests.spaces import DEFAULT, demo

pytestmark = pytest.mark.usefixtures("cluster")
V1 = "/api/v1/namespaces/default"
APPS = "/apis/apps/v1/namespaces/default"
MERGE, JSON_PATCH, STRATEGIC = (
    "application/merge-patch+json", "application/json-patch+json", "application/strategic-merge-patch+json",
)  # fmt: skip
APPLY = "application/apply-patch+yaml"
BOOK = "nginx-deployment"


@pytest.fixture(autouse=True)
def at_once(cluster: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")


def pod(name: str = "solo", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, **metadata},
        "spec": {"containers": [{"name": "c", "image": "nginx:1"}]},
    }


def replicaset(name: str = "bare", replicas: int = 2) -> dict[str, Any]:
    return {**manifest(name, replicas=replicas), "kind": "ReplicaSet"}


def names(api: Api, path: str) -> set[str]:
    return {each["metadata"]["name"] for each in api.get(path)["items"]}


def test_a_bare_pod_runs_and_stops(api: Api, work: Work) -> None:
    made = api("POST", f"{V1}/pods", pod(labels={"run": "solo"}))
    assert (made.status_code, made.json()["status"]["phase"]) == (201, "Pending")
    assert made.json()["spec"]["enableServiceLinks"] is True
    work()
    running = api.get(f"{V1}/pods/solo")
    assert running["status"]["phase"] == "Running"
    assert "ownerReferences" not in running["metadata"]
    asked = api("DELETE", f"{V1}/pods/solo", {"gracePeriodSeconds": 3}).json()
    assert asked["metadata"]["deletionGracePeriodSeconds"] == 3
    work()
    assert api("GET", f"{V1}/pods/solo").status_code == 404


def test_a_collection_is_deleted_though_one_object_has_gone_since_it_was_listed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        api("POST", f"{V1}/configmaps", {"metadata": {"name": name}})
    listed = lists.listed

    def listed_before(*arguments: Any, **named: Any) -> Any:
        found = listed(*arguments, **named)
        models.KeptObject.objects.filter(name="one").delete()
        return found

    monkeypatch.setattr(lists, "listed", listed_before)
    answer = api("DELETE", f"{V1}/configmaps")
    assert (answer.status_code, {each["metadata"]["name"] for each in answer.json()["items"]} >= {"one", "two"}) == (
        200,
        True,
    )
    assert not models.KeptObject.objects.filter(name__in=("one", "two")).exists()


def test_a_pod_that_is_deleted_by_force_is_gone_at_once(api: Api, work: Work) -> None:
    models.ImageBehaviour.objects.update(stop_seconds=30.0)
    api("POST", f"{V1}/pods", pod())
    work()
    assert api("DELETE", f"{V1}/pods/solo?gracePeriodSeconds=0").status_code == 200
    assert not models.Pod.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"metadata": {"labels": {"a": "1"}}}, 200, id="labels"),
        pytest.param({"spec": {"containers": [{"name": "c", "image": "nginx:2"}]}}, 200, id="image"),
        pytest.param({"spec": {"hostname": "other"}}, 422, id="anything else"),
    ],
)
def test_what_of_a_pod_can_change(api: Api, work: Work, change: dict[str, Any], code: int) -> None:
    api("POST", f"{V1}/pods", pod())
    work()
    answer = api("PATCH", f"{V1}/pods/solo", change, STRATEGIC)
    assert answer.status_code == code, answer.json()
    if code == 422:
        assert "pod updates may not change fields other than" in answer.json()["message"]


def test_a_pod_that_waits_for_a_node_is_replaced_by_its_own_manifest(api: Api) -> None:
    made = api("POST", f"{V1}/pods", pod()).json()
    labelled = api("PUT", f"{V1}/pods/solo", pod(labels={"a": "1"}))
    assert (labelled.status_code, labelled.json()["metadata"]["labels"]) == (200, {"a": "1"})
    assert labelled.json()["spec"] == made["spec"]


def test_a_pod_on_a_node_stays_there(api: Api, work: Work) -> None:
    api("POST", f"{V1}/pods", pod())
    work()
    answer = api("PUT", f"{V1}/pods/solo", pod())
    assert (answer.status_code, "pod updates may not change" in answer.json()["message"]) == (422, True)


@pytest.mark.parametrize("spec", [pytest.param(None, id="null"), pytest.param({}, id="empty")])
def test_a_pod_needs_its_spec_when_it_is_replaced(api: Api, spec: Any) -> None:
    api("POST", f"{V1}/pods", pod())
    answer = api("PUT", f"{V1}/pods/solo", {**pod(), "spec": spec}).json()
    assert (answer["code"], "spec.containers: Required value" in answer["message"]) == (422, True)


SHORT, LONG = {"activeDeadlineSeconds": 60}, {"activeDeadlineSeconds": 600}
MINE = {"key": "mine", "operator": "Exists"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({}, SHORT, None, id="a deadline comes"),
        pytest.param(LONG, SHORT, None, id="a deadline comes nearer"),
        pytest.param(
            SHORT,
            LONG,
            "spec.activeDeadlineSeconds: Invalid value: 600: must be less than or equal to previous value",
            id="a deadline moves away",
        ),
        pytest.param(
            SHORT,
            {},
            'spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer to nil value',
            id="a deadline goes",
        ),
        pytest.param({}, {"tolerations": [MINE]}, None, id="a toleration comes"),
        pytest.param(
            {"tolerations": [MINE]},
            {"tolerations": [{**MINE, "effect": "NoExecute"}]},
            "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
            id="a toleration is another",
        ),
        pytest.param(
            {"tolerations": [MINE]},
            {},
            "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
            id="a toleration goes",
        ),
        pytest.param(
            {},
            {"containers": [{"name": "c", "image": "nginx:1"}, {"name": "d", "image": "nginx:1"}]},
            "spec.containers: Forbidden: pod updates may not add or remove containers",
            id="a container comes",
        ),
        pytest.param(
            {}, {"terminationGracePeriodSeconds": 1}, "pod updates may not change fields", id="another grace period"
        ),
    ],
)
def test_how_a_pods_spec_can_change(api: Api, old: Any, new: Any, expected: str | None) -> None:
    manifest = pod()
    assert api("POST", f"{V1}/pods", {**manifest, "spec": {**manifest["spec"], **old}}).status_code == 201
    answer = api("PUT", f"{V1}/pods/solo", {**manifest, "spec": {**manifest["spec"], **new}})
    if expected is None:
        assert answer.status_code == 200, answer.json()
    else:
        assert (answer.status_code, expected in answer.json()["message"]) == (422, True), answer.json()


def test_a_new_image_restarts_a_pods_container(api: Api, work: Work) -> None:
    api("POST", f"{V1}/pods", pod())
    work()
    api("PATCH", f"{V1}/pods/solo", {"spec": {"containers": [{"name": "c", "image": "nginx:2"}]}}, STRATEGIC)
    work()
    (status,) = api.get(f"{V1}/pods/solo")["status"]["containerStatuses"]
    assert (status["image"], status["restartCount"], status["ready"]) == ("nginx:2", 1, True)


def test_a_bare_replicaset_keeps_its_pods(api: Api, work: Work) -> None:
    assert api("POST", f"{APPS}/replicasets", replicaset()).status_code == 201
    work()
    assert len(names(api, f"{V1}/pods")) == 2
    scaled = api("PATCH", f"{APPS}/replicasets/bare/scale", {"spec": {"replicas": 5}}, MERGE).json()
    assert (scaled["kind"], scaled["spec"]["replicas"]) == ("Scale", 5)
    work()
    assert api.get(f"{APPS}/replicasets/bare")["status"]["readyReplicas"] == 5
    assert api.get(f"{APPS}/replicasets/bare")["metadata"]["generation"] == 2


@pytest.mark.usefixtures("book")
def test_a_deployments_replicaset_that_is_scaled_by_hand_is_put_right(api: Api, work: Work) -> None:
    (name,) = names(api, f"{APPS}/replicasets")
    api("PUT", f"{APPS}/replicasets/{name}/scale", {"spec": {"replicas": 1}, "metadata": {"name": name}})
    work()
    assert api.get(f"{APPS}/replicasets/{name}")["spec"]["replicas"] == 3


@pytest.mark.usefixtures("book")
def test_a_pod_whose_label_is_taken_away_is_released_and_replaced(api: Api, work: Work) -> None:
    name = sorted(names(api, f"{V1}/pods"))[0]
    api("PATCH", f"{V1}/pods/{name}", {"metadata": {"labels": {"app": "other"}}}, MERGE)
    work()
    released = api.get(f"{V1}/pods/{name}")
    assert "ownerReferences" not in released["metadata"]
    assert released["spec"]["containers"][0]["image"] == "nginx:1.7.9"
    assert len(names(api, f"{V1}/pods")) == 4


def test_a_pod_that_a_replicaset_selects_is_adopted_and_one_too_many_goes(api: Api, work: Work) -> None:
    api("POST", f"{APPS}/replicasets", replicaset(replicas=1))
    work()
    api("POST", f"{V1}/pods", pod(labels={"a": "b"}))
    work()
    assert len(names(api, f"{V1}/pods")) == 1


def test_a_new_replicaset_adopts_the_pods_that_are_there(api: Api, work: Work) -> None:
    api("POST", f"{V1}/pods", pod(labels={"a": "b"}))
    work()
    api("POST", f"{APPS}/replicasets", replicaset(replicas=2))
    work()
    found = api.get(f"{V1}/pods")["items"]
    assert len(found) == 2
    assert {each["metadata"]["ownerReferences"][0]["name"] for each in found} == {"bare"}


@pytest.mark.usefixtures("book")
def test_what_a_deployment_left_behind_is_adopted_by_the_next_one(api: Api, work: Work) -> None:
    before = names(api, f"{V1}/pods")
    api("DELETE", f"{APPS}/deployments/{BOOK}", {"propagationPolicy": "Orphan"})
    work()
    (orphan,) = api.get(f"{APPS}/replicasets")["items"]
    assert "ownerReferences" not in orphan["metadata"]
    again = manifest(BOOK, replicas=3, selector={"matchLabels": {"app": "nginx"}})
    again["spec"]["template"] = {**orphan["spec"]["template"], "metadata": {"labels": {"app": "nginx"}}}
    assert api("POST", f"{APPS}/deployments", again).status_code == 201
    work()
    assert names(api, f"{V1}/pods") == before
    assert names(api, f"{APPS}/replicasets") == {orphan["metadata"]["name"]}


def test_a_name_that_somebody_elses_replicaset_bears_raises_the_collision_count(api: Api, work: Work) -> None:
    """getNewReplicaSet, pkg/controller/deployment/sync.go."""
    api("POST", f"{APPS}/deployments", manifest("web", replicas=2))
    work()
    (name,) = names(api, f"{APPS}/replicasets")
    api("DELETE", f"{APPS}/deployments/web")
    work()
    api("POST", f"{APPS}/replicasets", replicaset(name, replicas=1))
    api("POST", f"{APPS}/deployments", manifest("web", replicas=2))
    work()
    status = api.get(f"{APPS}/deployments/web")["status"]
    assert (status["collisionCount"], status["availableReplicas"]) == (1, 2)
    assert len(names(api, f"{APPS}/replicasets")) == 2


@pytest.mark.usefixtures("book")
def test_in_the_foreground_a_deployment_waits_for_its_pods(api: Api, work: Work) -> None:
    models.ImageBehaviour.objects.update(stop_seconds=3600.0)
    answer = api("DELETE", f"{APPS}/deployments/{BOOK}", {"propagationPolicy": "Foreground"}).json()
    assert answer["metadata"]["finalizers"] == ["foregroundDeletion"]
    work()
    assert "deletionTimestamp" in api.get(f"{APPS}/deployments/{BOOK}")["metadata"]
    for name in names(api, f"{V1}/pods"):
        api("DELETE", f"{V1}/pods/{name}?gracePeriodSeconds=0")
    work()
    assert api("GET", f"{APPS}/deployments/{BOOK}").status_code == 404


def test_a_finalizer_holds_a_deployment(api: Api, work: Work) -> None:
    held = manifest()
    held["metadata"]["finalizers"] = ["example.com/hold"]
    api("POST", f"{APPS}/deployments", held)
    work()
    api("DELETE", f"{APPS}/deployments/web")
    work()
    assert api.get(f"{APPS}/deployments/web")["metadata"]["finalizers"] == ["example.com/hold"]
    api("PATCH", f"{APPS}/deployments/web", {"metadata": {"finalizers": None}}, MERGE)
    work()
    assert api("GET", f"{APPS}/deployments/web").status_code == 404


def test_a_namespace_is_described_and_deleted_with_all_that_is_in_it(api: Api, work: Work) -> None:
    about = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": {"team": "a"}}}
    assert api("POST", "/api/v1/namespaces", about).status_code == 201
    api("PATCH", "/api/v1/namespaces/team", {"metadata": {"annotations": {"note": "x"}}}, MERGE)
    found = api.get("/api/v1/namespaces/team")["metadata"]
    assert found["labels"] == {"team": "a", "kubernetes.io/metadata.name": "team"}
    assert found["annotations"] == {"note": "x"}
    api("POST", "/apis/apps/v1/namespaces/team/deployments", manifest())
    work()
    since = journal.head(DEFAULT.cluster)
    assert api("DELETE", "/api/v1/namespaces/team").status_code == 200
    work()
    gone = models.Change.objects.filter(id__gt=since, verb="DELETED").values_list("kind", flat=True)
    assert set(gone) == {"Pod", "ReplicaSet", "Deployment", "Namespace"}
    assert not models.Pod.objects.exists()


def test_the_default_namespace_stays(api: Api) -> None:
    answer = api("DELETE", "/api/v1/namespaces/default")
    message = 'namespaces "default" is forbidden: this namespace may not be deleted'
    assert (answer.status_code, answer.json()["message"]) == (403, message)


@pytest.mark.usefixtures("book")
def test_a_node_that_is_removed_takes_its_pods_with_it(api: Api, work: Work) -> None:
    there = {each["metadata"]["name"] for each in api.get(f"{V1}/pods?fieldSelector=spec.nodeName=node-1")["items"]}
    assert there
    api("DELETE", "/api/v1/nodes/node-1")
    work()
    found = api.get(f"{V1}/pods")["items"]
    assert not there & {each["metadata"]["name"] for each in found}
    assert {each["spec"]["nodeName"] for each in found} <= {"node-2", "node-3"}
    assert len(found) == 3


def test_a_node_is_cordoned_labelled_and_tainted(api: Api) -> None:
    taint = {"key": "k", "value": "v", "effect": "NoSchedule"}
    change = {"spec": {"unschedulable": True, "taints": [taint]}, "metadata": {"labels": {"zone": "a"}}}
    found = api("PATCH", "/api/v1/nodes/node-1", change, STRATEGIC).json()
    cordon = found["spec"]["taints"].pop()
    assert (cordon["key"], cordon["effect"]) == ("node.kubernetes.io/unschedulable", "NoSchedule")
    assert (found["spec"], found["metadata"]["labels"]["zone"]) == ({"unschedulable": True, "taints": [taint]}, "a")
    assert models.Node.objects.get(name="node-1").unschedulable


def test_a_pod_that_waits_for_room_runs_on_a_new_node(api: Api, work: Work) -> None:
    models.Node.objects.update(unschedulable=True)
    api("POST", f"{V1}/pods", pod())
    work()
    assert api.get(f"{V1}/pods/solo")["status"]["phase"] == "Pending"
    api("POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-4"}})
    work()
    models.Pod.objects.update(next_at=0.0)
    models.Cluster.objects.update(due=0.0)
    work()
    assert api.get(f"{V1}/pods/solo")["spec"]["nodeName"] == "node-4"


def test_events_can_be_recorded_and_cleared_away(api: Api) -> None:
    event = {
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e.1"}, "reason": "Tested", "message": "by hand", "type": "Normal",
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"}, "count": 2,
        "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:01:00Z",
    }  # fmt: skip
    assert api("POST", f"{V1}/events", event).status_code == 201
    found = api.get(f"{V1}/events/e.1")
    assert (found["reason"], found["count"], found["lastTimestamp"]) == ("Tested", 2, "2026-01-01T00:01:00Z")
    assert api("DELETE", f"{V1}/events").status_code == 200
    assert api.get(f"{V1}/events")["items"] == []


@pytest.mark.usefixtures("book")
def test_a_status_that_is_not_so_is_put_right(api: Api, work: Work) -> None:
    before = api.get(f"{APPS}/deployments/{BOOK}")["status"]
    change = {"status": {"replicas": 9, "updatedReplicas": 9}}
    found = api("PATCH", f"{APPS}/deployments/{BOOK}/status", change, MERGE).json()
    assert found["status"]["replicas"] == 9
    work()
    assert api.get(f"{APPS}/deployments/{BOOK}")["status"] == before


@pytest.mark.parametrize(
    ("status", "field"),
    [
        pytest.param({"replicas": -1}, "status.replicas", id="negative"),
        pytest.param({"readyReplicas": 9}, "status.readyReplicas", id="more ready than there are"),
    ],
)
@pytest.mark.usefixtures("book")
def test_a_status_that_cannot_be_is_refused(api: Api, status: dict[str, Any], field: str) -> None:
    found = api("PATCH", f"{APPS}/deployments/{BOOK}/status", {"status": status}, MERGE)
    assert (found.status_code, found.json()["details"]["causes"][0]["field"]) == (422, field)


def owners(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    listed = found["metadata"].get("managedFields", [])
    return [(each["manager"], each["operation"], each.get("subresource", "")) for each in listed]


def test_every_writer_leaves_its_name(api: Api, work: Work) -> None:
    agent = {"User-Agent": "kubectl/v1.37.1 (linux/amd64)"}
    api("POST", f"{APPS}/deployments?fieldManager=kubectl-create", manifest())
    work()
    api("PATCH", f"{APPS}/deployments/web/scale", {"spec": {"replicas": 2}}, MERGE, **agent)
    found = api.get(f"{APPS}/deployments/web")
    assert set(owners(found)) == {
        ("kubectl-create", "Update", ""),
        ("kubectl", "Update", "scale"),
        ("kube-controller-manager", "Update", "status"),
    }
    stored = models.Deployment.objects.get(name="web").managed_fields
    assert {each["manager"] for each in stored} == {"kubectl-create", "kubectl"}


def test_server_side_apply_creates_changes_conflicts_and_takes_by_force(api: Api, work: Work) -> None:
    path = f"{APPS}/deployments/web"
    first = api("PATCH", f"{path}?fieldManager=a", manifest(replicas=1), APPLY)
    again = api("PATCH", f"{path}?fieldManager=a", manifest(replicas=1), APPLY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["metadata"]["resourceVersion"] == first.json()["metadata"]["resourceVersion"]
    refused = api("PATCH", f"{path}?fieldManager=b", manifest(replicas=2), APPLY)
    assert refused.status_code == 409
    assert refused.json()["message"] == 'Apply failed with 1 conflict: conflict with "a": .spec.replicas'
    assert refused.json()["details"]["causes"][0]["reason"] == "FieldManagerConflict"
    forced = api("PATCH", f"{path}?fieldManager=b&force=true", manifest(replicas=2), APPLY).json()
    assert forced["spec"]["replicas"] == 2
    work()
    assert len(names(api, f"{V1}/pods")) == 2


def test_an_applier_that_says_less_takes_away_what_it_said(api: Api) -> None:
    path = f"{APPS}/deployments/web?fieldManager=a"
    more = manifest(minReadySeconds=5)
    more["metadata"]["labels"] = {"x": "y"}
    api("PATCH", path, more, APPLY)
    less = api("PATCH", path, manifest(), APPLY).json()
    assert "labels" not in less["metadata"]
    assert "minReadySeconds" not in less["spec"]


def test_a_second_applier_of_the_same_is_a_new_version(api: Api) -> None:
    path = f"{APPS}/deployments/web"
    first = api("PATCH", f"{path}?fieldManager=a", manifest(), APPLY).json()
    second = api("PATCH", f"{path}?fieldManager=b", manifest(), APPLY).json()
    assert [each[0] for each in owners(second)] == ["a", "b"]
    assert int(second["metadata"]["resourceVersion"]) > int(first["metadata"]["resourceVersion"])
    assert second["metadata"]["generation"] == 1


@pytest.mark.parametrize("kind", ["pods", "namespaces", "nodes", "replicasets"])
def test_every_kind_can_be_applied(api: Api, kind: str) -> None:
    made = {
        "pods": (f"{V1}/pods/x", pod("x")),
        "namespaces": ("/api/v1/namespaces/x", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}),
        "nodes": ("/api/v1/nodes/x", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "x"}}),
        "replicasets": (f"{APPS}/replicasets/x", replicaset("x")),
    }
    path, config = made[kind]
    config["metadata"]["labels"] = {"k": "v"}
    assert api("PATCH", f"{path}?fieldManager=a", config, APPLY).status_code == 201
    again = api("PATCH", f"{path}?fieldManager=a", config, APPLY)
    assert (again.status_code, owners(again.json())[0][:2]) == (200, ("a", "Apply"))


@pytest.mark.parametrize(
    ("method", "query", "kind", "field", "message"),
    [
        pytest.param("PATCH", "", APPLY, "fieldManager", "Required value: is required for apply patch", id="no manager"),
        pytest.param("PATCH", "?force=true", MERGE, "force", "Forbidden: may not be specified for non-apply patch", id="force"),
        pytest.param("PATCH", "?dryRun=x", MERGE, "dryRun", 'Unsupported value: ["x"]: supported values: "All"', id="dry run"),
        pytest.param("DELETE", "?propagationPolicy=Now", "", "propagationPolicy",
                     'Unsupported value: "Now": supported values: "Foreground", "Background", "Orphan", "nil"', id="policy"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("book")
def test_bad_options_are_refused(api: Api, method: str, query: str, kind: str, field: str, message: str) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment"} if method == "PATCH" else None
    answer = api(method, f"{APPS}/deployments/{BOOK}{query}", body, kind)
    (cause,) = answer.json()["details"]["causes"]
    assert (answer.status_code, cause["field"], cause["message"]) == (422, field, message)


@pytest.mark.usefixtures("book")
def test_a_write_that_changes_nothing_is_no_new_version(api: Api) -> None:
    before = api.get(f"{APPS}/deployments/{BOOK}")
    after = api("PUT", f"{APPS}/deployments/{BOOK}", before).json()
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


@pytest.mark.usefixtures("book")
def test_a_stale_version_is_a_conflict_and_an_absent_one_is_none(api: Api) -> None:
    found = api.get(f"{APPS}/deployments/{BOOK}")
    found["metadata"]["resourceVersion"] = "1"
    assert api("PUT", f"{APPS}/deployments/{BOOK}", found).json()["reason"] == "Conflict"
    del found["metadata"]["resourceVersion"]
    found["spec"]["replicas"] = 1
    assert api("PUT", f"{APPS}/deployments/{BOOK}", found).json()["spec"]["replicas"] == 1


def test_the_quota_counts_bare_pods_and_replicasets(api: Api) -> None:
    models.Namespace.objects.update(pod_quota=3)
    assert api("POST", f"{APPS}/replicasets", replicaset(replicas=3)).status_code == 201
    answer = api("POST", f"{V1}/pods", pod())
    message = 'pods "solo" is forbidden: Rollstage limit of the namespace "default" on pods: requested: 1, used: 3, limited: 3'
    assert (answer.status_code, answer.json()["message"]) == (403, message)


@pytest.mark.parametrize("kind", [pytest.param(each, id=each.plural) for each in kinds.KINDS])
def test_a_viewer_writes_nothing(member: Callable[[str], Api], kind: kinds.Kind) -> None:
    viewer = member("default:view")
    group, version = kind.served[0]
    prefix = f"/apis/{group}/{version}" if group else "/api/v1"
    path = f"{prefix}/namespaces/default/{kind.plural}" if kind.namespaced else f"{prefix}/{kind.plural}"
    body = {"apiVersion": f"{group}/{version}" if group else version, "kind": kind.name, "metadata": {"name": "x"}}
    assert viewer("POST", path, body).status_code == 403
    assert viewer("PATCH", f"{path}/x?fieldManager=a", body, APPLY).status_code == (
        403 if "patch" in kind.verbs else 405
    )
    assert viewer("DELETE", f"{path}/x").status_code == (403 if "delete" in kind.verbs else 405)


def test_a_token_of_somebody_else_sees_its_own_name_in_the_journal(work: Work) -> None:
    ann = Api(tokens.make_token(User.objects.create_superuser("ann")))
    ann("POST", f"{V1}/pods", pod())
    work()
    assert models.Change.objects.filter(kind="Pod", verb="ADDED").get().actor == "ann"


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("kind", [JSON_PATCH, MERGE])
def test_an_object_is_no_larger_than_etcd_would_store(api: Api, kind: str) -> None:
    big = {f"a{n}": "x" * 100_000 for n in range(2)}
    assert api("PATCH", f"{APPS}/deployments/{BOOK}", patch_of(kind, big), kind).status_code == 200
    labels = {f"l{n}": f"{n:060}" for n in range(20_000)}
    answer = api("PATCH", f"{APPS}/deployments/{BOOK}", patch_of(kind, labels, "labels"), kind)
    assert (answer.status_code, answer.json()["message"]) == (500, "etcdserver: request is too large")
    assert "l1" not in api.get(f"{APPS}/deployments/{BOOK}")["metadata"].get("labels", {})


def patch_of(kind: str, values: dict[str, str], field: str = "annotations") -> Any:
    if kind == MERGE:
        return {"metadata": {field: values}}
    return [{"op": "add", "path": f"/metadata/{field}", "value": values}]


def test_a_replicaset_asks_for_no_more_than_the_quota_also_if_it_has_an_owner(api: Api, work: Work) -> None:
    api("POST", f"{APPS}/deployments", manifest("web", replicas=2))
    work()
    name = models.ReplicaSet.objects.get().name
    answer = api("PATCH", f"{APPS}/replicasets/{name}", {"spec": {"replicas": 2_147_483_647}}, MERGE)
    assert answer.status_code == 403
    assert "on pods: requested: 2,147,483,647, used: 0, limited: 5,000" in answer.json()["message"]
    assert api("PATCH", f"{APPS}/replicasets/{name}", {"spec": {"replicas": 9}}, MERGE).status_code == 200
