"""What admission adds to every pod: its priority (plugin/pkg/admission/priority), and how long it stays on a node that is not ready
(plugin/pkg/admission/defaulttolerationseconds). And the check of its service account (plugin/pkg/admission/serviceaccount)."""

from collections.abc import Container
from typing import Any

from cluster.core.manifests.pod_defaults import only_in_pods
from cluster.core.objects import Manifest

TOLERATION_SECONDS = 300
DEFAULT_ACCOUNT = "default"  # which every namespace has
NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
Json = dict[str, Any]


def admitted(spec: Manifest) -> Json:
    """A pod's spec from the defaulted spec of its template."""
    full = only_in_pods(spec)
    tolerations = list(full.get("tolerations") or ())
    missing = [key for key in (NOT_READY, UNREACHABLE) if not any(_tolerates(each, key) for each in tolerations)]
    added = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": TOLERATION_SECONDS}
        for key in missing
    ]
    priority = {"priority": 0, "preemptionPolicy": "PreemptLowerPriority"}
    return {**priority, **full, **({"tolerations": [*tolerations, *added]} if added else {})}


def account_problem(namespace: str, spec: Manifest, accounts: Container[tuple[str, str]] | None) -> str:
    """Why a pod of this spec is forbidden where only these service accounts (namespace, name) exist; "": it is not. `accounts`
    None: all exist."""
    name = spec.get("serviceAccountName") or DEFAULT_ACCOUNT
    if accounts is None or name == DEFAULT_ACCOUNT or (namespace, name) in accounts:
        return ""
    return f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'


def _tolerates(toleration: Manifest, key: str) -> bool:
    """Whether a toleration is of this key or of every key, and of the effect NoExecute or of every effect."""
    return (toleration.get("key") or key) == key and (toleration.get("effect") or "NoExecute") == "NoExecute"
