"""Objects of kept kinds: what can't be decoded, what is filled in, what is refused."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.kept import addresses, checking, decoding, defaults
from cluster.core.validation.errors import status
from cluster.machinery import schemas

Json = dict[str, Any]
BY_RESOURCE = {each.resource: each for each in kinds.KEPT}
CONTAINER = {"name": "c", "image": "nginx:1"}
TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [CONTAINER]}}
SELECTOR = {"matchLabels": {"app": "x"}}
NEVER = {**TEMPLATE, "spec": {"containers": [CONTAINER], "restartPolicy": "Never"}}


def whole(resource: str, manifest: Json) -> tuple[kinds.Kind, Json, Json]:
    kind = BY_RESOURCE[resource]
    group, version = kind.served[0]
    schema = schemas.definition(group, version, kind.name)
    about = {"name": "n", **manifest.get("metadata", {})}
    return kind, {"apiVersion": f"{group}/{version}", "kind": kind.name, **manifest, "metadata": about}, schema


def refusals(resource: str, manifest: Json) -> list[str]:
    kind, found, schema = whole(resource, manifest)
    full = defaults.defaulted(resource, decoding.without_nulls(found, schema))
    return [str(each) for each in checking.problems(kind, full, schema)]


@pytest.mark.parametrize(
    ("resource", "manifest", "text"),
    [
        pytest.param(
            "services",
            {"spec": {"ports": [{"port": "80"}]}},
            "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
            id="text for a number",
        ),
        pytest.param(
            "services",
            {"spec": {"ports": 5}},
            "json: cannot unmarshal number into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort",
            id="number for a list",
        ),
        pytest.param(
            "services",
            {"spec": []},
            "json: cannot unmarshal array into Go struct field Service.spec of type v1.ServiceSpec",
            id="list for a struct",
        ),
        pytest.param(
            "services",
            {"spec": {"selector": {"a": 1}}},
            "json: cannot unmarshal number into Go struct field ServiceSpec.spec.selector of type string",
            id="number in a map",
        ),
        pytest.param(
            "configmaps",
            {"data": {"a": True}},
            "json: cannot unmarshal bool into Go struct field ConfigMap.data of type string",
            id="bool for a text",
        ),
        pytest.param("secrets", {"data": {"a": "no base64"}}, "illegal base64 data at input byte 2", id="bytes"),
        pytest.param(
            "resourcequotas",
            {"spec": {"hard": {"cpu": "a lot"}}},
            "quantities must match the regular expression",
            id="quantity",
        ),
        pytest.param(
            "poddisruptionbudgets.policy",
            {"spec": {"minAvailable": 1.5}},
            "json: cannot unmarshal number",
            id="number or percent",
        ),
        pytest.param(
            "jobs.batch",
            {"spec": {"completions": 2**31}},
            "json: cannot unmarshal number 2147483648 into Go struct field JobSpec.spec.completions of type int32",
            id="too large",
        ),
        pytest.param("leases.coordination.k8s.io", {"spec": {"renewTime": "noon"}}, 'parsing time "noon"', id="time"),
    ],
)
def test_a_wrong_type_is_told_as_go_tells(resource: str, manifest: Json, text: str) -> None:
    _, found, schema = whole(resource, manifest)
    assert (decoding.problem(found, schema) or "").startswith(text)


@pytest.mark.parametrize(
    ("resource", "manifest"),
    [
        pytest.param("configmaps", {"data": None, "metadata": {"labels": None}}, id="nulls"),
        pytest.param(
            "poddisruptionbudgets.policy", {"spec": {"minAvailable": "50%", "maxUnavailable": 1}}, id="numbers or texts"
        ),
        pytest.param("controllerrevisions.apps", {"data": {"any": [1, {"x": None}]}}, id="free form"),
        pytest.param("resourcequotas", {"spec": {"hard": {"cpu": 2, "memory": "1Gi"}}}, id="quantities"),
        pytest.param("secrets", {"data": {"a": "MQ=="}}, id="bytes"),
    ],
)
def test_what_go_decodes_is_decoded(resource: str, manifest: Json) -> None:
    _, found, schema = whole(resource, manifest)
    assert decoding.problem(found, schema) is None


def test_nulls_go_but_not_from_free_form() -> None:
    _, found, schema = whole("controllerrevisions.apps", {"data": {"x": None}, "revision": None})
    kept = decoding.without_nulls(found, schema)
    assert "revision" not in kept and kept["data"] == {"x": None}


@pytest.mark.parametrize(
    ("resource", "path", "given", "expected"),
    [
        pytest.param("configmaps", "data", {"a": None, "b": "c"}, {"a": "", "b": "c"}, id="a string of a map"),
        pytest.param("configmaps", "metadata.annotations", {"a": None}, {"a": ""}, id="an annotation"),
        pytest.param("secrets", "data", {"a": None}, {"a": None}, id="bytes, which may be nil"),
        pytest.param("resourcequotas", "spec.hard", {"cpu": None}, {"cpu": "0"}, id="a quantity"),
        pytest.param("services", "spec.ports", [None, {"port": 80}], [{}, {"port": 80}], id="a struct of a list"),
        pytest.param("services", "spec.externalIPs", [None], [""], id="a string of a list"),
        pytest.param(
            "replicationcontrollers",
            "spec.template.spec.containers",
            [{"name": "a", "args": [None], "command": None}],
            [{"name": "a", "args": [""]}],
            id="an argument of a container",
        ),
    ],
)
def test_a_null_in_a_list_or_a_map_is_an_empty_value(resource: str, path: str, given: Any, expected: Any) -> None:
    manifest: Any = given
    for name in reversed(path.split(".")):
        manifest = {name: manifest}
    _, found, schema = whole(resource, manifest)
    kept: Any = decoding.without_nulls(found, schema)
    for name in path.split("."):
        kept = kept[name]
    assert kept == expected


@pytest.mark.parametrize(
    ("resource", "given", "expected"),
    [
        pytest.param(
            "services",
            {"spec": {"ports": [{"port": 80}]}},
            {
                "spec": {
                    "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
                    "sessionAffinity": "None",
                    "type": "ClusterIP",
                    "internalTrafficPolicy": "Cluster",
                    "ipFamilies": ["IPv4"],
                    "ipFamilyPolicy": "SingleStack",
                },
                "status": {"loadBalancer": {}},
            },
            id="service",
        ),
        pytest.param(
            "services",
            {"spec": {"type": "ExternalName", "externalName": "a.example"}},
            {
                "spec": {"type": "ExternalName", "externalName": "a.example", "sessionAffinity": "None"},
                "status": {"loadBalancer": {}},
            },
            id="service elsewhere",
        ),
        pytest.param(
            "secrets",
            {"data": {"a": "MQ=="}, "stringData": {"a": "2", "b": "3"}},
            {"data": {"a": "Mg==", "b": "Mw=="}, "type": "Opaque"},
            id="secret",
        ),
        pytest.param(
            "persistentvolumeclaims",
            {"spec": {}},
            {"spec": {"volumeMode": "Filesystem"}, "status": {"phase": "Pending"}},
            id="claim",
        ),
        pytest.param(
            "limitranges",
            {"spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}, "min": {"memory": "1Mi"}}]}},
            {
                "spec": {
                    "limits": [
                        {
                            "type": "Container",
                            "max": {"cpu": "2"},
                            "min": {"memory": "1Mi"},
                            "default": {"cpu": "2"},
                            "defaultRequest": {"memory": "1Mi", "cpu": "2"},
                        }
                    ]
                }
            },
            id="limit range",
        ),
        pytest.param(
            "rolebindings.rbac.authorization.k8s.io",
            {
                "roleRef": {"kind": "Role", "name": "r"},
                "subjects": [{"kind": "User", "name": "u"}, {"kind": "ServiceAccount", "name": "s"}],
            },
            {
                "roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"},
                "subjects": [
                    {"kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"},
                    {"kind": "ServiceAccount", "name": "s"},
                ],
            },
            id="role binding",
        ),
        pytest.param(
            "networkpolicies.networking.k8s.io",
            {"spec": {"egress": [{"ports": [{"port": 53}]}]}},
            {
                "spec": {
                    "podSelector": {},
                    "egress": [{"ports": [{"port": 53, "protocol": "TCP"}]}],
                    "policyTypes": ["Ingress", "Egress"],
                }
            },
            id="network policy",
        ),
        pytest.param(
            "horizontalpodautoscalers.autoscaling",
            {"spec": {"maxReplicas": 3}},
            {
                "spec": {
                    "maxReplicas": 3,
                    "minReplicas": 1,
                    "metrics": [
                        {
                            "type": "Resource",
                            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
                        }
                    ],
                }
            },
            id="autoscaler",
        ),
        pytest.param(
            "storageclasses.storage.k8s.io",
            {"provisioner": "p"},
            {"provisioner": "p", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
            id="storage class",
        ),
        pytest.param("configmaps", {"data": {"a": "1"}}, {"data": {"a": "1"}}, id="nothing to fill in"),
    ],
)
def test_defaults(resource: str, given: Json, expected: Json) -> None:
    before = repr(given)
    assert defaults.defaulted(resource, given) == expected
    assert repr(given) == before


@pytest.mark.parametrize(
    ("resource", "spec", "expected"),
    [
        pytest.param(
            "jobs.batch",
            {},
            {
                "parallelism": 1,
                "completions": 1,
                "backoffLimit": 6,
                "completionMode": "NonIndexed",
                "suspend": False,
                "manualSelector": False,
                "podReplacementPolicy": "TerminatingOrFailed",
            },
            id="job",
        ),
        pytest.param(
            "jobs.batch",
            {"parallelism": 3},
            {
                "parallelism": 3,
                "backoffLimit": 6,
                "completionMode": "NonIndexed",
                "suspend": False,
                "manualSelector": False,
                "podReplacementPolicy": "TerminatingOrFailed",
            },
            id="queue of work",
        ),
        pytest.param(
            "statefulsets.apps",
            {},
            {
                "podManagementPolicy": "OrderedReady",
                "replicas": 1,
                "revisionHistoryLimit": 10,
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
                "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
            },
            id="stateful set",
        ),
        pytest.param(
            "daemonsets.apps",
            {"updateStrategy": {"type": "OnDelete"}},
            {"updateStrategy": {"type": "OnDelete"}, "revisionHistoryLimit": 10},
            id="daemon set on delete",
        ),
    ],
)
def test_defaults_beside_a_template(resource: str, spec: Json, expected: Json) -> None:
    found = defaults.defaulted(resource, {"spec": {**spec, "template": TEMPLATE}})["spec"]
    template = found.pop("template")
    assert found == expected
    assert template["spec"]["dnsPolicy"] == "ClusterFirst"


@pytest.mark.parametrize(
    ("resource", "manifest", "expected"),
    [
        pytest.param("services", {"spec": {"ports": [{"port": 80}]}}, [], id="service"),
        pytest.param("services", {"spec": {}}, ["spec.ports: Required value"], id="service without ports"),
        pytest.param("services", {"spec": {"clusterIP": "None"}}, [], id="headless service without ports"),
        pytest.param(
            "services",
            {"spec": {"type": "Nope", "ports": [{"port": 80}]}},
            [
                'spec.type: Unsupported value: "Nope": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'
            ],
            id="service of no type",
        ),
        pytest.param(
            "services",
            {"spec": {"ports": [{"port": 80}, {"name": "b", "port": 80}]}},
            ["spec.ports[0].name: Required value", 'spec.ports[1]: Duplicate value: {"port":80,"protocol":"TCP"}'],
            id="ports alike",
        ),
        pytest.param(
            "services",
            {"spec": {"ports": [{"port": 70000, "nodePort": 80}], "type": "NodePort"}},
            [
                "spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
                "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
                "The range of valid ports is 30000-32767",
            ],
            id="ports out of range",
        ),
        pytest.param(
            "services",
            {"metadata": {"name": "1a"}, "spec": {"ports": [{"port": 80}]}},
            [f'metadata.name: Invalid value: "1a": {checking.DNS_1035_TEXT}'],
            id="service's name",
        ),
        pytest.param(
            "configmaps",
            {"data": {"a b": "1"}},
            [
                "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
                "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
            ],
            id="key",
        ),
        pytest.param(
            "secrets",
            {"type": "kubernetes.io/tls"},
            ["data[tls.crt]: Required value", "data[tls.key]: Required value"],
            id="certificate",
        ),
        pytest.param(
            "roles.rbac.authorization.k8s.io",
            {"metadata": {"name": "system:x"}, "rules": [{"verbs": ["get"]}]},
            [
                "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
                "rules[0].resources: Required value: resource rules must supply at least one resource",
            ],
            id="role",
        ),
        pytest.param(
            "roles.rbac.authorization.k8s.io",
            {"metadata": {"name": "a/b"}},
            ["metadata.name: Invalid value: \"a/b\": may not contain '/'"],
            id="role's name",
        ),
        pytest.param(
            "rolebindings.rbac.authorization.k8s.io",
            {"roleRef": {"kind": "Role"}},
            ["roleRef.name: Required value"],
            id="no role",
        ),
        pytest.param(
            "persistentvolumeclaims",
            {"spec": {}},
            [
                "spec.accessModes: Required value: at least 1 access mode is required",
                "spec.resources[storage]: Required value",
            ],
            id="claim",
        ),
        pytest.param(
            "poddisruptionbudgets.policy",
            {"spec": {"minAvailable": -1, "maxUnavailable": "101%"}},
            [
                'spec: Invalid value: {"minAvailable":-1,"maxUnavailable":"101%"}: minAvailable and maxUnavailable cannot be both set',
                "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0",
                'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
            ],
            id="budget",
        ),
        pytest.param(
            "jobs.batch",
            {"spec": {"template": TEMPLATE}},
            ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
            id="job that restarts",
        ),
        pytest.param("jobs.batch", {"spec": {"template": NEVER}}, [], id="job"),
        pytest.param(
            "cronjobs.batch",
            {"spec": {"schedule": "* *", "concurrencyPolicy": "Some", "jobTemplate": {"spec": {"template": NEVER}}}},
            [
                'spec.concurrencyPolicy: Unsupported value: "Some": supported values: "Allow", "Forbid", "Replace"',
                'spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: [* *]',
            ],
            id="cron job",
        ),
        pytest.param(
            "cronjobs.batch",
            {
                "metadata": {"name": "n" * 53},
                "spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": NEVER}}},
            },
            [f'metadata.name: Invalid value: "{"n" * 53}": must be no more than 52 characters'],
            id="cron job's name",
        ),
        pytest.param(
            "statefulsets.apps",
            {"spec": {"serviceName": "s", "selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}},
            ['spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`'],
            id="stateful set",
        ),
        pytest.param("daemonsets.apps", {"spec": {"selector": SELECTOR, "template": TEMPLATE}}, [], id="daemon set"),
        pytest.param(
            "daemonsets.apps",
            {"spec": {"selector": SELECTOR, "template": {**TEMPLATE, "spec": {"containers": []}}}},
            ["spec.template.spec.containers: Required value"],
            id="daemon set without containers",
        ),
        pytest.param(
            "horizontalpodautoscalers.autoscaling",
            {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "d"}, "minReplicas": 3, "maxReplicas": 2}},
            ["spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`"],
            id="autoscaler",
        ),
        pytest.param(
            "priorityclasses.scheduling.k8s.io",
            {"value": 2_000_000_000},
            ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
            id="priority",
        ),
        pytest.param(
            "ingresses.networking.k8s.io",
            {
                "spec": {
                    "rules": [
                        {"http": {"paths": [{"path": "a", "pathType": "Prefix", "backend": {}}, {"backend": {}}]}}
                    ]
                }
            },
            [
                "spec.rules[0].http.paths[1].pathType: Required value",
                'spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path',
            ],
            id="ingress",
        ),
        pytest.param(
            "clusterroles.rbac.authorization.k8s.io",
            {"metadata": {"namespace": "x"}},
            ["metadata.namespace: Forbidden: not allowed on this type"],
            id="a namespace for what has none",
        ),
    ],
)
def test_refusals(resource: str, manifest: Json, expected: list[str]) -> None:
    assert refusals(resource, manifest) == expected


def test_a_refusal_has_upstreams_shape() -> None:
    kind, found, schema = whole("services", {"spec": {}})
    answer = status(
        checking.problems(kind, defaults.defaulted("services", found), schema), kind="Service", name="n", group=""
    )
    assert answer["message"] == 'Service "n" is invalid: spec.ports: Required value'
    assert (answer["code"], answer["reason"]) == (422, "Invalid")


@pytest.mark.parametrize(
    ("resource", "old", "new", "expected"),
    [
        pytest.param(
            "configmaps",
            {"immutable": True, "data": {"a": "1"}},
            {"immutable": True, "data": {"a": "2"}},
            ["data: Forbidden: field is immutable when `immutable` is set"],
            id="sealed config map",
        ),
        pytest.param(
            "secrets",
            {"type": "Opaque"},
            {"type": "x"},
            ['type: Invalid value: "x": field is immutable'],
            id="secret's type",
        ),
        pytest.param(
            "services",
            {"spec": {"type": "ClusterIP", "clusterIP": "10.96.1.1"}},
            {"spec": {"type": "ClusterIP"}},
            ['spec.clusterIPs[0]: Invalid value: "": may not change once set'],
            id="service's address",
        ),
        pytest.param(
            "services",
            {"spec": {"type": "ClusterIP", "clusterIP": "10.96.1.1"}},
            {"spec": {"type": "ExternalName"}},
            [],
            id="service that moves elsewhere",
        ),
        pytest.param(
            "rolebindings.rbac.authorization.k8s.io",
            {"roleRef": {"name": "a"}},
            {"roleRef": {"kind": "Role", "name": "b"}},
            ['roleRef: Invalid value: {"apiGroup":"","kind":"Role","name":"b"}: cannot change roleRef'],
            id="role of a binding",
        ),
        pytest.param(
            "statefulsets.apps",
            {"spec": {"serviceName": "a"}},
            {"spec": {"serviceName": "b"}},
            [
                "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
                "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            ],
            id="stateful set",
        ),
        pytest.param(
            "statefulsets.apps", {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, [], id="stateful set's size"
        ),
    ],
)
def test_what_may_not_change(resource: str, old: Json, new: Json, expected: list[str]) -> None:
    assert [str(each) for each in checking.update_problems(BY_RESOURCE[resource], old, new)] == expected


def address(taken: set[str], network: addresses.IPv4Network = addresses.SERVICES) -> str:
    return addresses.cluster_ip(taken.__contains__, lambda: taken, network)


def test_addresses_come_from_behind_those_kept_for_who_names_one() -> None:
    network = addresses.IPv4Network("10.0.0.0/24")
    found: set[str] = set()
    for _ in range(238):
        found.add(address(found, network))
    assert found == {f"10.0.0.{place}" for place in range(17, 255)}
    assert addresses.in_range(address(set()))
    assert addresses.node_port(lambda _: False, set) >= 30086


def test_the_last_addresses_are_those_kept_and_then_there_are_none() -> None:
    network = addresses.IPv4Network("10.0.0.0/29")
    taken: set[str] = set()
    for _ in range(6):
        taken.add(address(taken, network))
    assert taken == {f"10.0.0.{place}" for place in range(1, 7)}
    with pytest.raises(addresses.Exhausted):
        address(taken, network)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"type": "ClusterIP"}, {"type": "ClusterIP", "clusterIP": "a", "clusterIPs": ["a"]}, id="address"),
        pytest.param(
            {"type": "ClusterIP", "clusterIP": "None"},
            {"type": "ClusterIP", "clusterIP": "None", "clusterIPs": ["None"]},
            id="headless",
        ),
        pytest.param(
            {"type": "NodePort", "ports": [{"port": 1}, {"port": 2, "nodePort": 30001}]},
            {
                "type": "NodePort",
                "clusterIP": "a",
                "clusterIPs": ["a"],
                "ports": [{"port": 1, "nodePort": 9}, {"port": 2, "nodePort": 30001}],
            },
            id="ports",
        ),
        pytest.param({"type": "ExternalName"}, {"type": "ExternalName"}, id="elsewhere"),
    ],
)
def test_a_service_is_given_what_its_type_has(spec: Json, expected: Json) -> None:
    found = defaults.give_addresses({"spec": spec}, cluster_ip=lambda: "a", node_port=lambda: 9)
    assert found["spec"] == expected


def test_a_job_selects_its_own_pods() -> None:
    found = defaults.select_own_pods(
        {"metadata": {"name": "j"}, "spec": {"template": {}, "manualSelector": False}}, "u"
    )
    assert found["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}}
    assert found["spec"]["template"]["metadata"]["labels"] == {
        "batch.kubernetes.io/controller-uid": "u",
        "batch.kubernetes.io/job-name": "j",
        "controller-uid": "u",
        "job-name": "j",
    }
