"""Rows of kept kinds, cell by cell, as pkg/printers/internalversion/printers_test.go expects them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.printers import tables

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BORN = "2026-01-01T11:59:00Z"
AGE = "60s"
BY_RESOURCE = {each.resource: each for each in kinds.KEPT}
Json = dict[str, Any]
POD = {
    "containers": [{"name": "a", "image": "nginx:1"}, {"name": "b", "image": "redis"}],
    "nodeSelector": {"disk": "ssd"},
}
TEMPLATE = {"metadata": {"labels": {"b": "2", "a": "1"}}, "spec": POD}
LABELS = {"matchLabels": {"app": "x"}}
TWO_CONTAINERS = ("a,b", "nginx:1,redis")


def service(spec: Json, **status: Any) -> Json:
    return {"spec": {"ports": [{"port": 80, "protocol": "TCP"}], **spec}, "status": status}


def autoscaler(*metrics: Json, status: list[Json] | None = None, **more: Any) -> Json:
    target = {"kind": "Deployment", "name": "web"}
    return {
        "spec": {"scaleTargetRef": target, "maxReplicas": 10, "metrics": list(metrics), **more},
        "status": {"currentReplicas": 4, "currentMetrics": status or []},
    }


def cpu(target: Json) -> Json:
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def used(current: Json) -> Json:
    return {"type": "Resource", "resource": {"name": "cpu", "current": current}}


PODS = {"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "100m"}}}
OBJECT = {"type": "Object", "object": {"target": {"type": "Value", "value": "100m"}}}
EXTERNAL = {"type": "External", "external": {"target": {"type": "AverageValue", "averageValue": "100m"}}}

CASES = [
    pytest.param("services", service({"type": "ClusterIP", "clusterIPs": ["10.9.8.7"]}),
                 ["n", "ClusterIP", "10.9.8.7", "<none>", "80/TCP", AGE, "<none>"], id="service"),
    pytest.param("services", service({"type": "NodePort", "clusterIP": "1.2.3.4", "externalIPs": ["8.8.8.8"],
                                      "ports": [{"port": 53, "protocol": "UDP", "nodePort": 30053}, {"port": 8, "protocol": "TCP"}],
                                      "selector": {"z": "1", "a": "2"}}),
                 ["n", "NodePort", "1.2.3.4", "8.8.8.8", "53:30053/UDP,8/TCP", AGE, "a=2,z=1"], id="service on nodes"),
    pytest.param("services", service({"type": "LoadBalancer", "clusterIPs": ["1.2.3.4"]}),
                 ["n", "LoadBalancer", "1.2.3.4", "<pending>", "80/TCP", AGE, "<none>"], id="service without its balancer"),
    pytest.param("services", service({"type": "LoadBalancer", "clusterIPs": ["1.2.3.4"], "externalIPs": ["9.9.9.9"]},
                                     loadBalancer={"ingress": [{"ip": "3.3.3.3"}, {"hostname": "a.example"}, {"ip": "2.2.2.2"}]}),
                 ["n", "LoadBalancer", "1.2.3.4", "2.2.2.2,3.3.3.3,a.example,9.9.9.9", "80/TCP", AGE, "<none>"],
                 id="service with a balancer"),
    pytest.param("services", {"spec": {"type": "ExternalName", "externalName": "a.example"}},
                 ["n", "ExternalName", "<none>", "a.example", "<none>", AGE, "<none>"], id="service elsewhere"),
    pytest.param("services", service({"type": "ClusterIP", "clusterIPs": ["None"]}),
                 ["n", "ClusterIP", "None", "<none>", "80/TCP", AGE, "<none>"], id="headless service"),
    pytest.param("endpoints", {}, ["n", "<none>", AGE], id="no endpoints"),
    pytest.param("endpoints", {"subsets": [{"addresses": [{"ip": "1.2.3.4"}, {"ip": "::1"}], "ports": [{"port": 80}, {"port": 81}]}]},
                 ["n", "1.2.3.4:80,[::1]:80,1.2.3.4:81 + 1 more...", AGE], id="endpoints"),
    pytest.param("endpoints", {"subsets": [{"addresses": [{"ip": "1.2.3.4"}]}]}, ["n", "1.2.3.4", AGE], id="endpoints, no ports"),
    pytest.param("endpointslices.discovery.k8s.io",
                 {"addressType": "IPv4", "ports": [{"port": 80}, {"name": "x"}, {}, {"port": 9}],
                  "endpoints": [{"addresses": ["1.1.1.1", "2.2.2.2"]}]},
                 ["n", "IPv4", "80,x,* + 1 more...", "1.1.1.1,2.2.2.2", AGE], id="slice"),
    pytest.param("endpointslices.discovery.k8s.io", {"addressType": "IPv6"}, ["n", "IPv6", "<unset>", "<unset>", AGE], id="empty slice"),
    pytest.param("ingresses.networking.k8s.io",
                 {"spec": {"rules": [{"host": "a"}], "tls": [{}], "ingressClassName": "c"},
                  "status": {"loadBalancer": {"ingress": [{"ip": "1.1.1.1"}]}}},
                 ["n", "c", "a", "1.1.1.1", "80, 443", AGE], id="ingress"),
    pytest.param("ingresses.networking.k8s.io", {"spec": {"defaultBackend": {}}}, ["n", "<none>", "*", "", "80", AGE], id="bare ingress"),
    pytest.param("ingresses.networking.k8s.io", {"spec": {"rules": [{"host": each} for each in "abcde"]}},
                 ["n", "<none>", "a,b,c + 2 more...", "", "80", AGE], id="ingress of many hosts"),
    pytest.param("ingresses.networking.k8s.io", {"spec": {"rules": [{"host": each} for each in "abc"]}},
                 ["n", "<none>", "a,b,c", "", "80", AGE], id="ingress of three hosts"),
    pytest.param("ingressclasses.networking.k8s.io",
                 {"spec": {"controller": "example.com/c", "parameters": {"apiGroup": "g", "kind": "K", "name": "p"}}},
                 ["n", "example.com/c", "K.g/p", AGE], id="ingress class"),
    pytest.param("networkpolicies.networking.k8s.io", {"spec": {"podSelector": {}}}, ["n", "<none>", AGE], id="policy of all pods"),
    pytest.param("networkpolicies.networking.k8s.io",
                 {"spec": {"podSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["y", "x"]}]}}},
                 ["n", "a in (x,y)", AGE], id="policy of some pods"),
    pytest.param("configmaps", {"data": {"a": "1"}, "binaryData": {"b": "MQ=="}}, ["n", 2, AGE], id="config map"),
    pytest.param("secrets", {"type": "Opaque", "data": {"a": "MQ=="}}, ["n", "Opaque", 1, AGE], id="secret"),
    pytest.param("serviceaccounts", {}, ["n", 0, AGE], id="service account"),
    pytest.param("persistentvolumes",
                 {"spec": {"capacity": {"storage": "4Gi"}, "accessModes": ["ReadOnlyMany", "ReadWriteOnce"], "storageClassName": "fast",
                           "persistentVolumeReclaimPolicy": "Retain", "claimRef": {"namespace": "ns", "name": "c"}, "volumeMode": "Block"},
                  "status": {"phase": "Bound"}},
                 ["n", "4Gi", "RWO,ROX", "Retain", "Bound", "ns/c", "fast", "<unset>", "", AGE, "Block"], id="volume"),
    pytest.param("persistentvolumeclaims",
                 {"spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast"}, "status": {"phase": "Pending"}},
                 ["n", "Pending", "", "", "", "fast", "<unset>", AGE, "<unset>"], id="claim that waits"),
    pytest.param("persistentvolumeclaims",
                 {"spec": {"volumeName": "v", "volumeMode": "Filesystem"},
                  "status": {"phase": "Bound", "capacity": {"storage": "4Gi"}, "accessModes": ["ReadWriteOncePod"]}},
                 ["n", "Bound", "v", "4Gi", "RWOP", "", "<unset>", AGE, "Filesystem"], id="claim that is bound"),
    pytest.param("storageclasses.storage.k8s.io",
                 {"metadata": {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "p"},
                 ["n (default)", "p", "Delete", "Immediate", False, AGE], id="storage class"),
    pytest.param("csidrivers.storage.k8s.io", {"spec": {"volumeLifecycleModes": ["Persistent", "Ephemeral"]}},
                 ["n", True, False, False, "<unset>", False, "Persistent,Ephemeral", AGE], id="driver"),
    pytest.param("statefulsets.apps", {"spec": {"replicas": 3, "template": TEMPLATE}, "status": {"readyReplicas": 1}},
                 ["n", "1/3", AGE, *TWO_CONTAINERS], id="stateful set"),
    pytest.param("daemonsets.apps",
                 {"spec": {"template": TEMPLATE, "selector": LABELS},
                  "status": {"desiredNumberScheduled": 3, "currentNumberScheduled": 2, "numberReady": 1}},
                 ["n", 3, 2, 1, 0, 0, "disk=ssd", AGE, *TWO_CONTAINERS, "app=x"], id="daemon set"),
    pytest.param("replicationcontrollers",
                 {"spec": {"replicas": 5, "template": TEMPLATE, "selector": {"a": "1", "foo": "bar"}},
                  "status": {"replicas": 3, "readyReplicas": 1}},
                 ["n", 5, 3, 1, AGE, *TWO_CONTAINERS, "a=1,foo=bar"], id="replication controller"),
    pytest.param("podtemplates", {"template": TEMPLATE}, ["n", *TWO_CONTAINERS, "a=1,b=2"], id="pod template"),
    pytest.param("controllerrevisions.apps",
                 {"metadata": {"ownerReferences": [{"controller": True, "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d"}]},
                  "revision": 2},
                 ["n", "daemonset.apps/d", 2, AGE], id="revision"),
    pytest.param("controllerrevisions.apps", {"revision": 3}, ["n", "<none>", 3, AGE], id="revision of nobody"),
    pytest.param("jobs.batch", {"spec": {"template": TEMPLATE, "selector": LABELS, "completions": 2}, "status": {"succeeded": 1}},
                 ["n", "Running", "1/2", "", AGE, *TWO_CONTAINERS, "app=x"], id="job"),
    pytest.param("jobs.batch",
                 {"spec": {"template": TEMPLATE, "parallelism": 4},
                  "status": {"startTime": "2026-01-01T11:00:00Z", "completionTime": "2026-01-01T11:30:00Z",
                             "conditions": [{"type": "Complete", "status": "True"}]}},
                 ["n", "Complete", "0/1 of 4", "30m", AGE, *TWO_CONTAINERS, "<none>"], id="job that is done"),
    pytest.param("jobs.batch",
                 {"spec": {"template": TEMPLATE, "completions": 1},
                  "status": {"startTime": "2026-01-01T11:40:00Z", "conditions": [{"type": "Suspended", "status": "True"}]}},
                 ["n", "Suspended", "0/1", "20m", AGE, *TWO_CONTAINERS, "<none>"], id="job that is suspended"),
    pytest.param("cronjobs.batch",
                 {"spec": {"schedule": "0/5 * * * ?", "suspend": False, "jobTemplate": {"spec": {"template": TEMPLATE}}},
                  "status": {"active": [{}], "lastScheduleTime": "2026-01-01T11:00:00Z"}},
                 ["n", "0/5 * * * ?", "<none>", "False", 1, "60m", AGE, *TWO_CONTAINERS, "<none>"], id="cron job"),
    pytest.param("horizontalpodautoscalers.autoscaling", autoscaler(minReplicas=2),
                 ["n", "Deployment/web", "<none>", "2", 10, 4, AGE], id="autoscaler without metrics"),
    pytest.param("horizontalpodautoscalers.autoscaling",
                 autoscaler(cpu({"averageUtilization": 80}), status=[used({"averageUtilization": 50, "averageValue": "5m"})]),
                 ["n", "Deployment/web", "cpu: 50%/80%", "<unset>", 10, 4, AGE], id="autoscaler by CPU"),
    pytest.param("horizontalpodautoscalers.autoscaling", autoscaler(cpu({"averageValue": "100m"})),
                 ["n", "Deployment/web", "cpu: <unknown>/100m", "<unset>", 10, 4, AGE], id="autoscaler that knows nothing yet"),
    pytest.param("horizontalpodautoscalers.autoscaling", autoscaler(PODS, OBJECT, EXTERNAL),
                 ["n", "Deployment/web", "<unknown>/100m, <unknown>/100m + 1 more...", "<unset>", 10, 4, AGE],
                 id="autoscaler by many metrics"),
    pytest.param("horizontalpodautoscalers.autoscaling", autoscaler(EXTERNAL),
                 ["n", "Deployment/web", "<unknown>/100m (avg)", "<unset>", 10, 4, AGE], id="autoscaler by something else"),
    pytest.param("poddisruptionbudgets.policy", {"spec": {"minAvailable": 3}}, ["n", "3", "N/A", 0, AGE], id="budget"),
    pytest.param("poddisruptionbudgets.policy", {"spec": {"maxUnavailable": "50%"}, "status": {"disruptionsAllowed": 5}},
                 ["n", "N/A", "50%", 5, AGE], id="budget in percent"),
    pytest.param("resourcequotas",
                 {"status": {"hard": {"pods": "4", "limits.cpu": "2", "cpu": "1"}, "used": {"pods": "2", "limits.cpu": "1"}}},
                 ["n", "cpu: 0/1, pods: 2/4", "limits.cpu: 1/2", AGE], id="quota"),
    pytest.param("priorityclasses.scheduling.k8s.io", {"value": 1, "preemptionPolicy": "Never"},
                 ["n", 1, False, AGE, "Never"], id="priority"),
    pytest.param("rolebindings.rbac.authorization.k8s.io",
                 {"roleRef": {"kind": "Role", "name": "r"},
                  "subjects": [{"kind": "User", "name": "u"}, {"kind": "Group", "name": "g"}, {"kind": "Group", "name": "h"},
                               {"kind": "ServiceAccount", "name": "a", "namespace": "ns"}]},
                 ["n", "Role/r", AGE, "u", "g, h", "ns/a"], id="role binding"),
    pytest.param("leases.coordination.k8s.io", {"spec": {"holderIdentity": "h"}}, ["n", "h", AGE], id="lease"),
    pytest.param("validatingwebhookconfigurations.admissionregistration.k8s.io", {"webhooks": [{}, {}]}, ["n", 2, AGE], id="webhooks"),
    pytest.param("validatingadmissionpolicybindings.admissionregistration.k8s.io", {"spec": {"policyName": "p", "paramRef": {"name": "x"}}},
                 ["n", "p", "*/x", AGE], id="admission binding"),
    pytest.param("certificatesigningrequests.certificates.k8s.io",
                 {"spec": {"signerName": "s", "username": "u", "expirationSeconds": 3600},
                  "status": {"conditions": [{"type": "Approved"}], "certificate": "MQ=="}},
                 ["n", AGE, "s", "u", "60m", "Approved,Issued"], id="signing request"),
    pytest.param("resourceclaims.resource.k8s.io", {"status": {"allocation": {}, "reservedFor": [{}]}},
                 ["n", "allocated,reserved", AGE], id="resource claim"),
    pytest.param("ipaddresses.networking.k8s.io", {"spec": {"parentRef": {"resource": "services", "namespace": "ns", "name": "s"}}},
                 ["n", "services/ns/s"], id="address"),
    pytest.param("roles.rbac.authorization.k8s.io", {"rules": []}, ["n", BORN], id="role, as what has no columns of its own"),
    pytest.param("limitranges", {}, ["n", BORN], id="limit range"),
    pytest.param("customresourcedefinitions.apiextensions.k8s.io", {}, ["n", BORN], id="definition"),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "manifest", "cells"), CASES)
def test_cells(resource: str, manifest: Json, cells: list[Any]) -> None:
    about = {"name": "n", "creationTimestamp": BORN, **manifest.get("metadata", {})}
    row = tables.row(BY_RESOURCE[resource], "v1", {**manifest, "metadata": about}, NOW, "None")
    assert row["cells"] == cells


@pytest.mark.parametrize("kind", [pytest.param(each, id=each.resource) for each in kinds.KEPT])
def test_every_column_says_what_it_is(kind: kinds.Kind) -> None:
    found = tables.table(kind, [], rv=1)["columnDefinitions"]
    assert found[0]["name"] == "Name"
    assert all(each["description"] for each in found)


@pytest.mark.parametrize("kind", [pytest.param(each, id=each.resource) for each in kinds.KEPT])
def test_an_object_with_nothing_but_a_name_has_a_row(kind: kinds.Kind) -> None:
    about = {"name": "n", "creationTimestamp": BORN}
    row = tables.row(kind, "v1", {"metadata": about}, NOW, "None")
    assert len(row["cells"]) == len(tables.table(kind, [], rv=1)["columnDefinitions"])


def test_every_set_of_columns_belongs_to_a_kind() -> None:
    assert set(tables.kept.COLUMNS) <= set(BY_RESOURCE)
