"""Pods and nodes through the API, as the scheduler and a client's own scheduler see them."""

from typing import Any

import pytest

from cluster import models
from tests.api.conftest import Api, Work
from tests.spaces import demo

pytestmark = pytest.mark.usefixtures("cluster")
V1, PODS = "/api/v1", "/api/v1/namespaces/default/pods"
CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses"
MERGE = "application/merge-patch+json"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def at_once(cluster: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")


def pod(name: str = "p", cpu: str = "", **spec: Any) -> Json:
    container: Json = {"name": "c", "image": "c:1"}
    if cpu:
        container["resources"] = {"requests": {"cpu": cpu}}
    spec = {"containers": [container], **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def node(name: str, cpu: str, **status: Any) -> Json:
    amounts = {"cpu": cpu, "memory": "8Gi", "pods": "110", **status}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"capacity": amounts}}


def only(api: Api, *nodes: Json) -> None:
    """No nodes but these."""
    for each in api.get(f"{V1}/nodes")["items"]:
        api("DELETE", f"{V1}/nodes/{each['metadata']['name']}")
    for each in nodes:
        assert api("POST", f"{V1}/nodes", each).status_code == 201


def condition(found: Json, kind: str) -> Json:
    return next(each for each in found["status"]["conditions"] if each["type"] == kind)


def events(api: Api, name: str) -> list[tuple[str, str]]:
    found = api.get(f"{V1}/namespaces/default/events")["items"]
    return [(each["reason"], each["message"]) for each in found if each["involvedObject"]["name"] == name]


def test_a_node_tells_of_the_fifty_newest_of_its_images(api: Api) -> None:
    only(api, node("n", "4"))
    pulled = [f"app:{number}" for number in range(60)]
    models.Node.objects.update(images=pulled)
    told = api.get(f"{V1}/nodes/n")["status"]["images"]
    assert [each["names"] for each in told] == [[each] for each in pulled[10:]]


def test_a_node_has_what_it_was_made_with(api: Api) -> None:
    only(api, node("n", "4", **{"example.com/gpu": "2"}))
    found = api.get(f"{V1}/nodes/n")["status"]
    assert found["capacity"] == {"cpu": "4", "memory": "8Gi", "pods": "110", "example.com/gpu": "2"}
    assert found["allocatable"] == found["capacity"]


def test_a_node_s_status_is_patched_and_refused_where_it_is_wrong(api: Api) -> None:
    path = f"{V1}/nodes/node-1/status"
    done = api("PATCH", path, {"status": {"allocatable": {"cpu": "2"}}}, MERGE)
    assert (done.status_code, done.json()["status"]["allocatable"]["cpu"]) == (200, "2")
    wrong = api("PATCH", path, {"status": {"allocatable": {"cpu": "-1"}}}, MERGE).json()
    assert "status.allocatable[cpu]: Invalid value" in wrong["message"]


def test_a_pod_with_a_node_name_is_there_at_once_and_no_scheduler_sees_it(api: Api, work: Work) -> None:
    api("PATCH", f"{V1}/nodes/node-3", {"spec": {"unschedulable": True}}, MERGE)
    made = api("POST", PODS, pod(nodeName="node-3")).json()
    assert made["spec"]["nodeName"] == "node-3"
    work()
    found = api.get(f"{PODS}/p")
    assert (found["status"]["phase"], condition(found, "PodScheduled")["status"]) == ("Running", "True")
    assert "Scheduled" not in dict(events(api, "p"))


@pytest.mark.parametrize("path", [f"{PODS}/p/binding", f"{V1}/namespaces/default/bindings"], ids=["pod", "collection"])
def test_a_pod_of_another_scheduler_waits_for_a_binding(api: Api, work: Work, path: str) -> None:
    api("POST", PODS, pod(schedulerName="mine"))
    work()
    waiting = api.get(f"{PODS}/p")
    assert (waiting["status"]["phase"], "nodeName" in waiting["spec"]) == ("Pending", False)
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": {"name": "node-2"}}
    done = api("POST", path, binding)
    assert (done.status_code, done.json()["status"]) == (201, "Success")
    work()
    found = api.get(f"{PODS}/p")
    assert (found["spec"]["nodeName"], found["status"]["phase"]) == ("node-2", "Running")
    again = api("POST", path, binding).json()
    text = 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "node-2"'
    assert (again["code"], again["message"]) == (409, text)


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ({"name": ""}, 422, "target.name: Required value"),
        ({"name": "node-1", "kind": "Pod"}, 422, "target.kind: Unsupported value"),
        ({"name": 5}, 400, "cannot be handled as a Binding"),
    ],
    ids=["no name", "kind", "type"],
)
def test_a_binding_that_cannot_be_is_refused(api: Api, target: Json, code: int, words: str) -> None:
    api("POST", PODS, pod(schedulerName="mine"))
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": target}
    answer = api("POST", f"{PODS}/p/binding", binding)
    assert (answer.status_code, words in answer.json()["message"]) == (code, True)


def test_a_gated_pod_waits_until_its_gates_are_gone(api: Api, work: Work) -> None:
    api("POST", PODS, pod(schedulingGates=[{"name": "example.com/wait"}]))
    work()
    waiting = condition(api.get(f"{PODS}/p"), "PodScheduled")
    text = "Scheduling is blocked due to non-empty scheduling gates"
    assert (waiting["status"], waiting["reason"], waiting["message"]) == ("False", "SchedulingGated", text)
    assert events(api, "p") == []
    added = api("PATCH", f"{PODS}/p", {"spec": {"schedulingGates": [{"name": "example.com/new"}]}}, MERGE)
    assert "only deletion is allowed, but found new scheduling gate" in added.json()["message"]
    assert api("PATCH", f"{PODS}/p", {"spec": {"schedulingGates": None}}, MERGE).status_code == 200
    work()
    assert api.get(f"{PODS}/p")["status"]["phase"] == "Running"


def test_a_pod_that_fits_nowhere_says_why_and_goes_when_there_is_room(api: Api, work: Work) -> None:
    only(api, node("n", "1"))
    api("POST", PODS, pod(cpu="2"))
    work()
    found = condition(api.get(f"{PODS}/p"), "PodScheduled")
    text = (
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    )
    assert (found["reason"], found["message"]) == ("Unschedulable", text)
    assert events(api, "p") == [("FailedScheduling", text)]
    api("PATCH", f"{V1}/nodes/n/status", {"status": {"allocatable": {"cpu": "2"}}}, MERGE)
    work()
    assert api.get(f"{PODS}/p")["status"]["phase"] == "Running"


def test_a_pod_whose_claim_is_missing_waits_for_it(api: Api, work: Work) -> None:
    api("POST", PODS, pod(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]))
    work()
    said = condition(api.get(f"{PODS}/p"), "PodScheduled")["message"]
    assert said.startswith('0/3 nodes are available: persistentvolumeclaim "data" not found. ')
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec}
    assert api("POST", f"{V1}/namespaces/default/persistentvolumeclaims", claim).status_code == 201
    work()
    assert api.get(f"{PODS}/p")["status"]["phase"] == "Running"


def test_a_pod_of_a_higher_priority_class_takes_the_place_of_another(api: Api, work: Work) -> None:
    only(api, node("n", "1"))
    high = {
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 1000,
    }  # fmt: skip
    assert api("POST", CLASSES, high).status_code == 201
    api("POST", PODS, pod("low", cpu="1"))
    work()
    made = api("POST", PODS, pod("boss", cpu="1", priorityClassName="high")).json()
    assert made["spec"]["priority"] == 1000
    work()
    assert api("GET", f"{PODS}/low").status_code == 404
    assert ("Preempted", f"Preempted by pod {made['metadata']['uid']} on node n") in events(api, "low")
    boss = api.get(f"{PODS}/boss")
    assert (boss["spec"]["nodeName"], boss["status"]["phase"]) == ("n", "Running")
    unknown = api("POST", PODS, pod("other", priorityClassName="none")).json()
    text = 'pods "other" is forbidden: no PriorityClass with name none was found'
    assert (unknown["code"], unknown["message"]) == (403, text)


def test_a_taint_that_is_not_tolerated_drives_a_pod_away(api: Api, work: Work) -> None:
    api("POST", PODS, pod(nodeName="node-1"))
    work()
    taints = [{"key": "bad", "effect": "NoExecute"}]
    assert api("PATCH", f"{V1}/nodes/node-1", {"spec": {"taints": taints}}, MERGE).status_code == 200
    work()
    assert api("GET", f"{PODS}/p").status_code == 404
    assert ("TaintManagerEviction", "Marking for deletion Pod default/p") in events(api, "p")


def test_the_scheduler_s_events_are_written_as_a_series(api: Api, work: Work) -> None:
    api("POST", PODS, pod())
    work()
    found = api.get(f"{V1}/namespaces/default/events")["items"]
    event = next(each for each in found if each["reason"] == "Scheduled")
    assert (event["action"], event["reportingComponent"], event["source"]) == ("Binding", "default-scheduler", {})
    assert (event["firstTimestamp"], event["lastTimestamp"], "count" in event) == (None, None, False)
    assert event["eventTime"].endswith(".000000Z")
    new = api.get("/apis/events.k8s.io/v1/namespaces/default/events")["items"]
    assert next(each for each in new if each["reason"] == "Scheduled")["eventTime"] == event["eventTime"]
