"""A container's probes: when they run and what they report (pkg/kubelet/prober/worker.go, prober.go)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REFUSED_STATUS = 503


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """Seconds and counts of a core/v1 Probe. `finding` is the text of a failed probe; `grace_seconds` is the grace period of a
    container that the probe ends; None: its pod's."""

    delay: float = 0.0
    period: float = 10.0
    successes: int = 1
    failures: int = 3
    grace_seconds: float | None = None
    finding: str = f"HTTP probe failed with statuscode: {REFUSED_STATUS}"

    def tick(self, start: float, earliest: float) -> float:
        """The first run at `earliest` or later, for a container that started at `start`."""
        first = start + self.delay
        return first + max(math.ceil((earliest - first) / self.period), 0) * self.period

    def passes(self, start: float, earliest: float) -> float:
        """When the required successes in a row are reached, if each run from `earliest` on succeeds."""
        return self.tick(start, earliest) + (self.successes - 1) * self.period

    def gives_up(self, start: float, earliest: float) -> float:
        """When the required failures in a row are reached, if each run from `earliest` on fails."""
        return self.tick(start, earliest) + (self.failures - 1) * self.period


# For an image that fails its readiness, in a container without a readiness probe: the simulation probes every 10 s.
UNASKED = Probe(delay=10.0, failures=1)


def read(container: Mapping[str, Any], name: str) -> Probe | None:
    """The container's `readinessProbe`, `livenessProbe` or `startupProbe`; None if it has none."""
    found: Mapping[str, Any] | None = container.get(name)
    if not found:
        return None
    grace = found.get("terminationGracePeriodSeconds")
    return Probe(
        delay=float(found.get("initialDelaySeconds") or 0),
        period=float(found.get("periodSeconds") or 10),
        successes=int(found.get("successThreshold") or 1),
        failures=int(found.get("failureThreshold") or 3),
        grace_seconds=None if grace is None else float(grace),
        finding=finding(found),
    )


def finding(probe: Mapping[str, Any]) -> str:
    """What the kubelet reports of a failed probe; a command's own output is unknown."""
    if probe.get("exec"):
        return ""
    if probe.get("grpc"):
        return 'service unhealthy (responded with "NOT_SERVING")'
    if probe.get("tcpSocket"):
        return f"dial tcp: connect to port {probe['tcpSocket'].get('port')}: connection refused"
    return f"HTTP probe failed with statuscode: {REFUSED_STATUS}"
