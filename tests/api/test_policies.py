"""ResourceQuota, LimitRange and PodDisruptionBudget through the API: what is refused, in upstream's words, and what their statuses say."""

from typing import Any

import pytest

from cluster import models
from cluster.core.policies.amounts import Amounts
from cluster.live import worker
from cluster.records.memory import Memory
from cluster.writing import quotas
from tests.api.conftest import Api, Work, manifest
from tests.spaces import demo

pytestmark = pytest.mark.usefixtures("cluster")
V1 = "/api/v1/namespaces/default"
APPS = "/apis/apps/v1/namespaces/default"
CLAIMS = f"{V1}/persistentvolumeclaims"
POLICY = "/apis/policy/v1/namespaces/default"
MERGE = "application/merge-patch+json"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def at_once(cluster: None) -> None:  # noqa: ARG001
    models.ImageBehaviour.objects.create(cluster=demo(), order=1, pattern="*")


def pod(name: str = "solo", requests: Json | None = None, limits: Json | None = None, **spec: Any) -> Json:
    resources = {key: each for key, each in (("requests", requests), ("limits", limits)) if each}
    container = {"name": "c", "image": "nginx:1", **({"resources": resources} if resources else {})}
    about = {"name": name, "labels": {"app": "solo"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": {"containers": [container], **spec}}


def quota(name: str = "q", scopes: list[str] | None = None, **hard: str) -> Json:
    named = {key.replace("__", "/").replace("_", "."): value for key, value in hard.items()}
    spec: Json = {"hard": named, **({"scopes": scopes} if scopes else {})}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec}


def limit_range(**item: Any) -> Json:
    spec = {"limits": [{"type": "Container", **item}]}
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "range"}, "spec": spec}


def config_map(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


def service(name: str, kind: str = "ClusterIP") -> Json:
    spec = {"type": kind, "ports": [{"port": 80}], "selector": {"app": "solo"}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def budget(**spec: Any) -> Json:
    about = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}}
    return {**about, "spec": {"selector": {"matchLabels": {"a": "b"}}, **spec}}


def used(api: Api, name: str = "q") -> Json:
    found: Json = api.get(f"{V1}/resourcequotas/{name}")["status"]["used"]
    return found


def made(api: Api, path: str, body: Json) -> Json:
    answer = api("POST", path, body)
    assert answer.status_code == 201, answer.json()
    found: Json = answer.json()
    return found


def refusal(api: Api, path: str, body: Json, code: int = 403) -> str:
    answer = api("POST", path, body)
    assert answer.status_code == code, answer.json()
    found: str = answer.json()["message"]
    return found


def test_a_bare_pod_counts_at_once_and_the_next_is_refused(api: Api, work: Work) -> None:
    made(api, f"{V1}/resourcequotas", quota(pods="1", requests_cpu="1"))
    work()
    assert used(api) == {"pods": "0", "requests.cpu": "0"}
    made(api, f"{V1}/pods", pod("one", {"cpu": "400m"}))
    assert used(api) == {"pods": "1", "requests.cpu": "400m"}
    assert refusal(api, f"{V1}/pods", pod("two", {"cpu": "700m"})) == (
        'pods "two" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=700m, '
        "used: pods=1,requests.cpu=400m, limited: pods=1,requests.cpu=1"
    )
    assert refusal(api, f"{V1}/pods", pod("two")) == (
        'pods "two" is forbidden: failed quota: q: must specify requests.cpu for: c'
    )
    work()
    api("DELETE", f"{V1}/pods/one", {"gracePeriodSeconds": 0})
    work()
    assert used(api) == {"pods": "0", "requests.cpu": "0"}


def test_a_quota_that_nobody_has_counted_for_lets_nothing_in(api: Api) -> None:
    made(api, f"{V1}/resourcequotas", quota(pods="1"))
    text = 'pods "one" is forbidden: status unknown for quota: q, resources: pods'
    assert refusal(api, f"{V1}/pods", pod("one")) == text


def test_a_trial_counts_for_nothing(api: Api, work: Work) -> None:
    made(api, f"{V1}/resourcequotas", quota(pods="1"))
    work()
    made(api, f"{V1}/pods?dryRun=All", pod("one"))
    assert used(api) == {"pods": "0"}


@pytest.mark.parametrize(
    ("scopes", "counted"),
    [
        pytest.param(["BestEffort"], {"plain"}, id="best effort"),
        pytest.param(["NotBestEffort"], {"asking", "ending"}, id="not best effort"),
        pytest.param(["Terminating"], {"ending"}, id="terminating"),
        pytest.param(["NotTerminating", "NotBestEffort"], {"asking"}, id="both"),
        pytest.param(["PriorityClass"], set(), id="priority class"),
    ],
)
def test_a_quota_with_scopes_counts_what_is_in_them(api: Api, work: Work, scopes: list[str], counted: set[str]) -> None:
    made(api, f"{V1}/resourcequotas", quota(scopes=scopes, pods="9"))
    work()
    made(api, f"{V1}/pods", pod("plain"))
    made(api, f"{V1}/pods", pod("asking", {"cpu": "1"}))
    made(api, f"{V1}/pods", pod("ending", {"cpu": "1"}, activeDeadlineSeconds=60))
    assert used(api) == {"pods": str(len(counted))}
    work()
    assert used(api) == {"pods": str(len(counted))}


def test_objects_are_counted_as_they_come_and_go(api: Api, work: Work) -> None:
    made(api, f"{V1}/configmaps", config_map("a"))
    made(api, f"{V1}/resourcequotas", quota(configmaps="2", count__configmaps="3", services_nodeports="1"))
    assert used(api) == {"configmaps": "1", "count/configmaps": "1", "services.nodeports": "0"}
    work()
    made(api, f"{V1}/configmaps", config_map("b"))
    assert used(api)["configmaps"] == "2"
    assert refusal(api, f"{V1}/configmaps", config_map("c")) == (
        'configmaps "c" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2'
    )
    api("DELETE", f"{V1}/configmaps/a")
    assert used(api) == {"configmaps": "1", "count/configmaps": "1", "services.nodeports": "0"}
    made(api, f"{V1}/configmaps", config_map("c"))


def test_a_service_counts_its_node_ports_also_when_it_is_changed(api: Api) -> None:
    made(api, f"{V1}/resourcequotas", quota(services="2", services_nodeports="1"))
    before = int(used(api)["services"])  # the API server's own is there already
    made(api, f"{V1}/services", service("a", "NodePort"))
    assert used(api) == {"services": str(before + 1), "services.nodeports": "1"}
    api("DELETE", f"{V1}/services/kubernetes")
    made(api, f"{V1}/services", service("b"))
    answer = api("PATCH", f"{V1}/services/b", {"spec": {"type": "NodePort"}}, MERGE)
    text = (
        "exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1"
    )
    assert (answer.status_code, answer.json()["message"]) == (403, f'services "b" is forbidden: {text}')


def test_quotas_of_the_same_scopes_share_one_count(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two", "three"):
        made(api, f"{V1}/resourcequotas", quota(name, configmaps="9"))
    counts: list[str] = []
    count = quotas.used_now

    def counted(space: models.Namespace, resource: str, selectors: quotas.Selectors) -> Amounts:
        counts.append(resource)
        return count(space, resource, selectors)

    monkeypatch.setattr(quotas, "used_now", counted)
    made(api, f"{V1}/configmaps", config_map("a"))
    api("DELETE", f"{V1}/configmaps/a")
    assert counts == ["configmaps", "configmaps"]


VOLUME_CLASS = "VolumeAttributesClass"


@pytest.mark.parametrize(
    ("selector", "counted"),
    [
        pytest.param({"operator": "Exists"}, {"gold", "silver"}, id="any class"),
        pytest.param({"operator": "DoesNotExist"}, {"plain"}, id="no class"),
        pytest.param({"operator": "In", "values": ["gold"]}, {"gold"}, id="one of some classes"),
        pytest.param({"operator": "NotIn", "values": ["gold"]}, {"plain", "silver"}, id="none of some classes"),
    ],
)
def test_a_quota_of_volume_classes_counts_their_claims(api: Api, selector: Json, counted: set[str]) -> None:
    made(api, CLAIMS, claim("gold", "gold"))
    body = quota(persistentvolumeclaims=str(len(counted)), requests_storage="10Gi")
    body["spec"]["scopeSelector"] = {"matchExpressions": [{"scopeName": VOLUME_CLASS, **selector}]}
    made(api, f"{V1}/resourcequotas", body)
    assert used(api)["persistentvolumeclaims"] == str(len(counted & {"gold"}))
    made(api, CLAIMS, claim("silver", "silver"))
    made(api, CLAIMS, claim("plain", None))
    full = {"persistentvolumeclaims": str(len(counted)), "requests.storage": f"{len(counted)}Gi"}
    assert used(api) == full
    more = next(iter(counted))
    text = refusal(api, CLAIMS, claim("more", None if more == "plain" else more))
    assert text.startswith(
        'persistentvolumeclaims "more" is forbidden: exceeded quota: q, requested: persistentvolumeclaims=1'
    )
    api("DELETE", f"{CLAIMS}/{more}")
    assert used(api)["persistentvolumeclaims"] == str(len(counted) - 1)


def claim(name: str, volume_class: str | None) -> Json:
    spec: Json = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    if volume_class:
        spec["volumeAttributesClassName"] = volume_class
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def test_deployments_are_counted(api: Api, work: Work) -> None:
    made(api, f"{V1}/resourcequotas", quota(count__deployments_apps="1"))
    work()
    made(api, f"{APPS}/deployments", manifest("web"))
    work()
    assert used(api) == {"count/deployments.apps": "1"}
    key = "count/deployments.apps"
    assert refusal(api, f"{APPS}/deployments", manifest("other")) == (
        f'deployments.apps "other" is forbidden: exceeded quota: q, requested: {key}=1, used: {key}=1, limited: {key}=1'
    )


def settle(memory: Memory) -> None:
    """With a worker that remembers how often a key has failed: its tries come ever later."""
    for _ in range(100):
        if not worker.run_next({}, memory):
            break


def test_a_quota_too_small_for_the_surge_and_raised(api: Api) -> None:
    memory = Memory()
    made(api, f"{V1}/resourcequotas", quota(pods="2"))
    made(api, f"{APPS}/deployments", manifest("web", replicas=3))
    settle(memory)
    status = api.get(f"{APPS}/deployments/web")["status"]
    failing = next(each for each in status["conditions"] if each["type"] == "ReplicaFailure")
    assert (status["replicas"], failing["reason"]) == (2, "FailedCreate")
    assert failing["message"].endswith("exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2")
    assert used(api) == {"pods": "2"}
    events = [each for each in api.get(f"{V1}/events")["items"] if each["reason"] == "FailedCreate"]
    assert {(each["type"], each["message"].partition(" pods")[0]) for each in events} == {
        ("Warning", "Error creating:")
    }
    api("PATCH", f"{V1}/resourcequotas/q", {"spec": {"hard": {"pods": "5"}}}, MERGE)
    models.Cluster.objects.update(clock_sim=60.0)
    settle(memory)
    status = api.get(f"{APPS}/deployments/web")["status"]
    assert (status["replicas"], used(api)) == (3, {"pods": "3"})


def test_a_limit_range_gives_containers_what_they_do_not_say(api: Api, work: Work) -> None:
    defaults = {"default": {"cpu": "500m", "memory": "1Gi"}, "defaultRequest": {"cpu": "100m"}}
    made(api, f"{V1}/limitranges", limit_range(**defaults))
    found = made(api, f"{V1}/pods", pod("one", {"memory": "64Mi"}))
    assert found["spec"]["containers"][0]["resources"] == {
        "limits": {"cpu": "500m", "memory": "1Gi"},
        "requests": {"cpu": "100m", "memory": "64Mi"},
    }
    note = "LimitRanger plugin set: cpu request for container c; cpu, memory limit for container c"
    assert found["metadata"]["annotations"] == {"kubernetes.io/limit-ranger": note}
    made(api, f"{APPS}/deployments", manifest("web", replicas=1))
    work()
    pods = api.get(f"{V1}/pods?labelSelector=a=b")["items"]
    assert [each["spec"]["containers"][0]["resources"]["limits"]["cpu"] for each in pods] == ["500m"]
    assert api.get(f"{APPS}/replicasets")["items"][0]["spec"]["template"]["spec"]["containers"][0]["resources"] == {}


@pytest.mark.parametrize(
    ("item", "resources", "text"),
    [
        pytest.param(
            {"min": {"cpu": "200m"}, "defaultRequest": {"cpu": "200m"}, "default": {"cpu": "1"}}, {"requests": {"cpu": "50m"}},
            "minimum cpu usage per Container is 200m, but request is 50m", id="too little",
        ),
        pytest.param(
            {"max": {"memory": "1Gi"}}, {"limits": {"memory": "2Gi"}, "requests": {"memory": "1Mi"}},
            "maximum memory usage per Container is 1Gi, but limit is 2Gi", id="too much",
        ),
        pytest.param(
            {"maxLimitRequestRatio": {"cpu": "2"}}, {"limits": {"cpu": "1"}, "requests": {"cpu": "250m"}},
            "cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000", id="ratio",
        ),
        pytest.param(
            {"type": "Pod", "max": {"cpu": "1"}}, {},
            "maximum cpu usage per Pod is 1.  No limit is specified", id="a pod without a limit",
        ),
        pytest.param(
            {"max": {"cpu": "1", "memory": "1Gi"}}, {"limits": {"cpu": "2", "memory": "2Gi"}},
            "[maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]",
            id="two at once",
        ),
    ],
)  # fmt: skip
def test_a_limit_range_refuses_what_is_out_of_it(api: Api, item: Json, resources: Json, text: str) -> None:
    made(api, f"{V1}/limitranges", limit_range(**item))
    assert refusal(api, f"{V1}/pods", pod("one", **resources)) == f'pods "one" is forbidden: {text}'


def test_only_the_clusters_administrators_change_limits(api: Api, member: Any) -> None:
    made(api, f"{V1}/resourcequotas", quota(pods="1"))
    editor = member("default:edit")
    assert editor("DELETE", f"{V1}/resourcequotas/q").status_code == 403
    assert editor("GET", f"{V1}/resourcequotas/q").status_code == 200


def evicted(api: Api, name: str, query: str = "", **options: Any) -> Any:
    about = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "default"}}
    body = {**about, **({"deleteOptions": options} if options else {})}
    return api("POST", f"{V1}/pods/{name}/eviction{query}", body)


def names(api: Api) -> list[str]:
    return [each["metadata"]["name"] for each in api.get(f"{V1}/pods")["items"]]


def test_an_eviction_waits_for_the_budget(api: Api, work: Work) -> None:
    made(api, f"{APPS}/deployments", manifest("web", replicas=2))
    work()
    made(api, f"{POLICY}/poddisruptionbudgets", budget(minAvailable=1))
    first, second = names(api)
    answer = evicted(api, first).json()
    assert (answer["code"], answer["reason"], answer["details"]["retryAfterSeconds"]) == (429, "TooManyRequests", 10)
    cause = {"reason": "DisruptionBudget", "message": "The disruption budget b is still being processed by the server."}
    assert answer["details"]["causes"] == [cause]
    work()
    assert evicted(api, first, "?dryRun=All").status_code == 201
    assert evicted(api, first, dryRun=["All"]).status_code == 201
    answer = evicted(api, first)
    success = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    assert (answer.status_code, answer.json()) == (201, success)
    status = api.get(f"{POLICY}/poddisruptionbudgets/b")["status"]
    assert (status["disruptionsAllowed"], list(status["disruptedPods"])) == (0, [first])
    answer = evicted(api, second)
    assert answer.status_code == 429
    assert answer.json() == {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 429,
        "message": "Cannot evict pod as it would violate the pod's disruption budget.", "reason": "TooManyRequests",
        "details": {
            "causes": [{"reason": "DisruptionBudget",
                        "message": "The disruption budget b needs 1 healthy pods and has 2 currently"}],
        },
    }  # fmt: skip
    work()
    assert first not in names(api)
    status = api.get(f"{POLICY}/poddisruptionbudgets/b")["status"]
    assert {key: each for key, each in status.items() if key != "conditions"} == {
        "observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2,
    }  # fmt: skip
    assert [(each["type"], each["status"], each["reason"]) for each in status["conditions"]] == [
        ("DisruptionAllowed", "True", "SufficientPods")
    ]


def test_a_pod_under_two_budgets_is_not_evicted(api: Api, work: Work) -> None:
    made(api, f"{APPS}/deployments", manifest("web", replicas=1))
    made(api, f"{POLICY}/poddisruptionbudgets", budget(minAvailable=0))
    made(api, f"{POLICY}/poddisruptionbudgets", {**budget(minAvailable=0), "metadata": {"name": "c"}})
    work()
    answer = evicted(api, names(api)[0])
    text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    assert (answer.status_code, answer.json()["message"]) == (500, text)


def test_the_name_of_an_eviction_is_that_of_its_pod(api: Api) -> None:
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "other"}}
    answer = api("POST", f"{V1}/pods/one/eviction", body)
    assert (answer.status_code, answer.json()["message"]) == (400, "name in URL does not match name in Eviction object")
    assert evicted(api, "nobody").status_code == 404


def test_an_eviction_keeps_to_its_preconditions(api: Api, work: Work) -> None:
    made(api, f"{V1}/pods", pod("one"))
    work()
    assert evicted(api, "one", preconditions={"uid": "another"}).status_code == 409


def test_discovery_tells_of_evictions(api: Api) -> None:
    found = {each["name"]: each for each in api.get("/api/v1")["resources"]}["pods/eviction"]
    assert (found["group"], found["version"], found["kind"], found["verbs"]) == ("policy", "v1", "Eviction", ["create"])
