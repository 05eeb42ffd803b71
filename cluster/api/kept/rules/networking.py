"""Services and Ingresses (pkg/apis/core/validation, pkg/apis/networking/validation)."""

from typing import Any

from cluster.api.kept import addresses
from cluster.api.kept.rules.shared import Json
from cluster.core.validation import formats
from cluster.core.validation.errors import Errors, each_invalid, invalid, raw, required

OUT_OF_RANGE = "provided port is not in the valid range. The range of valid ports is 30000-32767"


def service(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    ports, kind = spec.get("ports") or [], spec.get("type")
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    if kind == "ExternalName" and not spec.get("externalName"):
        yield required("spec.externalName")
    if kind in ("NodePort", "LoadBalancer") and spec.get("clusterIP") == "None":
        yield invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    address = spec.get("clusterIP")
    if address and address != "None" and kind != "ExternalName":
        yield from each_invalid("spec.clusterIPs[0]", address, formats.ip(address))
    for place, port in enumerate(ports):
        yield from service_port(port, f"spec.ports[{place}]", named=len(ports) > 1)
    yield from repeated_ports(ports)


def service_port(port: Json, field: str, *, named: bool) -> Errors:
    name, number, target = port.get("name"), port.get("port") or 0, port.get("targetPort")
    if named and not name:
        yield required(f"{field}.name")
    elif name:
        yield from each_invalid(f"{field}.name", name, formats.dns_label(name))
    yield from each_invalid(f"{field}.port", number, formats.port_number(number))
    if isinstance(target, int):
        yield from each_invalid(f"{field}.targetPort", target, formats.port_number(target))
    elif target:
        yield from each_invalid(f"{field}.targetPort", target, formats.port_name(target))
    node_port = port.get("nodePort")
    if node_port and node_port not in addresses.NODE_PORTS:
        yield invalid(f"{field}.nodePort", node_port, OUT_OF_RANGE)


def repeated_ports(ports: list[Json]) -> Errors:
    names: set[str] = set()
    pairs: set[tuple[Any, Any]] = set()
    for place, port in enumerate(ports):
        name, pair = port.get("name") or "", (port.get("protocol"), port.get("port"))
        if name and name in names:
            yield raw(f"spec.ports[{place}].name", "FieldValueDuplicate", f'Duplicate value: "{name}"')
        if pair in pairs:
            shown = f'{{"port":{pair[1]},"protocol":"{pair[0]}"}}'
            yield raw(f"spec.ports[{place}]", "FieldValueDuplicate", f"Duplicate value: {shown}")
        names.add(name)
        pairs.add(pair)


def same_service(old: Json, new: Json) -> Errors:
    """The first address is immutable while the type needs one."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    if "ExternalName" in (before.get("type"), after.get("type")) or not before.get("clusterIP"):
        return
    if before["clusterIP"] != after.get("clusterIP"):
        shown = after.get("clusterIP") or ""
        yield invalid("spec.clusterIPs[0]", shown, "may not change once set")


def ingress(manifest: Json) -> Errors:
    spec = manifest.get("spec") or {}
    rules = spec.get("rules") or []
    if not rules and not spec.get("defaultBackend"):
        yield raw(
            "spec", "FieldValueInvalid", "Invalid value: {}: either `defaultBackend` or `rules` must be specified"
        )
    for place, rule in enumerate(rules):
        for index, path in enumerate((rule.get("http") or {}).get("paths") or ()):
            yield from ingress_path(path, f"spec.rules[{place}].http.paths[{index}]")


def ingress_path(path: Json, field: str) -> Errors:
    found = path.get("path") or ""
    if path.get("pathType") in ("Exact", "Prefix") and not found.startswith("/"):
        yield invalid(f"{field}.path", found, "must be an absolute path")
