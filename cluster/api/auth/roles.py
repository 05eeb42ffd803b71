"""The ClusterRoles of memberships, with upstream's rules, and the check of what they allow (plugin/pkg/auth/authorizer/rbac:
rbac.go and bootstrappolicy/policy.go). `view`, `edit` and `admin` are aggregated as upstream's controller does: `edit` has all
rules of `view`, `admin` all of `edit`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
READ = ("get", "list", "watch")
WRITE = ("create", "delete", "deletecollection", "patch", "update")
READ_WRITE = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
RBAC = "rbac.authorization.k8s.io"
BASIC_PATHS = ("/healthz", "/livez", "/readyz", "/version", "/version/")
DISCOVERY_PATHS = (
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    *BASIC_PATHS[2:],
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """`resources` as in deployments/scale; "*" is all of them."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def allows(self, verb: str, group: str, resource: str) -> bool:
        return has(self.verbs, verb) and has(self.groups, group) and has(self.resources, resource)

    def visits(self, verb: str, path: str) -> bool:
        return has(self.verbs, verb) and any(
            path == each or (each.endswith("*") and path.startswith(each[:-1])) for each in self.paths
        )

    @property
    def manifest(self) -> Json:
        if self.paths:
            return {"nonResourceURLs": list(self.paths), "verbs": list(self.verbs)}
        return {"apiGroups": list(self.groups), "resources": list(self.resources), "verbs": list(self.verbs)}


def has(allowed: tuple[str, ...], value: str) -> bool:
    return "*" in allowed or value in allowed


def rule(verbs: Iterable[str], group: str, resources: str) -> Rule:
    return Rule(verbs=tuple(verbs), groups=(group,), resources=tuple(resources.split()))


TO_VIEW = (
    rule(READ, "", "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers "
                   "replicationcontrollers/scale serviceaccounts services services/status"),
    rule(READ, "", "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status "
                   "resourcequotas resourcequotas/status"),
    rule(READ, "", "namespaces"),
    rule(READ, "discovery.k8s.io", "endpointslices"),
    rule(READ, "apps", "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status "
                       "replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status"),
    rule(READ, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
    rule(READ, "batch", "cronjobs cronjobs/status jobs jobs/status"),
    rule(READ, "extensions", "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses "
                             "ingresses/status networkpolicies replicasets replicasets/scale replicasets/status "
                             "replicationcontrollers/scale"),
    rule(READ, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
    rule(READ, "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
    rule(READ, "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"),
)  # fmt: skip
TO_EDIT = (
    rule(READ, "", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
    rule(("impersonate",), "", "serviceaccounts"),
    rule(WRITE, "", "pods pods/attach pods/exec pods/portforward pods/proxy"),
    rule(("create",), "", "pods/eviction"),
    rule(WRITE, "", "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets "
                    "serviceaccounts services services/proxy"),
    rule(("create",), "", "serviceaccounts/token"),
    rule(WRITE, "apps", "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale "
                        "statefulsets statefulsets/scale"),
    rule(WRITE, "autoscaling", "horizontalpodautoscalers"),
    rule(WRITE, "batch", "cronjobs jobs"),
    rule(WRITE, "extensions", "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies "
                              "replicasets replicasets/scale replicationcontrollers/scale"),
    rule(WRITE, "policy", "poddisruptionbudgets"),
    rule(WRITE, "networking.k8s.io", "ingresses networkpolicies"),
    rule(READ_WRITE, "coordination.k8s.io", "leases"),
    rule(WRITE, "resource.k8s.io", "resourceclaims resourceclaimtemplates"),
)  # fmt: skip
TO_ADMIN = (
    rule(("create",), "authorization.k8s.io", "localsubjectaccessreviews"),
    rule(READ_WRITE, RBAC, "rolebindings roles"),
)
VIEW, EDIT = TO_VIEW, (*TO_EDIT, *TO_VIEW)
ADMIN = (*EDIT, *TO_ADMIN)
CLUSTER_ADMIN = (Rule(verbs=("*",), groups=("*",), resources=("*",)), Rule(verbs=("*",), paths=("*",)))
# Every member of a cluster may read its nodes, and list the namespaces that they may view.
MEMBER = (rule(READ, "", "nodes"), rule(("list", "watch"), "", "namespaces"))
BASIC_USER = (
    rule(("create",), "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
    rule(("create",), "authentication.k8s.io", "selfsubjectreviews"),
)
DISCOVERY = (Rule(verbs=("get",), paths=DISCOVERY_PATHS),)
EVERYBODYS = (*BASIC_USER, *DISCOVERY)
RULES: dict[str, tuple[Rule, ...]] = {
    "admin": ADMIN,
    "cluster-admin": CLUSTER_ADMIN,
    "edit": EDIT,
    "rollstage:member": MEMBER,
    "system:aggregate-to-admin": TO_ADMIN,
    "system:aggregate-to-edit": TO_EDIT,
    "system:aggregate-to-view": TO_VIEW,
    "system:basic-user": BASIC_USER,
    "system:discovery": DISCOVERY,
    "view": VIEW,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """The rules of a ClusterRole, in one namespace or ("") everywhere."""

    role: str
    namespace: str = ""


def allow(grants: Iterable[Grant], verb: str, group: str, resource: str, namespace: str) -> bool:
    """`namespace` "": at the cluster scope."""
    return any(each.allows(verb, group, resource) for each in rules_in(grants, namespace))


def rules_in(grants: Iterable[Grant], namespace: str) -> Iterator[Rule]:
    for each in grants:
        if each.namespace in ("", namespace):
            yield from RULES[each.role]
