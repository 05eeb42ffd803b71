"""Validation of single kinds beyond their schemas (pkg/apis/*/validation/validation.go), and their immutable fields."""

from collections.abc import Callable, Mapping

from cluster.api.kept.rules import configuration, definitions, networking, policies, storage, workloads
from cluster.api.kept.rules.shared import Json
from cluster.core.validation.errors import Errors

RULES: Mapping[str, Callable[[Json], Errors]] = {
    "services": networking.service,
    "configmaps": configuration.config_map,
    "secrets": configuration.secret,
    "resourcequotas": policies.quota,
    "limitranges": policies.limit_range,
    "persistentvolumeclaims": storage.claim,
    "persistentvolumes": storage.volume,
    "podtemplates": workloads.template_only,
    "replicationcontrollers": workloads.replication_controller,
    "statefulsets.apps": workloads.workload,
    "daemonsets.apps": workloads.workload,
    "jobs.batch": workloads.job,
    "cronjobs.batch": workloads.cronjob,
    "horizontalpodautoscalers.autoscaling": policies.autoscaler,
    "ingresses.networking.k8s.io": networking.ingress,
    "poddisruptionbudgets.policy": policies.budget,
    "rolebindings.rbac.authorization.k8s.io": policies.role_binding,
    "clusterrolebindings.rbac.authorization.k8s.io": policies.role_binding,
    "roles.rbac.authorization.k8s.io": policies.role,
    "clusterroles.rbac.authorization.k8s.io": policies.role,
    "priorityclasses.scheduling.k8s.io": policies.priority_class,
    "customresourcedefinitions.apiextensions.k8s.io": definitions.definition,
}
UPDATES: Mapping[str, Callable[[Json, Json], Errors]] = {
    "services": networking.same_service,
    "configmaps": configuration.sealed,
    "secrets": configuration.sealed_secret,
    "persistentvolumeclaims": storage.same_claim,
    "rolebindings.rbac.authorization.k8s.io": policies.same_role,
    "clusterrolebindings.rbac.authorization.k8s.io": policies.same_role,
    "priorityclasses.scheduling.k8s.io": policies.same_priority,
    "jobs.batch": workloads.same_job,
    "statefulsets.apps": workloads.same_statefulset,
    "daemonsets.apps": workloads.same_selector,
    "customresourcedefinitions.apiextensions.k8s.io": definitions.same_names,
}
