"""A kubelet and a scheduler that are clients: pods on a node that is annotated so, and pods that wait for a client's scheduler."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster import models
from cluster.api.watch import changes
from cluster.core.nodes.reported import ANNOTATION, EXTERNAL
from cluster.core.validation.pod_statuses import BOUND, NOT_ANEW, NOT_NEGATIVE, ONE_OF_EACH_FAMILY
from tests.api.conftest import Api, Work, manifest, target_of
from tests.spaces import demo

pytestmark = pytest.mark.usefixtures("cluster")
V1, PODS, APPS = "/api/v1", "/api/v1/namespaces/default/pods", "/apis/apps/v1/namespaces/default"
NODE, SIMULATED = "node-1", "node-2"
MERGE, STRATEGIC, JSON_PATCH = (
    f"application/{kind}+json" for kind in ("merge-patch", "strategic-merge-patch", "json-patch")
)
THEN, LATER = "2026-01-01T10:00:00Z", "2026-01-01T10:05:00Z"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def kubelet(cluster: None, api: Api) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")
    annotate(api, EXTERNAL)


def annotate(api: Api, value: str | None, node: str = NODE) -> None:
    done = api("PATCH", f"{V1}/nodes/{node}", {"metadata": {"annotations": {ANNOTATION: value}}}, MERGE)
    assert done.status_code == 200, done.json()


def pod(name: str = "p", *, node: str = NODE, **spec: Any) -> Json:
    place = {"nodeName": node} if node else {}
    spec = {"containers": [{"name": "c", "image": "c:1"}], **place, **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": "p"}}, "spec": spec}


def made(api: Api, **spec: Any) -> Json:
    answer = api("POST", PODS, pod(**spec))
    assert answer.status_code == 201, answer.json()
    found: Json = answer.json()
    return found


def condition(kind: str, status: str, **more: Any) -> Json:
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": THEN, **more}


def running(*, ready: bool = True, ip: str = "10.1.2.3", since: str = THEN) -> Json:
    word = "True" if ready else "False"
    started = {"name": "c", "image": "c:1", "imageID": "i", "containerID": "x://1", "restartCount": 2, "started": True}
    return {
        "phase": "Running",
        "startTime": THEN,
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "conditions": [{**condition("Ready", word), "lastTransitionTime": since}, condition("PodScheduled", "True")],
        "containerStatuses": [{**started, "ready": ready, "lastState": {}, "state": {"running": {"startedAt": THEN}}}],
    }


def write(api: Api, status: Json, name: str = "p", kind: str = MERGE) -> Any:
    return api("PATCH", f"{PODS}/{name}/status", {"status": status}, kind)


def report(api: Api, status: Json, name: str = "p") -> Json:
    answer = write(api, status, name)
    assert answer.status_code == 200, answer.json()
    found: Json = answer.json()
    return found


def of_type(found: Json, kind: str) -> Json | None:
    return next((each for each in found["status"].get("conditions", ()) if each["type"] == kind), None)


def row(name: str = "p") -> models.Pod:
    return models.Pod.objects.get(name=name)


# What the API server writes


@pytest.mark.parametrize(
    ("how", "conditions"), [("named", []), ("bound", ["PodScheduled"]), ("scheduled", ["PodScheduled"])]
)
def test_a_pod_on_an_external_node_has_what_the_api_server_writes_and_no_more(
    api: Api, work: Work, how: str, conditions: list[str]
) -> None:
    if how == "scheduled":
        for each in (SIMULATED, "node-3"):
            api("PATCH", f"{V1}/nodes/{each}", {"spec": {"unschedulable": True}}, MERGE)
    made(api, node=NODE if how == "named" else "", **({"schedulerName": "mine"} if how == "bound" else {}))
    work()
    if how == "bound":
        binding = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": NODE}}
        assert api("POST", f"{PODS}/p/binding", binding).status_code == 201
    work()
    found = api.get(f"{PODS}/p")
    assert found["spec"]["nodeName"] == NODE
    assert [each["type"] for each in found["status"].get("conditions", [])] == conditions
    assert {key for key in found["status"] if key != "conditions"} == {"phase", "qosClass"}
    assert (found["status"]["phase"], row().next_at) == ("Pending", None)
    managers = [(each["manager"], each.get("subresource")) for each in found["metadata"]["managedFields"]]
    assert ("kubelet", "status") not in managers


@pytest.mark.parametrize("kind", [MERGE, STRATEGIC, JSON_PATCH, "PUT"])
def test_a_status_is_what_a_client_has_written(api: Api, work: Work, kind: str) -> None:
    before, status = made(api), running()
    if kind == "PUT":
        answer = api("PUT", f"{PODS}/p/status", {**before, "status": status, "spec": {"containers": []}})
    elif kind == JSON_PATCH:
        answer = api("PATCH", f"{PODS}/p/status", [{"op": "replace", "path": "/status", "value": status}], JSON_PATCH)
    else:
        answer = write(api, status, kind=kind)
    assert answer.status_code == 200, answer.json()
    assert "Warning" not in answer.headers
    work()
    found = api.get(f"{PODS}/p")
    assert found["status"] == {**status, "qosClass": "BestEffort"}
    assert found["spec"] == before["spec"]
    assert found["metadata"]["generation"] == 1
    kept = row()
    assert (kept.phase, kept.ready, kept.restarts, kept.next_at) == ("Running", True, 2, None)


def test_each_write_is_one_change_and_the_same_again_is_none(api: Api) -> None:
    made(api)
    before = models.Change.objects.filter(kind="Pod").count()
    first = report(api, running())
    again = report(api, running())
    assert models.Change.objects.filter(kind="Pod").count() == before + 1
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_labels_come_with_a_status_and_owners_do_not(api: Api, work: Work) -> None:
    """podStatusStrategy resets the spec and the ownerReferences only."""
    api("POST", f"{APPS}/deployments", manifest(replicas=1))
    work()
    name = row_of_deployment()
    before = api.get(f"{PODS}/{name}")
    body = {"metadata": {"labels": {"more": "x"}, "ownerReferences": None}, "status": {}}
    after = api("PATCH", f"{PODS}/{name}/status", body, MERGE).json()
    assert after["metadata"]["labels"] == {**before["metadata"]["labels"], "more": "x"}
    assert after["metadata"]["ownerReferences"] == before["metadata"]["ownerReferences"]


def row_of_deployment() -> str:
    return models.Pod.objects.get(owner_uid__isnull=False).name


def test_managed_fields_name_who_has_written_the_status(api: Api) -> None:
    made(api)
    api.headers["User-Agent"] = "my-kubelet/1"
    found = report(api, running())
    entries = {
        (each["manager"], each.get("subresource")): each["fieldsV1"] for each in found["metadata"]["managedFields"]
    }
    assert "f:podIP" in entries["my-kubelet", "status"]["f:status"]
    labelled = api("PATCH", f"{PODS}/p", {"metadata": {"labels": {"more": "x"}}}, MERGE).json()
    assert ("my-kubelet", "status") in {
        (each["manager"], each.get("subresource")) for each in labelled["metadata"]["managedFields"]
    }


@pytest.mark.parametrize(("role", "code"), [("edit", 403), ("admin", 200)])
def test_only_a_cluster_s_administrators_write_statuses_and_bindings(
    api: Api, member: Callable[[str], Api], role: str, code: int
) -> None:
    made(api)
    api("POST", PODS, pod("waiting", node="", schedulerName="mine"))
    theirs = member(f":{role}")
    assert write(theirs, running()).status_code == code
    binding = {"metadata": {"name": "waiting"}, "target": {"name": NODE}}
    assert theirs("POST", f"{PODS}/waiting/binding", binding).status_code == {200: 201}.get(code, code)


# Which of an odd status is taken, and how


@pytest.mark.parametrize(
    ("given", "key", "shown"),
    [
        ({"podIP": "10.0.0.1"}, "podIPs", [{"ip": "10.0.0.1"}]),
        ({"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.2"}]}, "podIPs", [{"ip": "10.0.0.1"}]),
        ({"podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}, "podIP", "10.0.0.1"),
        ({"phase": None}, "phase", "Pending"),
        ({"qosClass": None}, "qosClass", "BestEffort"),
        (
            {"containerStatuses": [{"name": "c"}]},
            "containerStatuses",
            [
                {
                    "name": "c",
                    "state": {},
                    "lastState": {},
                    "ready": False,
                    "restartCount": 0,
                    "image": "",
                    "imageID": "",
                }
            ],
        ),
        (
            {"conditions": [{"type": "example.com/own", "status": "True"}]},
            "conditions",
            [{"type": "example.com/own", "status": "True", "lastProbeTime": None, "lastTransitionTime": None}],
        ),
    ],
    ids=["podIP alone", "podIP counts", "two families", "phase", "qosClass", "container", "own condition"],
)
def test_what_a_client_leaves_out_is_filled_in(api: Api, given: Json, key: str, shown: Any) -> None:
    made(api)
    assert report(api, given)["status"][key] == shown
    rows = api.get(PODS, Accept="application/json;as=Table;v=v1;g=meta.k8s.io")["rows"]
    assert [each["cells"][0] for each in rows] == ["p"]


def test_a_generation_that_was_observed_stays_where_a_client_tells_none(api: Api) -> None:
    """preserveOldObservedGeneration."""
    made(api)
    ready = condition("Ready", "False", observedGeneration=3)
    report(api, {"observedGeneration": 3, "conditions": [ready]})
    found = report(api, {"observedGeneration": None, "conditions": [condition("Ready", "True")]})["status"]
    assert (found["observedGeneration"], found["conditions"][0]["observedGeneration"]) == (3, 3)


ENDED = {"name": "c", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}


@pytest.mark.parametrize(
    ("spec", "first", "given", "text"),
    [
        ({}, {}, {"qosClass": "Burstable"}, 'status.qosClass: Invalid value: "Burstable": field is immutable'),
        ({}, {}, {"observedGeneration": -1}, f"status.observedGeneration: Invalid value: -1: {NOT_NEGATIVE}"),
        (
            {},
            {},
            {"conditions": [condition("Ready", "True", observedGeneration=-1)]},
            f"status.conditions[0].observedGeneration: Invalid value: -1: {NOT_NEGATIVE}",
        ),
        ({}, {}, {"conditions": [condition("a b", "True")]}, 'status.conditions[0].Type: Invalid value: "a b": name part'),
        ({}, {}, {"nominatedNodeName": "node-2"}, f"status.nominatedNodeName: Forbidden: {BOUND}"),
        ({}, {}, {"podIPs": [{"ip": "here"}]}, 'status.podIPs[0]: Invalid value: "here": must be a valid IP address'),
        ({}, {}, {"podIPs": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]}, ONE_OF_EACH_FAMILY),
        ({}, {}, {"hostIP": "10.0.0.1", "hostIPs": [{"ip": "10.0.0.2"}]}, "must be equal to `hostIP`"),
        (
            {"restartPolicy": "Never"},
            {"containerStatuses": [ENDED]},
            running(),
            f"status.containerStatuses[0].state: Forbidden: {NOT_ANEW}",
        ),
    ],
    ids=[
        "qosClass", "observedGeneration", "condition's generation", "condition's type", "nominated", "podIPs", "two of a family",
        "hostIPs", "ended for good",
    ],
)  # fmt: skip
def test_a_status_that_cannot_be_is_refused(api: Api, spec: Json, first: Json, given: Json, text: str) -> None:
    made(api, **spec)
    report(api, first)
    answer = write(api, given).json()
    assert (answer["code"], answer["reason"], text in answer["message"]) == (422, "Invalid", True), answer


@pytest.mark.parametrize("policy", ["Always", "OnFailure"])
def test_a_container_that_is_to_be_restarted_may_run_again(api: Api, policy: str) -> None:
    made(api, restartPolicy=policy)
    report(api, {"containerStatuses": [ENDED]})
    assert write(api, running()).status_code == 200


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ({"status": {"phase": 5}}, 422, "json: cannot unmarshal number"),
        ({"status": {"startTime": "soon"}}, 422, 'parsing time "soon"'),
        ({"metadata": {"uid": "another"}, "status": {}}, 409, "Precondition failed: UID in precondition: another"),
        ({"metadata": {"resourceVersion": "1"}, "status": {}}, 409, "the object has been modified"),
        ({"metadata": {"labels": {"a b": "c"}}, "status": {}}, 422, "metadata.labels"),
    ],
    ids=["type", "time", "uid", "version", "label"],
)
def test_a_write_that_cannot_be_is_refused(api: Api, body: Json, code: int, text: str) -> None:
    made(api)
    answer = api("PATCH", f"{PODS}/p/status", body, MERGE).json()
    assert (answer.get("code"), text in answer.get("message", "")) == (code, True), answer


# What follows from a status


def test_a_deployment_follows_the_condition_ready_of_its_pods(api: Api, work: Work) -> None:
    """minReadySeconds count from the condition's lastTransitionTime."""
    for each in (SIMULATED, "node-3"):
        api("PATCH", f"{V1}/nodes/{each}", {"spec": {"unschedulable": True}}, MERGE)
    api("POST", f"{APPS}/deployments", manifest(replicas=1, minReadySeconds=300))
    work()
    name = row_of_deployment()

    def counts() -> tuple[int, int, int]:
        work()
        status = api.get(f"{APPS}/deployments/web")["status"]
        return tuple(status.get(key, 0) for key in ("replicas", "readyReplicas", "availableReplicas"))  # type: ignore[return-value]

    assert counts() == (1, 0, 0)
    report(api, running(ready=False), name)
    assert counts() == (1, 0, 0)
    now = api.get(f"{PODS}/{name}")["metadata"]["creationTimestamp"]
    report(api, running(since=now), name)
    assert counts() == (1, 1, 0)
    report(api, running(since=THEN), name)
    assert counts() == (1, 1, 1)
    report(api, running(ready=False), name)
    assert counts() == (1, 0, 0)


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_has_ended_is_replaced(api: Api, work: Work, phase: str) -> None:
    """FilterActivePods."""
    for each in (SIMULATED, "node-3"):
        api("PATCH", f"{V1}/nodes/{each}", {"spec": {"unschedulable": True}}, MERGE)
    api("POST", f"{APPS}/deployments", manifest(replicas=1))
    work()
    first = row_of_deployment()
    report(api, {"phase": phase}, first)
    work()
    names = {each["metadata"]["name"]: each["status"]["phase"] for each in api.get(PODS)["items"]}
    assert sorted(names.values()) == sorted([phase, "Pending"])
    assert api("DELETE", f"{PODS}/{first}").status_code == 200
    assert api("GET", f"{PODS}/{first}").status_code == 404


def test_a_service_leads_to_the_address_that_a_client_has_written(api: Api, work: Work) -> None:
    service = {"metadata": {"name": "s"}, "spec": {"selector": {"app": "p"}, "ports": [{"port": 80}]}}
    api("POST", f"{V1}/namespaces/default/services", {"apiVersion": "v1", "kind": "Service", **service})
    made(api)

    def endpoints() -> list[tuple[str, bool]]:
        work()
        slices = api.get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices")["items"]
        told = [each for found in slices for each in found["endpoints"] or ()]
        return [(each["addresses"][0], each["conditions"]["ready"]) for each in told]

    assert endpoints() == []
    report(api, running(ready=False))
    assert endpoints() == [("10.1.2.3", False)]
    report(api, running())
    assert endpoints() == [("10.1.2.3", True)]
    report(api, running(ip="10.9.9.9"))
    assert endpoints() == [("10.9.9.9", True)]
    report(api, {"phase": "Succeeded"})
    assert endpoints() == []


def test_a_disruption_budget_counts_pods_that_a_client_says_are_ready(api: Api, work: Work) -> None:
    budget = {"metadata": {"name": "b"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "p"}}}}
    made(api)
    api("POST", "/apis/policy/v1/namespaces/default/poddisruptionbudgets", budget)
    report(api, running())
    work()
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}
    assert api("POST", f"{PODS}/p/eviction", eviction).status_code == 429
    api("PATCH", "/apis/policy/v1/namespaces/default/poddisruptionbudgets/b", {"spec": {"minAvailable": 0}}, MERGE)
    work()
    assert api("POST", f"{PODS}/p/eviction", eviction).status_code == 201
    found = api.get(f"{PODS}/p")
    target = of_type(found, "DisruptionTarget")
    assert target is not None and target["reason"] == "EvictionByEvictionAPI"
    assert of_type(found, "Ready") is not None
    assert found["metadata"]["deletionTimestamp"]
    kept = report(api, {"conditions": [*found["status"]["conditions"]], "podIP": "10.1.1.1", "podIPs": None})
    assert of_type(kept, "DisruptionTarget") == target


@pytest.mark.parametrize(
    ("status", "cells"),
    [
        (running(), ("1/1", "Running", "2")),
        ({"phase": "Failed", "reason": "Evicted"}, ("0/1", "Evicted", "0")),
        ({"containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "Odd"}}}]}, ("0/1", "Odd", "0")),
        ({"containerStatuses": [ENDED]}, ("0/1", "Error", "0")),
        ({}, ("0/1", "Pending", "0")),
    ],
    ids=["running", "evicted", "waiting", "ended", "nothing"],
)
def test_kubectl_and_the_page_tell_the_same_of_a_status(api: Api, status: Json, cells: tuple[str, ...]) -> None:
    made(api)
    report(api, status)
    (found,) = api.get(PODS, Accept="application/json;as=Table;v=v1;g=meta.k8s.io")["rows"]
    assert tuple(found["cells"][1:4]) == cells
    kept = row()
    assert kept.reason or kept.phase == cells[1]
    change = models.Change.objects.filter(kind="Pod").order_by("rv").last()
    assert change is not None and change.state["status"] == cells[1]


def test_a_watch_from_the_journal_tells_the_status_whole(api: Api) -> None:
    before = int(made(api)["metadata"]["resourceVersion"])
    after = report(api, running())
    (item,) = changes.since(target_of("pods"), before)[0]
    assert item.manifest == after


# The end of a pod


def test_a_pod_that_is_deleted_stays_until_a_client_takes_it_away(api: Api, work: Work) -> None:
    uid = made(api)["metadata"]["uid"]
    report(api, running())
    going = api("DELETE", f"{PODS}/p").json()
    assert going["metadata"]["deletionGracePeriodSeconds"] == 30
    models.Cluster.objects.update(clock_sim=models.Cluster.objects.get().clock_sim + 3600)
    work()
    found = api.get(f"{PODS}/p")
    assert (found["status"]["phase"], found["metadata"]["generation"]) == ("Running", 2)
    report(api, running(ready=False))
    wrong = {"gracePeriodSeconds": 0, "preconditions": {"uid": "another"}}
    assert api("DELETE", f"{PODS}/p", wrong).status_code == 409
    assert api("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}).status_code == 200
    assert api("GET", f"{PODS}/p").status_code == 404


@pytest.mark.parametrize("grace", [0, 30], ids=["at once", "with grace"])
def test_a_finalizer_holds_a_pod_that_a_client_takes_away(api: Api, work: Work, grace: int) -> None:
    """ShouldDeleteDuringUpdate: what waits for its last finalizer goes with it once the grace period is 0."""
    made(api)
    api("PATCH", f"{PODS}/p", {"metadata": {"finalizers": ["example.com/hold"]}}, MERGE)
    report(api, running())
    api("DELETE", f"{PODS}/p", {"gracePeriodSeconds": grace})
    work()
    assert api.get(f"{PODS}/p")["metadata"]["deletionGracePeriodSeconds"] == grace
    api("PATCH", f"{PODS}/p", {"metadata": {"finalizers": None}}, MERGE)
    work()
    assert api("GET", f"{PODS}/p").status_code == (200 if grace else 404)
    if grace:
        api("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 0})
        assert api("GET", f"{PODS}/p").status_code == 404


def test_a_namespace_goes_when_a_client_has_taken_its_pods_away(api: Api, work: Work) -> None:
    api("POST", f"{V1}/namespaces", {"metadata": {"name": "n"}})
    api("POST", f"{V1}/namespaces/n/pods", pod())
    api("DELETE", f"{V1}/namespaces/n")
    work()
    assert api.get(f"{V1}/namespaces/n")["status"]["phase"] == "Terminating"
    assert api("DELETE", f"{V1}/namespaces/n/pods/p", {"gracePeriodSeconds": 0}).status_code == 200
    work()
    assert api("GET", f"{V1}/namespaces/n").status_code == 404


# A scheduler that is a client


def test_a_scheduler_says_why_a_pod_has_no_node(api: Api, work: Work) -> None:
    made(api, node="", schedulerName="mine")
    why = condition("PodScheduled", "False", reason="Unschedulable", message="not now")
    found = report(api, {"conditions": [why], "nominatedNodeName": SIMULATED})
    assert (of_type(found, "PodScheduled"), found["status"]["nominatedNodeName"]) == (why, SIMULATED)
    work()
    kept = row()
    assert (kept.message, kept.reason, kept.nominated_node, kept.node) == ("not now", "", SIMULATED, "")
    api("POST", f"{PODS}/p/binding", {"metadata": {"name": "p"}, "target": {"name": SIMULATED}})
    work()
    bound = api.get(f"{PODS}/p")
    scheduled = of_type(bound, "PodScheduled")
    assert scheduled is not None and scheduled["status"] == "True"
    assert ("nominatedNodeName" in bound["status"], bound["status"]["phase"]) == (False, "Running")


def test_a_binding_brings_its_labels_and_annotations(api: Api) -> None:
    uid = made(api, node="", schedulerName="mine")["metadata"]["uid"]
    about = {"name": "p", "uid": uid, "labels": {"zone": "a"}, "annotations": {"by": "me"}}
    assert api("POST", f"{PODS}/p/binding", {"metadata": about, "target": {"name": NODE}}).status_code == 201
    found = api.get(f"{PODS}/p")["metadata"]
    assert (found["labels"], found["annotations"]) == ({"app": "p", "zone": "a"}, {"by": "me"})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"uid": "another"}, "Precondition failed: UID in precondition: another, UID in object meta: "),
        (
            {"resourceVersion": "1"},
            "Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object",
        ),
    ],
    ids=["uid", "version"],
)
def test_a_binding_of_another_pod_is_refused(api: Api, given: Json, text: str) -> None:
    made(api, node="", schedulerName="mine")
    body = {"metadata": {"name": "p", **given}, "target": {"name": NODE}}
    answer = api("POST", f"{PODS}/p/binding", body).json()
    assert (answer["code"], answer["reason"]) == (409, "Conflict")
    assert answer["message"].startswith('Operation cannot be fulfilled on pods "p": StorageError: invalid object')
    assert text in answer["message"]
    assert "nodeName" not in api.get(f"{PODS}/p")["spec"]


# Nodes


def test_an_external_node_is_as_its_kubelet_says(api: Api) -> None:
    assert "conditions" not in api.get(f"{V1}/nodes/{NODE}")["status"]
    ready = {"type": "Ready", "status": "False", "reason": "Off", "lastHeartbeatTime": THEN, "lastTransitionTime": THEN}
    status = {
        "conditions": [ready],
        "addresses": [{"type": "InternalIP", "address": "10.5.5.5"}],
        "nodeInfo": {"kubeletVersion": "mine-1"},
        "allocatable": {"cpu": "2", "memory": "1Gi", "pods": "5"},
    }
    answer = api("PATCH", f"{V1}/nodes/{NODE}/status", {"status": status}, MERGE)
    assert answer.status_code == 200
    found = api.get(f"{V1}/nodes/{NODE}")["status"]
    assert (found["conditions"], found["addresses"]) == ([ready], status["addresses"])
    assert (found["nodeInfo"]["kubeletVersion"], found["allocatable"]["cpu"]) == ("mine-1", "2")
    rows = api.get(f"{V1}/nodes", Accept="application/json;as=Table;v=v1;g=meta.k8s.io")["rows"]
    assert [each["cells"][1] for each in rows] == ["NotReady", "Ready", "Ready"]


def test_a_node_that_is_made_external_has_the_status_that_came_with_it(api: Api) -> None:
    body = {
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "annotations": {ANNOTATION: EXTERNAL}},
        "status": {"nodeInfo": {"kubeletVersion": "v9"}, "capacity": {"cpu": "3"}},
    }  # fmt: skip
    found = api("POST", f"{V1}/nodes", body).json()["status"]
    assert (found["nodeInfo"]["kubeletVersion"], found["capacity"]["cpu"]) == ("v9", "3")


@pytest.mark.parametrize(
    ("system", "own", "expected"),
    [(EXTERNAL, None, EXTERNAL), (EXTERNAL, "simulated", "simulated"), (None, None, None), (None, EXTERNAL, EXTERNAL)],
    ids=["the cluster's", "its own", "none", "alone"],
)
def test_a_new_node_follows_the_namespace_kube_system(
    api: Api, system: str | None, own: str | None, expected: str | None
) -> None:
    api("PATCH", f"{V1}/namespaces/kube-system", {"metadata": {"annotations": {ANNOTATION: system}}}, MERGE)
    about = {"name": "n", **({"annotations": {ANNOTATION: own}} if own else {})}
    made = api("POST", f"{V1}/nodes", {"metadata": about}).json()
    assert made["metadata"].get("annotations", {}).get(ANNOTATION) == expected
    assert ANNOTATION not in api.get(f"{V1}/nodes/{SIMULATED}")["metadata"].get("annotations", {})


def test_a_lease_is_kept(api: Api) -> None:
    leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
    body = {"metadata": {"name": NODE}, "spec": {"holderIdentity": NODE, "leaseDurationSeconds": 40}}
    assert api("POST", leases, body).status_code == 201
    renewed = {"spec": {"renewTime": "2026-01-01T10:00:00.000000Z"}}
    assert api("PATCH", f"{leases}/{NODE}", renewed, MERGE).json()["spec"] == {**body["spec"], **renewed["spec"]}


def test_kubelets_find_the_pods_of_their_node(api: Api) -> None:
    for name, node in (("p", NODE), ("other", SIMULATED)):
        api("POST", PODS, pod(name, node=node))
    found = api.get(f"{PODS}?fieldSelector=spec.nodeName%3D{NODE}")["items"]
    assert [each["metadata"]["name"] for each in found] == ["p"]


# Nodes that are simulated, and nodes that change hands


def test_the_status_of_a_pod_on_a_simulated_node_is_its_kubelet_s(api: Api, work: Work) -> None:
    made(api, node=SIMULATED)
    work()
    before = api.get(f"{PODS}/p")
    answer = api(
        "PATCH", f"{PODS}/p/status", {"metadata": {"labels": {"x": "y"}}, "status": {"phase": "Failed"}}, MERGE
    )
    assert (answer.status_code, answer.json()["status"]) == (200, before["status"])
    assert answer.json()["metadata"]["labels"] == {"app": "p", "x": "y"}
    assert f"the kubelet of {SIMULATED} is simulated" in answer.headers["Warning"]
    work()
    assert api.get(f"{PODS}/p")["status"] == before["status"]


def test_a_simulated_pod_is_ready_once_clients_have_met_its_readiness_gates(api: Api, work: Work) -> None:
    gates = [{"conditionType": "example.com/a"}, {"conditionType": "example.com/b"}]
    made(api, node=SIMULATED, readinessGates=gates)
    work()
    assert readiness(api) == {
        "Ready": (
            "False",
            "ReadinessGatesNotReady",
            'corresponding condition of pod readiness gate "example.com/a" does not exist., '
            'corresponding condition of pod readiness gate "example.com/b" does not exist.',
        ),
        "ContainersReady": ("True", None, None),
    }
    gate(api, condition("example.com/a", "True"), condition("example.com/b", "False"))
    work()
    text = 'the status of pod readiness gate "example.com/b" is not "True", but False'
    assert readiness(api)["Ready"] == ("False", "ReadinessGatesNotReady", text)
    gate(api, condition("example.com/b", "True"))
    work()
    assert set(readiness(api).values()) == {("True", None, None)}
    found = api.get(f"{PODS}/p")
    assert [each["type"] for each in found["status"]["conditions"]][:2] == ["example.com/a", "example.com/b"]
    owned = [each["fieldsV1"] for each in found["metadata"]["managedFields"] if each.get("subresource") == "status"]
    assert 'k:{"type":"example.com/b"}' in owned[0]["f:status"]["f:conditions"]
    assert 'k:{"type":"Ready"}' in owned[1]["f:status"]["f:conditions"]
    before = int(found["metadata"]["resourceVersion"])
    gate(api, condition("example.com/a", "Unknown"))
    work()
    assert changes.since(target_of("pods"), before)[0][-1].manifest == api.get(f"{PODS}/p")
    assert readiness(api)["Ready"][:2] == ("False", "ReadinessGatesNotReady")
    assert models.Pod.objects.get(name="p").ready is False


def gate(api: Api, *conditions: Json) -> None:
    """Conditions that a client writes beside those of a simulated kubelet."""
    answer = api("PATCH", f"{PODS}/p/status", {"status": {"conditions": list(conditions)}}, STRATEGIC)
    assert answer.status_code == 200, answer.json()
    assert "Warning" not in answer.headers


def readiness(api: Api) -> dict[str, tuple[str, str | None, str | None]]:
    found = api.get(f"{PODS}/p")["status"]["conditions"]
    return {
        each["type"]: (each["status"], each.get("reason"), each.get("message"))
        for each in found
        if each["type"] in ("Ready", "ContainersReady")
    }


def test_a_simulated_pod_stands_still_once_its_node_is_somebody_else_s(api: Api, work: Work) -> None:
    made(api, node=SIMULATED)
    work()
    before = api.get(f"{PODS}/p")
    annotate(api, EXTERNAL, SIMULATED)
    work()
    assert api.get(f"{PODS}/p") == before
    api("DELETE", f"{PODS}/p")
    work()
    assert api.get(f"{PODS}/p")["metadata"]["deletionTimestamp"]
    found = report(api, {"phase": "Succeeded"})
    assert (found["status"]["phase"], found["status"]["podIP"]) == ("Succeeded", before["status"]["podIP"])
    assert api("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 0}).status_code == 200


def test_the_simulated_kubelet_goes_on_with_what_a_client_has_left(api: Api, work: Work) -> None:
    """What runs goes on with its restarts, what has not been started is started, what was told to stop goes."""
    for name in ("p", "new", "ending", "over"):
        api("POST", PODS, pod(name))
    report(api, running(ready=False))
    for name in ("ending", "over"):
        report(api, running(), name)
    report(api, {"phase": "Failed"}, "over")
    api("DELETE", f"{PODS}/ending")
    annotate(api, None)
    work()
    found = {each["metadata"]["name"]: each["status"] for each in api.get(PODS)["items"]}
    assert {name: each["phase"] for name, each in found.items()} == {"p": "Running", "new": "Running", "over": "Failed"}
    (went_on,) = found["p"]["containerStatuses"]
    assert (went_on["restartCount"], went_on["ready"], went_on["state"]) == (2, True, {"running": {"startedAt": THEN}})
    (begun,) = found["new"]["containerStatuses"]
    assert (begun["restartCount"], begun["ready"]) == (0, True)
