"""/metrics of this process, in Prometheus' text format, with an API server's metric names (apiserver pkg/endpoints/metrics)."""

import threading
import time
from collections import Counter

from cluster.api.targets import Target

STARTED = time.time()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]
_requests: Counter[Labels] = Counter()  # bounded by the table of kinds: verbs, resources and codes
_lock = threading.Lock()


def count(verb: str, target: Target | None, code: int) -> None:
    """Counts a response; the resource is "" for requests without a target. Custom kinds are counted together."""
    custom = target is not None and target.kind.sort == "custom"
    labels = {
        "code": str(code),
        "group": target.group if target and not custom else "",
        "resource": ("customresources" if custom else target.kind.plural) if target else "",
        "subresource": target.subresource if target else "",
        "verb": verb.upper(),
        "version": target.version if target and not custom else "",
    }
    with _lock:
        _requests[tuple(labels.items())] += 1


def text(version: dict[str, str]) -> str:
    """`version`: the content of /version."""
    with _lock:
        requests = sorted(_requests.items())
    build = {"git_version": version["gitVersion"], "major": version["major"], "minor": version["minor"]}
    lines = [
        *about("apiserver_request_total", "Counter of apiserver requests, of this process.", "counter"),
        *(f"apiserver_request_total{{{shown(labels)}}} {number}" for labels, number in requests),
        *about("kubernetes_build_info", "The Kubernetes version that is followed.", "gauge"),
        f"kubernetes_build_info{{{shown(tuple(build.items()))}}} 1",
        *about("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", "gauge"),
        f"process_start_time_seconds {STARTED:.2f}",
    ]
    return "\n".join(lines) + "\n"


def about(name: str, help_text: str, kind: str) -> list[str]:
    return [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]


def shown(labels: Labels) -> str:
    return ",".join(f'{key}="{value}"' for key, value in labels)
