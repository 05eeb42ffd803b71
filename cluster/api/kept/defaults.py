"""Static defaults (pkg/apis/*/v*/defaults.go): a function for each resource, which fills in its own copy of the manifest."""

import base64
import copy
from collections.abc import Callable, Mapping
from typing import Any

from cluster.core.manifests.pod_defaults import default_pod_spec, fill, fill_empty
from cluster.core.policies.ranges import with_item_defaults

Json = dict[str, Any]
RBAC = "rbac.authorization.k8s.io"
UPDATE_ALL = {"maxUnavailable": 1, "maxSurge": 0}


def defaulted(resource: str, manifest: Json) -> Json:
    """A copy of a decoded manifest without nulls, with the defaults of its resource ("services", "jobs.batch" ...)."""
    found = copy.deepcopy(manifest)
    DEFAULTS.get(resource, _nothing)(found)
    return found


def _nothing(_: Json) -> None:
    pass


def service(manifest: Json) -> None:
    """Without addresses: these are added by `give_addresses`."""
    spec = manifest.setdefault("spec", {})
    fill_empty(spec, sessionAffinity="None", type="ClusterIP")
    if spec["sessionAffinity"] == "ClientIP":
        fill(spec.setdefault("sessionAffinityConfig", {}).setdefault("clientIP", {}), timeoutSeconds=10800)
    for port in spec.get("ports") or ():
        fill_empty(port, protocol="TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port", 0)
    if spec["type"] in ("NodePort", "LoadBalancer"):
        fill_empty(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        fill(spec, allocateLoadBalancerNodePorts=True)
    if spec["type"] != "ExternalName":
        fill(spec, internalTrafficPolicy="Cluster", ipFamilyPolicy="SingleStack", ipFamilies=["IPv4"])
    manifest.setdefault("status", {}).setdefault("loadBalancer", {})


def give_addresses(manifest: Json, *, cluster_ip: Callable[[], str], node_port: Callable[[], int]) -> Json:
    """A defaulted Service with the addresses and ports of its type (pkg/registry/core/service/storage/alloc.go)."""
    found = copy.deepcopy(manifest)
    spec = found["spec"]
    if spec["type"] == "ExternalName":
        return found
    if not spec.get("clusterIP"):
        spec["clusterIP"] = (spec.get("clusterIPs") or [None])[0] or cluster_ip()
    fill_empty(spec, clusterIPs=[spec["clusterIP"]])
    if spec["type"] == "NodePort" or (spec["type"] == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts")):
        for port in spec.get("ports") or ():
            port["nodePort"] = port.get("nodePort") or node_port()
    return found


def secret(manifest: Json) -> None:
    """stringData is merged into data and not stored."""
    given = manifest.pop("stringData", None) or {}
    if given:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in given.items()}
        manifest["data"] = {**(manifest.get("data") or {}), **encoded}
    fill_empty(manifest, type="Opaque")


def claim(manifest: Json) -> None:
    fill_claim(manifest.setdefault("spec", {}))
    fill_empty(manifest.setdefault("status", {}), phase="Pending")


def fill_claim(spec: Json) -> None:
    fill(spec, volumeMode="Filesystem")


def volume(manifest: Json) -> None:
    spec = manifest.setdefault("spec", {})
    fill_empty(spec, persistentVolumeReclaimPolicy="Retain")
    fill(spec, volumeMode="Filesystem")
    if "hostPath" in spec:
        fill(spec["hostPath"], type="")
    fill_empty(manifest.setdefault("status", {}), phase="Pending")


def limit_range(manifest: Json) -> None:
    for item in (manifest.get("spec") or {}).get("limits") or ():
        item.update(with_item_defaults(item))


def job(manifest: Json) -> None:
    spec = manifest.setdefault("spec", {})
    fill_job(spec)


def fill_job(spec: Json) -> None:
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    endless = 2**31 - 1 if spec.get("backoffLimitPerIndex") is not None else 6
    fill(spec, parallelism=1, backoffLimit=endless, completionMode="NonIndexed", suspend=False, manualSelector=False)
    fill(spec, podReplacementPolicy="Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed")
    fill_template(spec)
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            fill_empty(pattern, status="True")


def select_own_pods(manifest: Json, uid: str) -> Json:
    """Sets a Job's selector and its pods' labels, which contain its uid (pkg/registry/batch/job/strategy.go)."""
    found = copy.deepcopy(manifest)
    spec, name = found["spec"], found["metadata"]["name"]
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    labels |= {"batch.kubernetes.io/job-name": name, "job-name": name}
    if spec.get("manualSelector"):
        return found
    labels |= {"batch.kubernetes.io/controller-uid": uid, "controller-uid": uid}
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    return found


def cronjob(manifest: Json) -> None:
    spec = manifest.setdefault("spec", {})
    fill_empty(spec, concurrencyPolicy="Allow")
    fill(spec, suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    fill_template(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))


def statefulset(manifest: Json) -> None:
    spec = manifest.setdefault("spec", {})
    fill_empty(spec, podManagementPolicy="OrderedReady")
    strategy = spec.setdefault("updateStrategy", {})
    fill_empty(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        fill(strategy.setdefault("rollingUpdate", {}), partition=0)
    fill(spec, replicas=1, revisionHistoryLimit=10)
    fill_empty(spec.setdefault("persistentVolumeClaimRetentionPolicy", {}), whenDeleted="Retain", whenScaled="Retain")
    for each in spec.get("volumeClaimTemplates") or ():
        each.update({"apiVersion": "v1", "kind": "PersistentVolumeClaim"})
        claim(each)
    fill_template(spec)


def daemonset(manifest: Json) -> None:
    spec = manifest.setdefault("spec", {})
    strategy = spec.setdefault("updateStrategy", {})
    fill_empty(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        fill(strategy.setdefault("rollingUpdate", {}), **UPDATE_ALL)
    fill(spec, revisionHistoryLimit=10)
    fill_template(spec)


def replication_controller(manifest: Json) -> None:
    """The template's labels are the default for the selector and for the controller's labels."""
    spec = manifest.setdefault("spec", {})
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if labels:
        fill_empty(spec, selector=dict(labels))
        fill_empty(manifest.setdefault("metadata", {}), labels=dict(labels))
    fill(spec, replicas=1)
    fill_template(spec)


def pod_template(manifest: Json) -> None:
    fill_template(manifest)


def fill_template(holder: Json) -> None:
    template = holder.setdefault("template", {})
    template["spec"] = default_pod_spec(template.get("spec") or {})


def autoscaler(manifest: Json) -> None:
    """By default 80 % CPU utilization, with at least 1 pod."""
    spec = manifest.setdefault("spec", {})
    fill(spec, minReplicas=1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    if spec.get("behavior"):
        spec["behavior"] = {
            "scaleUp": fill_rules(spec["behavior"].get("scaleUp"), SCALE_UP),
            "scaleDown": fill_rules(spec["behavior"].get("scaleDown"), SCALE_DOWN),
        }


SCALE_UP: Json = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ],
}
SCALE_DOWN: Json = {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}


def fill_rules(given: Json | None, usual: Json) -> Json:
    return {**copy.deepcopy(usual), **(given or {})}


def priority_class(manifest: Json) -> None:
    fill(manifest, preemptionPolicy="PreemptLowerPriority", value=0)


def role_binding(manifest: Json) -> None:
    """Sets the apiGroup of the role and of users and groups."""
    fill_empty(manifest.setdefault("roleRef", {}), apiGroup=RBAC)
    for subject in manifest.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            fill_empty(subject, apiGroup=RBAC)


def network_policy(manifest: Json) -> None:
    spec = manifest.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    for rule in [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]:
        for port in rule.get("ports") or ():
            fill(port, protocol="TCP")
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def ingress_class(manifest: Json) -> None:
    parameters = (manifest.get("spec") or {}).get("parameters")
    if parameters:
        fill(parameters, scope="Cluster")


def storage_class(manifest: Json) -> None:
    fill(manifest, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def endpoints(manifest: Json) -> None:
    for subset in manifest.get("subsets") or ():
        for port in subset.get("ports") or ():
            fill_empty(port, protocol="TCP")


def endpoint_slice(manifest: Json) -> None:
    for port in manifest.get("ports") or ():
        fill(port, name="", protocol="TCP")


def driver(manifest: Json) -> None:
    spec = manifest.setdefault("spec", {})
    fill(spec, attachRequired=True, podInfoOnMount=False, storageCapacity=False)
    fill(spec, fsGroupPolicy="ReadWriteOnceWithFSType", requiresRepublish=False, seLinuxMount=False)
    fill_empty(spec, volumeLifecycleModes=["Persistent"])


def webhooks(manifest: Json) -> None:
    for hook in manifest.get("webhooks") or ():
        fill(
            hook,
            failurePolicy="Fail",
            matchPolicy="Equivalent",
            namespaceSelector={},
            objectSelector={},
            timeoutSeconds=10,
        )
        for rule in hook.get("rules") or ():
            fill(rule, scope="*")
        if (hook.get("clientConfig") or {}).get("service"):
            fill(hook["clientConfig"]["service"], port=443)


def mutating_webhooks(manifest: Json) -> None:
    webhooks(manifest)
    for hook in manifest.get("webhooks") or ():
        fill(hook, reinvocationPolicy="Never")


def admission_policy(manifest: Json) -> None:
    spec = manifest.setdefault("spec", {})
    fill(spec, failurePolicy="Fail")
    constraints = spec.get("matchConstraints")
    if constraints is not None:
        fill(constraints, matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})
        for rule in constraints.get("resourceRules") or ():
            fill(rule, scope="*")


def definition(manifest: Json) -> None:
    """Sets names derived from the kind; no conversion (apiextensions v1/defaults.go)."""
    spec = manifest.setdefault("spec", {})
    names = spec.setdefault("names", {})
    kind = names.get("kind", "")
    fill_empty(names, singular=kind.lower(), listKind=f"{kind}List" if kind else "")
    fill(spec, conversion={"strategy": "None"})


DEFAULTS: Mapping[str, Callable[[Json], None]] = {
    "services": service,
    "secrets": secret,
    "persistentvolumeclaims": claim,
    "persistentvolumes": volume,
    "limitranges": limit_range,
    "replicationcontrollers": replication_controller,
    "podtemplates": pod_template,
    "endpoints": endpoints,
    "jobs.batch": job,
    "cronjobs.batch": cronjob,
    "statefulsets.apps": statefulset,
    "daemonsets.apps": daemonset,
    "horizontalpodautoscalers.autoscaling": autoscaler,
    "priorityclasses.scheduling.k8s.io": priority_class,
    "rolebindings.rbac.authorization.k8s.io": role_binding,
    "clusterrolebindings.rbac.authorization.k8s.io": role_binding,
    "networkpolicies.networking.k8s.io": network_policy,
    "ingressclasses.networking.k8s.io": ingress_class,
    "storageclasses.storage.k8s.io": storage_class,
    "endpointslices.discovery.k8s.io": endpoint_slice,
    "csidrivers.storage.k8s.io": driver,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": webhooks,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": mutating_webhooks,
    "validatingadmissionpolicies.admissionregistration.k8s.io": admission_policy,
    "mutatingadmissionpolicies.admissionregistration.k8s.io": admission_policy,
    "customresourcedefinitions.apiextensions.k8s.io": definition,
}
