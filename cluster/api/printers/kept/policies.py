"""Columns of quotas, roles, certificates, flow control, admission and other policy kinds."""

from collections.abc import Callable
from typing import Any

from cluster.api.printers.columns import AGE, NAME, NONE, UNSET, Column, at, column, count, path
from cluster.api.printers.durations import human_duration

Json = dict[str, Any]
RBAC, FLOW = "io.k8s.api.rbac.v1", "io.k8s.api.flowcontrol.v1"
CERTIFICATES, SCHEDULING, NODE = "io.k8s.api.certificates.v1", "io.k8s.api.scheduling.v1", "io.k8s.api.node.v1"
LEVEL = f"{FLOW}.PriorityLevelConfigurationSpec"
QUEUES = ("spec", "limited", "limitResponse", "queuing")
SERVICE = "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec"


def amount(name: str) -> Callable[[Json], str]:
    return lambda manifest: str(at(manifest, "spec", name, default="N/A"))


def quota(*, limits: bool) -> Callable[[Json], str]:
    """used/hard of each resource: either of limits, or of requests and counts."""

    def cell(manifest: Json) -> str:
        hard, used = at(manifest, "status", "hard", default={}), at(manifest, "status", "used", default={})
        names = sorted(each for each in hard if each.startswith("limits.") is limits)
        return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in names)

    return cell


def role(binding: Json) -> str:
    found = binding.get("roleRef") or {}
    return f"{found.get('kind', '')}/{found.get('name', '')}"


def subjects(kind: str) -> Callable[[Json], str]:
    def cell(binding: Json) -> str:
        found = [each for each in binding.get("subjects") or () if each.get("kind") == kind]
        accounts = kind == "ServiceAccount"
        return ", ".join(f"{each.get('namespace', '')}/{each['name']}" if accounts else each["name"] for each in found)

    return cell


def binding(name: str) -> tuple[Column, ...]:
    return (
        NAME,
        column("Role", (f"{RBAC}.{name}", "roleRef"), role),
        AGE,
        *(
            column(f"{kind}s", f"{kind}s in the {name[0].lower()}{name[1:]}", subjects(kind), wide=True)
            for kind in ("User", "Group", "ServiceAccount")
        ),
    )


def webhooks() -> tuple[Column, ...]:
    about = "Webhooks indicates the number of webhooks registered in this configuration"
    return (NAME, column("Webhooks", about, count("webhooks"), type="integer"), AGE)


def admission_policy(name: str, field: str, about: str) -> tuple[Column, ...]:
    kind = "ParamKind specifies the kind of resources used to parameterize this policy"
    return (NAME, column(name, about, count("spec", field), type="integer"), column("ParamKind", kind, param_kind), AGE)


def param_kind(policy: Json) -> str:
    found = at(policy, "spec", "paramKind")
    return UNSET if found is None else f"{found.get('apiVersion', '')}/{found.get('kind', '')}"


def admission_binding() -> tuple[Column, ...]:
    policy = "PolicyName indicates the policy definition which the policy binding binded to"
    param = "ParamRef indicates the param resource which sets the configration param"
    return (NAME, column("PolicyName", policy, path("spec", "policyName")), column("ParamRef", param, param_ref), AGE)


def param_ref(found: Json) -> str:
    name = at(found, "spec", "paramRef", "name")
    return f"{at(found, 'spec', 'paramRef', 'namespace', default='*')}/{name}" if name else UNSET


def dangling(schema: Json) -> str:
    found = at(schema, "status", "conditions", default=())
    return next((each["status"] for each in found if each["type"] == "Dangling"), "?")


def request_word(request: Json) -> str:
    """Denied, Approved or Pending, in this order; followed by Failed and Issued."""
    types = {each["type"] for each in at(request, "status", "conditions", default=())}
    word = next((each for each in ("Denied", "Approved") if each in types), "Pending")
    issued = ",Issued" if at(request, "status", "certificate") else ""
    return f"{word}{',Failed' if 'Failed' in types else ''}{issued}"


def requested(request: Json) -> str:
    found = at(request, "spec", "expirationSeconds")
    return NONE if found is None else human_duration(found)


def service(found: Json) -> str:
    given = at(found, "spec", "service")
    return "Local" if given is None else f"{given.get('namespace', '')}/{given.get('name', '')}"


def available(found: Json) -> str:
    held = [each for each in at(found, "status", "conditions", default=()) if each["type"] == "Available"]
    if not held:
        return "Unknown"
    return "True" if held[0]["status"] == "True" else f"{held[0]['status']} ({held[0].get('reason', '')})"


def requestor(request: Json) -> str:
    return str(at(request, "spec", "username", default=""))


def migrated(migration: Json) -> str:
    found = at(migration, "spec", "resource", default={})
    return ".".join(found[each] for each in ("resource", "group") if found.get(each))


COLUMNS: dict[str, tuple[Column, ...]] = {
    "poddisruptionbudgets.policy": (
        NAME,
        column("Min Available", "The minimum number of pods that must be available.", amount("minAvailable")),
        column("Max Unavailable", "The maximum number of pods that may be unavailable.", amount("maxUnavailable")),
        column(
            "Allowed Disruptions",
            "Calculated number of pods that may be disrupted at this time.",
            path("status", "disruptionsAllowed", default=0),
            type="integer",
        ),
        AGE,
    ),
    "resourcequotas": (
        NAME,
        column(
            "Request",
            "Request represents a minimum amount of cpu/memory that a container may consume.",
            quota(limits=False),
        ),
        column(
            "Limit",
            "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.",
            quota(limits=True),
        ),
        AGE,
    ),
    "priorityclasses.scheduling.k8s.io": (
        NAME,
        column("Value", (f"{SCHEDULING}.PriorityClass", "value"), path("value", default=0), type="integer"),
        column(
            "Global-Default",
            (f"{SCHEDULING}.PriorityClass", "globalDefault"),
            path("globalDefault", default=False),
            type="boolean",
        ),
        AGE,
        column("PreemptionPolicy", (f"{SCHEDULING}.PriorityClass", "preemptionPolicy"), path("preemptionPolicy")),
    ),
    "rolebindings.rbac.authorization.k8s.io": binding("RoleBinding"),
    "clusterrolebindings.rbac.authorization.k8s.io": binding("ClusterRoleBinding"),
    "leases.coordination.k8s.io": (
        NAME,
        column("Holder", ("io.k8s.api.coordination.v1.LeaseSpec", "holderIdentity"), path("spec", "holderIdentity")),
        AGE,
    ),
    "runtimeclasses.node.k8s.io": (
        NAME,
        column("Handler", (f"{NODE}.RuntimeClass", "handler"), path("handler")),
        AGE,
    ),
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": webhooks(),
    "validatingwebhookconfigurations.admissionregistration.k8s.io": webhooks(),
    "validatingadmissionpolicies.admissionregistration.k8s.io": admission_policy(
        "Validations",
        "validations",
        "Validations indicates the number of validation rules defined in this configuration",
    ),
    "mutatingadmissionpolicies.admissionregistration.k8s.io": admission_policy(
        "Mutations",
        "mutations",
        "Mutation indicates the number of mutations rules defined in this configuration",
    ),
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": admission_binding(),
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": admission_binding(),
    "flowschemas.flowcontrol.apiserver.k8s.io": (
        NAME,
        column(
            "PriorityLevel",
            (f"{FLOW}.PriorityLevelConfigurationReference", "name"),
            path("spec", "priorityLevelConfiguration", "name"),
        ),
        column(
            "MatchingPrecedence",
            (f"{FLOW}.FlowSchemaSpec", "matchingPrecedence"),
            path("spec", "matchingPrecedence", default=0),
        ),
        column(
            "DistinguisherMethod",
            (f"{FLOW}.FlowSchemaSpec", "distinguisherMethod"),
            path("spec", "distinguisherMethod", "type", default=NONE),
        ),
        AGE,
        column("MissingPL", "references a broken or non-existent PriorityLevelConfiguration", dangling),
    ),
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": (
        NAME,
        column("Type", (LEVEL, "type"), path("spec", "type")),
        column(
            "NominalConcurrencyShares",
            (f"{FLOW}.LimitedPriorityLevelConfiguration", "nominalConcurrencyShares"),
            path("spec", "limited", "nominalConcurrencyShares", default=NONE),
        ),
        column("Queues", (f"{FLOW}.QueuingConfiguration", "queues"), path(*QUEUES, "queues", default=NONE)),
        column("HandSize", (f"{FLOW}.QueuingConfiguration", "handSize"), path(*QUEUES, "handSize", default=NONE)),
        column(
            "QueueLengthLimit",
            (f"{FLOW}.QueuingConfiguration", "queueLengthLimit"),
            path(*QUEUES, "queueLengthLimit", default=NONE),
        ),
        AGE,
    ),
    "certificatesigningrequests.certificates.k8s.io": (
        NAME,
        AGE,
        column(
            "SignerName",
            (f"{CERTIFICATES}.CertificateSigningRequestSpec", "signerName"),
            path("spec", "signerName", default=NONE),
        ),
        column("Requestor", (f"{CERTIFICATES}.CertificateSigningRequestSpec", "request"), requestor),
        column(
            "RequestedDuration",
            (f"{CERTIFICATES}.CertificateSigningRequestSpec", "expirationSeconds"),
            requested,
        ),
        column("Condition", (f"{CERTIFICATES}.CertificateSigningRequestStatus", "conditions"), request_word),
    ),
    "clustertrustbundles.certificates.k8s.io": (
        NAME,
        column(
            "SignerName",
            (f"{CERTIFICATES}.ClusterTrustBundleSpec", "signerName"),
            path("spec", "signerName", default=NONE),
        ),
    ),
    "apiservices.apiregistration.k8s.io": (
        NAME,
        column("Service", "The reference to the service that hosts this API endpoint.", service),
        column("Available", "Whether this service is available.", available),
        AGE,
    ),
    "storageversionmigrations.storagemigration.k8s.io": (
        column("Name", NAME.about, path("metadata", "name")),
        column("Resource", "Fully qualified resource to migrate", migrated),
    ),
}
