"""What Kubernetes refuses, field by field, in its words."""

import json
from typing import Any

import pytest

from cluster.core import validation
from cluster.core.manifests import decoding, defaults
from tests.core.recordings import GOLDEN
from tests.spelling import today

CASES = json.loads((GOLDEN / "refusals.json").read_text())["cases"]
# Worded otherwise since 1.20; `TODAY` below has the texts of today.
CHANGED_SINCE = {
    "template: ephemeral claim": "ReadWriteOncePod exists; a wrong data source says why",
    "template: env field": "status.hostIPs exists",
    "template: bad ports": "letters only are counted as letters",
    "template: host network with another host port": "the host port is blamed, no longer the container's",
    "template: dns config": "underscores are allowed, wrong addresses show examples",
    "template: tolerations": "the value is shown, no longer the struct",
    "template: host aliases": "fields bear indices",
    "template: security of a pod": "sysctls may have slashes",
    "template: resources": "a struct with its inner parts is shown for a fraction where a whole number is wanted",
    "template: termination message policy": "unsupported, no longer invalid",
    "template: names": "a label with dots is told so",
    "pod: names": "a label with dots is told so",
    "selector: bad expression value": "values of expressions are examined one by one",
    "replicaset selector: bad expression value": "values of expressions are examined one by one",
}
PATH = "spec.template.spec"
CONTAINER = f"{PATH}.containers[0]"


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=each["name"]) for each in CASES if each["name"] not in CHANGED_SINCE]
)
def test_an_object_is_refused_as_by_kubernetes(case: dict[str, Any]) -> None:
    expected = {(each["field"], each["reason"], today(each["message"])) for each in case["errors"]}
    found = [(each.field, each.reason, each.message) for each in refusals(case["object"])]
    assert set(found) == expected
    assert len(found) == len(case["errors"])


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=each["name"]) for each in CASES if each["name"] in CHANGED_SINCE]
)
def test_what_is_worded_otherwise_today_is_refused_all_the_same(case: dict[str, Any]) -> None:
    assert len(refusals(case["object"])) >= len(case["errors"]) > 0


def container(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "image": "i", **fields}]}


SPREAD = {
    "maxSkew": 1,
    "topologyKey": "zone",
    "whenUnsatisfiable": "DoNotSchedule",
    "labelSelector": {"matchLabels": {"app": "x"}},
}
MOUNT = {"name": "v", "mountPath": "/v"}
TODAY = [
    pytest.param(
        container(env=[{"name": "A=B"}]),
        f"{CONTAINER}.env[0].name",
        "FieldValueInvalid",
        "Invalid value: \"A=B\": a valid environment variable name must consist only of printable ASCII characters other than '='",
        id="a variable's name with an equals sign",
    ),
    pytest.param(
        container(ports=[{"name": "80", "containerPort": 80}]),
        f"{CONTAINER}.ports[0].name",
        "FieldValueInvalid",
        'Invalid value: "80": must contain at least one letter (a-z)',
        id="a port's name without a letter",
    ),
    pytest.param(
        {"hostNetwork": True, **container(ports=[{"containerPort": 80, "hostPort": 81}])},
        f"{CONTAINER}.ports[0].hostPort",
        "FieldValueInvalid",
        "Invalid value: 81: must match `containerPort` when `hostNetwork` is true",
        id="another port of the host in its network",
    ),
    pytest.param(
        {"hostAliases": [{"ip": "300.1.1.1"}]},
        f"{PATH}.hostAliases[0].ip",
        "FieldValueInvalid",
        'Invalid value: "300.1.1.1": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        id="a host's alias without an address",
    ),
    pytest.param(
        {"hostname": "a.b"},
        f"{PATH}.hostname",
        "FieldValueInvalid",
        'Invalid value: "a.b": must not contain dots',
        id="dots",
    ),
    pytest.param(
        {"initContainers": [{"name": "i", "image": "i", "lifecycle": {"preStop": {"exec": {"command": ["x"]}}}}]},
        f"{PATH}.initContainers[0].lifecycle",
        "FieldValueForbidden",
        "Forbidden: may not be set for init containers without restartPolicy=Always",
        id="a hook of an init container",
    ),
    pytest.param(
        container(restartPolicy="Always"),
        f"{CONTAINER}.restartPolicy",
        "FieldValueForbidden",
        "Forbidden: may not be set for non-init containers",
        id="a container's own restart policy",
    ),
    pytest.param(
        container(terminationMessagePolicy="Odd"),
        f"{CONTAINER}.terminationMessagePolicy",
        "FieldValueNotSupported",
        'Unsupported value: "Odd": supported values: "File", "FallbackToLogsOnError"',
        id="terminationMessagePolicy",
    ),
    pytest.param(
        container(readinessProbe={"grpc": {"port": 0}}),
        f"{CONTAINER}.readinessProbe.grpc.port",
        "FieldValueInvalid",
        "Invalid value: 0: must be between 1 and 65535, inclusive",
        id="a probe by gRPC without a port",
    ),
    pytest.param(
        container(lifecycle={"preStop": {"sleep": {"seconds": 31}}}),
        f"{CONTAINER}.lifecycle.preStop.sleep",
        "FieldValueInvalid",
        "Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)",
        id="sleeping longer than the grace period",
    ),
    pytest.param(
        {"tolerations": [{"key": "k", "operator": "Exists", "value": "x"}]},
        f"{PATH}.tolerations[0].operator",
        "FieldValueInvalid",
        "Invalid value: \"x\": value must be empty when `operator` is 'Exists'",
        id="a toleration of any value with one",
    ),
    pytest.param(
        {"schedulingGates": [{"name": "a/b"}, {"name": "a/b"}]},
        f"{PATH}.schedulingGates[1]",
        "FieldValueDuplicate",
        'Duplicate value: "a/b"',
        id="a scheduling gate twice",
    ),
    pytest.param(
        {"os": {"name": "linux"}, "securityContext": {"windowsOptions": {}}},
        f"{PATH}.securityContext.windowsOptions",
        "FieldValueForbidden",
        "Forbidden: windows options cannot be set for a linux pod",
        id="windows options on linux",
    ),
    pytest.param(
        {"hostUsers": False, "hostNetwork": True},
        f"{PATH}.hostNetwork",
        "FieldValueForbidden",
        "Forbidden: when `pod.Spec.HostUsers` is false",
        id="users of its own in the host's network",
    ),
    pytest.param(
        container(securityContext={"allowPrivilegeEscalation": False, "privileged": True}),
        f"{CONTAINER}.securityContext",
        "FieldValueInvalid",
        "Invalid value: core.SecurityContext: cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        id="privileged without escalation",
    ),
    pytest.param(
        {"preemptionPolicy": ""},
        f"{PATH}.preemptionPolicy",
        "FieldValueRequired",
        "Required value",
        id="preemptionPolicy",
    ),
    pytest.param(
        {"topologySpreadConstraints": [{**SPREAD, "minDomains": 2, "whenUnsatisfiable": "ScheduleAnyway"}]},
        f"{PATH}.topologySpreadConstraints[0].minDomains",
        "FieldValueInvalid",
        "Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
        id="minDomains of a constraint that gives way",
    ),
    pytest.param(
        {"topologySpreadConstraints": [{**SPREAD, "matchLabelKeys": ["app"]}]},
        f"{PATH}.topologySpreadConstraints[0].matchLabelKeys[0]",
        "FieldValueInvalid",
        'Invalid value: "app": exists in both matchLabelKeys and labelSelector',
        id="a label's key twice in a constraint",
    ),
    pytest.param(
        {
            "volumes": [{"name": "v", "emptyDir": {}}],
            **container(volumeMounts=[{**MOUNT, "recursiveReadOnly": "Enabled"}]),
        },
        f"{CONTAINER}.volumeMounts.recursiveReadOnly",
        "FieldValueForbidden",
        "Forbidden: may only be specified when readOnly is true",
        id="recursiveReadOnly of a mount that is not read-only",
    ),
    pytest.param(
        {"terminationGracePeriodSeconds": -1},
        f"{PATH}.terminationGracePeriodSeconds",
        "FieldValueInvalid",
        "Invalid value: -1: must be greater than or equal to 0",
        id="a negative grace period, which is our own refusal",
    ),
]


@pytest.mark.parametrize(("spec", "field", "reason", "message"), TODAY)
def test_todays_words(spec: dict[str, Any], field: str, reason: str, message: str) -> None:
    assert [(each.field, each.reason, each.message) for each in refusals(deployment({**container(), **spec}))] == [
        (field, reason, message)
    ]


ACCEPTED = [
    pytest.param(container(env=[{"name": "1 odd-name.x"}]), id="a variable's name with blanks and a digit first"),
    pytest.param(
        {"hostNetwork": True, **container(ports=[{"containerPort": 80}])}, id="open ports in the host's network"
    ),
    pytest.param({"dnsConfig": {"searches": ["_a.b_c", "."]}}, id="underscores in a search domain"),
    pytest.param(
        {
            "initContainers": [
                {"name": "s", "image": "i", "restartPolicy": "Always", "readinessProbe": {"grpc": {"port": 1}}}
            ]
        },
        id="a sidecar with a probe",
    ),
    pytest.param({"volumes": [{"name": "v", "image": {"reference": "r:1"}}]}, id="a volume of an image"),
]


@pytest.mark.parametrize("spec", ACCEPTED)
def test_what_is_allowed_today_is_accepted(spec: dict[str, Any]) -> None:
    assert refusals(deployment({**container(), **spec})) == []


def test_labels_that_are_there_but_empty_are_shown_so() -> None:
    manifest = deployment(container())
    manifest["spec"]["template"]["metadata"]["labels"] = {}
    shown = "Invalid value: {}: `selector` does not match template `labels`"
    assert [str(each) for each in refusals(manifest)] == [f"spec.template.metadata.labels: {shown}"]


def test_annotations_have_a_limit_together() -> None:
    manifest = deployment(container())
    manifest["metadata"]["annotations"] = {"a": "é" * 131072}
    assert [str(each) for each in refusals(manifest)] == [
        "metadata.annotations: Too long: may not be more than 262144 bytes"
    ]


def test_an_object_that_awaits_its_generated_name_needs_no_other() -> None:
    manifest = deployment(container())
    manifest["metadata"] = {"generateName": "web-"}
    assert refusals(manifest) == []


@pytest.mark.parametrize("limits", [("abc", 0), (0, "abc")])
def test_a_text_that_is_no_number_counts_as_0_beside_its_own_error(limits: tuple[Any, Any]) -> None:
    manifest = deployment(container())
    rolling = {"maxSurge": limits[0], "maxUnavailable": limits[1]}
    manifest["spec"]["strategy"] = {"rollingUpdate": rolling}
    assert [each.message.rpartition(": ")[2] for each in refusals(manifest)][-1] == "may not be 0 when `maxSurge` is 0"


def test_a_scale_is_refused_like_a_deployments_replicas() -> None:
    scale = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"name": "nginx"}, "spec": {"replicas": -5}}
    errors = validation.validate_scale(scale)
    body = validation.status(errors, kind="Scale", name="nginx", group="autoscaling")
    text = "Invalid value: -5: must be greater than or equal to 0"
    assert body["message"] == f'Scale.autoscaling "nginx" is invalid: spec.replicas: {text}'
    assert body["details"]["causes"] == [{"reason": "FieldValueInvalid", "message": text, "field": "spec.replicas"}]


def test_a_status_of_the_core_names_no_group() -> None:
    body = validation.status([validation.required("spec.containers")], kind="Pod", name="p", group="")
    assert body["message"] == 'Pod "p" is invalid: spec.containers: Required value'
    assert "group" not in body["details"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"name": "other"}, ['metadata.name: Invalid value: "other": field is immutable'], id="name"),
        pytest.param(
            {"namespace": "b"}, ['metadata.namespace: Invalid value: "b": field is immutable'], id="namespace"
        ),
        pytest.param({"labels": {"a": "b"}}, [], id="labels may change"),
    ],
)
def test_what_may_not_change(change: dict[str, Any], expected: list[str]) -> None:
    old = deployment(container())
    new = {**old, "metadata": {**old["metadata"], **change}}
    assert [str(each) for each in validation.validate_update(old, new)] == expected


def test_a_selector_may_not_change() -> None:
    old, new = deployment(container()), deployment(container())
    new["spec"]["selector"] = {"matchExpressions": [{"key": "app", "operator": "Exists"}]}
    shown = '{"matchExpressions":[{"key":"app","operator":"Exists"}]}'
    assert [str(each) for each in validation.validate_update(old, new)] == [
        f"spec.selector: Invalid value: {shown}: field is immutable"
    ]


def test_an_init_container_may_have_each_restart_policy_and_no_other() -> None:
    field = f"{PATH}.initContainers[0].restartPolicy"
    for policy in ("Always", "Never", "OnFailure", "Sometimes"):
        init = {"name": "i", "image": "i", "restartPolicy": policy}
        found = [str(each) for each in refusals(deployment({**container(), "initContainers": [init]}))]
        text = f'{field}: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'
        assert found == ([text] if policy == "Sometimes" else [])


def deployment(spec: dict[str, Any]) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "x"}}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template},
    }


def refusals(manifest: dict[str, Any]) -> list[validation.FieldError]:
    assert decoding.find_problems(manifest) == []
    if manifest["kind"] == "Pod":
        return validation.validate_pod(defaults.default_pod(manifest))
    if manifest["kind"] == "ReplicaSet":
        return validation.validate_replicaset(defaults.default_replicaset(manifest))
    return validation.validate_deployment(defaults.default_deployment(manifest))
