"""Reads Services from manifests that have not passed an API server: checked as far as their effects here depend on it, with
their defaults."""

import zlib
from collections.abc import Mapping
from typing import Any

from cluster.core.fields import unlike
from cluster.core.objects import Manifest
from cluster.core.validation import formats

TYPES = ("ClusterIP", "NodePort", "LoadBalancer")
KNOWN = f"one of {', '.join(TYPES)}"


def checked(spec: Manifest) -> Manifest:
    """The spec with its defaults. Raises ValueError, which names the field."""
    kind = spec.get("type") or "ClusterIP"
    if kind not in TYPES:
        raise ValueError(f"spec.type: {unlike(KNOWN, kind)}")
    selector = spec.get("selector") or {}
    if not isinstance(selector, Mapping) or not all(isinstance(each, str) for each in selector.values()):
        raise ValueError(f"spec.selector: {unlike('a mapping of labels to values', selector)}")
    ports = spec.get("ports")
    if not isinstance(ports, list) or (not ports and spec.get("clusterIP") != "None"):
        raise ValueError(f"spec.ports: {unlike('a list of at least one port', ports)}")
    found = [port(each, f"spec.ports[{place}]") for place, each in enumerate(ports)]
    return {"ipFamilies": ["IPv4"], **spec, "type": kind, "selector": dict(selector), "ports": found}


def port(given: Any, place: str) -> Manifest:
    number = given.get("port") if isinstance(given, Mapping) else None
    if not isinstance(number, int) or isinstance(number, bool) or formats.port_number(number):
        raise ValueError(f"{place}.port: {unlike('a number from 1 to 65535', number)}")
    target = given.get("targetPort", number)
    if isinstance(target, bool) or not isinstance(target, int | str):
        raise ValueError(f"{place}.targetPort: {unlike('a number or a name', target)}")
    return {"protocol": "TCP", "targetPort": target, **given}


def with_address(spec: Manifest, seed: str) -> Manifest:
    """Adds a cluster IP to a Service that names none: random at a real API server, derived from the seed here."""
    number = zlib.crc32(seed.encode())
    return {"clusterIP": f"10.96.{number % 255 + 1}.{number // 255 % 254 + 1}", **spec}
