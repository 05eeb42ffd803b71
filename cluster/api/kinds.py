"""The table of built-in kinds, from which routes, discovery and schemas are derived."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from cluster.api.printers.columns import Column
from cluster.machinery import schemas as built_in
from cluster.machinery.patches import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH

Json = dict[str, Any]
Group = tuple[str, str]
EVERYTHING = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READING = ("get", "list", "watch")
CHANGING = ("get", "patch", "update")
OLD = (("apps", "v1beta2"), ("apps", "v1beta1"), ("extensions", "v1beta1"))
APPS = (("apps", "v1"), *OLD)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Kind:
    """A kind; instances are compared by identity. `served`: (group, version) pairs, the preferred one first. `subresources`: name
    -> verbs.

    `sort`: "hot" has a table of its own, "kept" is stored whole, "custom" is stored whole too and defined by a
    CustomResourceDefinition, with its `columns`, `schemas` and `scales` by version. No kind is "acted"."""

    name: str
    plural: str
    singular: str = ""
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    namespaced: bool = True
    verbs: tuple[str, ...] = READING
    served: tuple[Group, ...] = (("", "v1"),)
    subresources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Literal["hot", "acted", "kept", "custom"] = "hot"
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    schemas: Mapping[str, Json] = field(default_factory=dict)
    scales: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "singular", self.singular or self.name.lower())

    @property
    def resource(self) -> str:
        """The resource as in error messages: deployments.apps."""
        group = self.served[0][0]
        return f"{self.plural}.{group}" if group else self.plural

    @property
    def is_kept(self) -> bool:
        """Whether objects are stored whole, without a table of their own."""
        return self.sort in ("kept", "custom")

    @property
    def recorded_as(self) -> str:
        """The kind in the journal; a custom kind is hashed, as it may have the name of a built-in one."""
        if self.sort != "custom":
            return self.name
        return f"~{hashlib.blake2b(self.resource.encode(), digest_size=12).hexdigest()}"

    @property
    def patches(self) -> tuple[str, ...]:
        """The accepted media types. A custom kind has no Go struct whose tags define a strategic merge."""
        merging = () if self.sort == "custom" else (STRATEGIC_PATCH,)
        return (JSON_PATCH, MERGE_PATCH, *merging, APPLY_PATCH)

    def schema(self, group: str, version: str) -> Json:
        """Raises UnknownKind."""
        return self.schemas.get(version) or built_in.definition(group, version, self.name)


def kept(
    plural: str,
    name: str,
    group: str = "",
    *,
    version: str = "v1",
    older: str = "",
    short: str = "",
    category: str = "",
    cluster: bool = False,
    parts: tuple[str, ...] = (),
) -> Kind:
    """A row of the table: `short` names separated by commas, `older`: another served version, `cluster`: not namespaced."""
    return Kind(
        name=name,
        plural=plural,
        short=tuple(short.split(",")) if short else (),
        categories=(category,) if category else (),
        namespaced=not cluster,
        verbs=EVERYTHING,
        served=((group, version), *(((group, older),) if older else ())),
        subresources={each: PARTS.get(each, CHANGING) for each in parts},
        sort="kept",
    )


# The verbs of subresources other than CHANGING, and the kinds of those that differ from their resource's kind.
PARTS: Mapping[str, tuple[str, ...]] = {"token": ("create",), "eviction": ("create",), "binding": ("create",)}
PART_KINDS: Mapping[str, tuple[str, str, str]] = {
    "scale": ("autoscaling", "v1", "Scale"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
    "attach": ("", "v1", "PodAttachOptions"),
    "exec": ("", "v1", "PodExecOptions"),
    "portforward": ("", "v1", "PodPortForwardOptions"),
}
STREAMS = ("attach", "exec", "portforward")
STATUS, SCALED = ("status",), ("scale", "status")
EXTENSIONS = "api-extensions"
ADMISSION, NETWORK, RBAC = "admissionregistration.k8s.io", "networking.k8s.io", "rbac.authorization.k8s.io"
RESOURCE, STORAGE, CERTIFICATES = "resource.k8s.io", "storage.k8s.io", "certificates.k8s.io"
FLOWCONTROL = "flowcontrol.apiserver.k8s.io"
KINDS = (
    Kind(name="Namespace", plural="namespaces", short=("ns",), namespaced=False,
         verbs=("create", "delete", "get", "list", "patch", "update", "watch"), subresources={}),
    Kind(name="Node", plural="nodes", short=("no",), namespaced=False, verbs=EVERYTHING, subresources={"status": CHANGING}),
    Kind(name="Pod", plural="pods", short=("po",), categories=("all",), verbs=EVERYTHING,
         subresources={**dict.fromkeys(("attach", "exec", "portforward"), ("create", "get")), "binding": ("create",),
                       "eviction": PARTS["eviction"], "log": ("get",), "status": CHANGING}),
    Kind(name="Binding", plural="bindings", verbs=("create",)),
    Kind(name="Event", plural="events", short=("ev",), verbs=EVERYTHING, served=(("", "v1"), ("events.k8s.io", "v1")), subresources={}),
    Kind(name="Deployment", plural="deployments", short=("deploy",), categories=("all",), verbs=EVERYTHING, served=APPS,
         subresources={"scale": CHANGING, "status": CHANGING, "rollback": ("create",)}),
    Kind(name="ReplicaSet", plural="replicasets", short=("rs",), categories=("all",), verbs=EVERYTHING, served=APPS[:2] + APPS[3:],
         subresources={"scale": CHANGING, "status": CHANGING}),
)  # fmt: skip
# Groups in the order of their priority (kube-apiserver pkg/controlplane/apiserver/aggregator.go).
KEPT = (
    kept("configmaps", "ConfigMap", short="cm"),
    kept("endpoints", "Endpoints", short="ep"),
    kept("limitranges", "LimitRange", short="limits"),
    kept("persistentvolumeclaims", "PersistentVolumeClaim", short="pvc", parts=STATUS),
    kept("persistentvolumes", "PersistentVolume", short="pv", cluster=True, parts=STATUS),
    kept("podtemplates", "PodTemplate"),
    kept("replicationcontrollers", "ReplicationController", short="rc", category="all", parts=SCALED),
    kept("resourcequotas", "ResourceQuota", short="quota", parts=STATUS),
    kept("secrets", "Secret"),
    kept("serviceaccounts", "ServiceAccount", short="sa", parts=("token",)),
    kept("services", "Service", short="svc", category="all", parts=STATUS),
    kept("apiservices", "APIService", "apiregistration.k8s.io", category=EXTENSIONS, cluster=True, parts=STATUS),
    kept("controllerrevisions", "ControllerRevision", "apps"),
    kept("daemonsets", "DaemonSet", "apps", short="ds", category="all", parts=STATUS),
    kept("statefulsets", "StatefulSet", "apps", short="sts", category="all", parts=SCALED),
    kept("horizontalpodautoscalers", "HorizontalPodAutoscaler", "autoscaling", version="v2", older="v1", short="hpa",
         category="all", parts=STATUS),
    kept("cronjobs", "CronJob", "batch", short="cj", category="all", parts=STATUS),
    kept("jobs", "Job", "batch", category="all", parts=STATUS),
    kept("certificatesigningrequests", "CertificateSigningRequest", CERTIFICATES, short="csr", cluster=True,
         parts=("approval", "status")),
    kept("clustertrustbundles", "ClusterTrustBundle", CERTIFICATES, cluster=True),
    kept("podcertificaterequests", "PodCertificateRequest", CERTIFICATES, parts=STATUS),
    kept("ingressclasses", "IngressClass", NETWORK, cluster=True),
    kept("ingresses", "Ingress", NETWORK, short="ing", parts=STATUS),
    kept("ipaddresses", "IPAddress", NETWORK, short="ip", cluster=True),
    kept("networkpolicies", "NetworkPolicy", NETWORK, short="netpol"),
    kept("servicecidrs", "ServiceCIDR", NETWORK, cluster=True, parts=STATUS),
    kept("poddisruptionbudgets", "PodDisruptionBudget", "policy", short="pdb", parts=STATUS),
    kept("clusterrolebindings", "ClusterRoleBinding", RBAC, cluster=True),
    kept("clusterroles", "ClusterRole", RBAC, cluster=True),
    kept("rolebindings", "RoleBinding", RBAC),
    kept("roles", "Role", RBAC),
    kept("csidrivers", "CSIDriver", STORAGE, cluster=True),
    kept("csinodes", "CSINode", STORAGE, cluster=True),
    kept("csistoragecapacities", "CSIStorageCapacity", STORAGE),
    kept("storageclasses", "StorageClass", STORAGE, short="sc", cluster=True),
    kept("volumeattachments", "VolumeAttachment", STORAGE, cluster=True, parts=STATUS),
    kept("volumeattributesclasses", "VolumeAttributesClass", STORAGE, short="vac", cluster=True),
    kept("mutatingadmissionpolicies", "MutatingAdmissionPolicy", ADMISSION, category=EXTENSIONS, cluster=True),
    kept("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", ADMISSION, category=EXTENSIONS, cluster=True),
    kept("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", ADMISSION, category=EXTENSIONS, cluster=True),
    kept("validatingadmissionpolicies", "ValidatingAdmissionPolicy", ADMISSION, category=EXTENSIONS, cluster=True, parts=STATUS),
    kept("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", ADMISSION, category=EXTENSIONS, cluster=True),
    kept("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", ADMISSION, category=EXTENSIONS, cluster=True),
    kept("customresourcedefinitions", "CustomResourceDefinition", "apiextensions.k8s.io", short="crd,crds",
         category=EXTENSIONS, cluster=True, parts=STATUS),
    kept("priorityclasses", "PriorityClass", "scheduling.k8s.io", short="pc", cluster=True),
    kept("leases", "Lease", "coordination.k8s.io"),
    kept("runtimeclasses", "RuntimeClass", "node.k8s.io", cluster=True),
    kept("endpointslices", "EndpointSlice", "discovery.k8s.io"),
    kept("flowschemas", "FlowSchema", FLOWCONTROL, cluster=True, parts=STATUS),
    kept("prioritylevelconfigurations", "PriorityLevelConfiguration", FLOWCONTROL, cluster=True, parts=STATUS),
    kept("deviceclasses", "DeviceClass", RESOURCE, cluster=True),
    kept("devicetaintrules", "DeviceTaintRule", RESOURCE, cluster=True, parts=STATUS),
    kept("resourceclaims", "ResourceClaim", RESOURCE, parts=STATUS),
    kept("resourceclaimtemplates", "ResourceClaimTemplate", RESOURCE),
    kept("resourceslices", "ResourceSlice", RESOURCE, cluster=True),
    kept("storageversionmigrations", "StorageVersionMigration", "storagemigration.k8s.io", cluster=True, parts=STATUS),
)  # fmt: skip
REVIEWS = {
    ("authorization.k8s.io", "v1"): (
        "localsubjectaccessreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "subjectaccessreviews",
    ),
    ("authentication.k8s.io", "v1"): ("selfsubjectreviews", "tokenreviews"),
}  # fmt: skip
NAMESPACED_REVIEWS = ("localsubjectaccessreviews",)
REVIEW_KINDS = {
    "localsubjectaccessreviews": "LocalSubjectAccessReview",
    "subjectaccessreviews": "SubjectAccessReview",
    "tokenreviews": "TokenReview",
    "selfsubjectaccessreviews": "SelfSubjectAccessReview",
    "selfsubjectrulesreviews": "SelfSubjectRulesReview",
    "selfsubjectreviews": "SelfSubjectReview",
}


class Table:
    """Kinds by the names used in paths; `reviews`: (group, version) -> plurals that can only be created.

    `custom`: (group, version, kind) -> schema, for the kinds of CustomResourceDefinitions."""

    def __init__(
        self,
        rows: Iterable[Kind],
        reviews: Mapping[Group, tuple[str, ...]] = REVIEWS,
        custom: Mapping[tuple[str, str, str], Json] | None = None,
    ) -> None:
        self.rows = tuple(rows)
        self.reviews = reviews
        self.custom = dict(custom or {})
        self._found = {(*pair, kind.plural): kind for kind in self.rows for pair in kind.served}

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        return self._found.get((group, version, plural))

    def of(self, group: str, version: str) -> list[Kind]:
        """The kinds of a version, in the order of discovery."""
        return [kind for kind in self.rows if (group, version) in kind.served]

    @cached_property
    def group_versions(self) -> dict[str, list[str]]:
        """Group -> versions, the preferred one first; without the core group. Treat as read-only."""
        found: dict[str, list[str]] = {}
        for group, version in [*(pair for kind in self.rows for pair in kind.served), *self.reviews]:
            if group and version not in found.setdefault(group, []):
                found[group].append(version)
        return found

    def plus(self, rows: Iterable[Kind], custom: Mapping[tuple[str, str, str], Json]) -> "Table":
        """A table with the kinds of a cluster's CustomResourceDefinitions added."""
        return Table((*self.rows, *rows), self.reviews, {**self.custom, **custom})


def modern(kind: Kind) -> Kind:
    """The kind without the API versions removed in Kubernetes 1.16."""
    served = tuple(each for each in kind.served if each not in OLD)
    subresources = {name: verbs for name, verbs in kind.subresources.items() if name != "rollback"}
    return kind if served == kind.served else replace(kind, served=served, subresources=subresources)


SERVED = Table((*KINDS, *KEPT))
MODERN = Table((*map(modern, KINDS), *KEPT))
BY_PLURAL = {each.plural: each for each in SERVED.rows}


def has_subresource(kind: Kind, name: str, group: str, version: str) -> bool:
    """`rollback` exists only in two of the old versions."""
    if name == "rollback":
        return (group, version) in (("apps", "v1beta1"), ("extensions", "v1beta1"))
    return name in kind.subresources
