"""Columns of Services and related kinds."""

import ipaddress
from typing import Any

from cluster.api.printers.columns import (
    AGE,
    NAME,
    NONE,
    UNKNOWN,
    UNSET,
    Column,
    at,
    column,
    labels,
    more,
    path,
    selector,
)

Json = dict[str, Any]
CORE, NETWORK, DISCOVERY = "io.k8s.api.core.v1", "io.k8s.api.networking.v1", "io.k8s.api.discovery.v1"
MOST = 3


def cluster_ip(service: Json) -> str:
    """The first of clusterIPs, which is "None" for a headless Service."""
    found = at(service, "spec", "clusterIPs", default=())
    return found[0] if found else at(service, "spec", "clusterIP") or NONE


def external_ip(service: Json) -> str:
    spec = service.get("spec") or {}
    given, kind = spec.get("externalIPs") or [], spec.get("type")
    if kind == "ExternalName":
        return str(spec.get("externalName") or "")
    if kind == "LoadBalancer":
        balanced = balancer(service)
        return ",".join([*([balanced] if balanced else []), *given]) or "<pending>"
    return ",".join(given) or NONE if kind in ("ClusterIP", "NodePort") else UNKNOWN


def balancer(manifest: Json) -> str:
    """The addresses of a load balancer, sorted."""
    found = at(manifest, "status", "loadBalancer", "ingress", default=())
    return ",".join(sorted({each.get("ip") or each.get("hostname") or "" for each in found} - {""}))


def ports(service: Json) -> str:
    return ",".join(map(port, at(service, "spec", "ports", default=()))) or NONE


def port(found: Json) -> str:
    number = f"{found['port']}:{found['nodePort']}" if found.get("nodePort") else str(found["port"])
    return f"{number}/{found.get('protocol', '')}"


def hosts(ingress: Json) -> str:
    """The first three hosts; rules after the third are counted, also those without a host."""
    rules = at(ingress, "spec", "rules", default=())
    named = [place for place, rule in enumerate(rules) if rule.get("host")][:MOST]
    text = ",".join(rules[place]["host"] for place in named) or "*"
    cut = len(named) == MOST and len(rules) > named[-1] + 1
    return f"{text} + {len(rules) - MOST} more..." if cut else text


def parameters(ingress_class: Json) -> str:
    found = at(ingress_class, "spec", "parameters")
    if found is None:
        return NONE
    group = f".{found['apiGroup']}" if "apiGroup" in found else ""
    return f"{found.get('kind', '')}{group}/{found.get('name', '')}"


def endpoints(manifest: Json) -> str:
    """Each address with each port of Endpoints; the first three."""
    found: list[str] = []
    for subset in manifest.get("subsets") or ():
        addresses = [each["ip"] for each in subset.get("addresses") or ()]
        numbers = [each["port"] for each in subset.get("ports") or ()]
        found += [joined(address, number) for number in numbers for address in addresses] if numbers else addresses
    return more(found, len(found), MOST) if manifest.get("subsets") else NONE


def joined(address: str, number: int) -> str:
    return f"[{address}]:{number}" if ipaddress.ip_address(address).version == 6 else f"{address}:{number}"


def slice_ports(found: Json) -> str:
    shown = [str(each.get("port") or each.get("name") or "*") for each in found.get("ports") or ()]
    return more(shown, len(shown), MOST) or UNSET


def slice_endpoints(found: Json) -> str:
    shown = [address for each in found.get("endpoints") or () for address in each.get("addresses") or ()]
    return more(shown, len(shown), MOST) or UNSET


def parent(address: Json) -> str:
    """services/default/web, or with a group: gateways.example.com/default/web."""
    found = at(address, "spec", "parentRef")
    if found is None:
        return NONE
    resource = ".".join(found[each] for each in ("resource", "group") if found.get(each))
    return f"{resource}/{found.get('namespace', '')}/{found.get('name', '')}"


def cidrs(found: Json) -> str:
    return ",".join(at(found, "spec", "cidrs", default=()))


COLUMNS: dict[str, tuple[Column, ...]] = {
    "services": (
        NAME,
        column("Type", (f"{CORE}.ServiceSpec", "type"), path("spec", "type")),
        column("Cluster-IP", (f"{CORE}.ServiceSpec", "clusterIP"), cluster_ip),
        column("External-IP", (f"{CORE}.ServiceSpec", "externalIPs"), external_ip),
        column("Port(s)", (f"{CORE}.ServiceSpec", "ports"), ports),
        AGE,
        column(
            "Selector", (f"{CORE}.ServiceSpec", "selector"), lambda it: labels(at(it, "spec", "selector")), wide=True
        ),
    ),
    "endpoints": (NAME, column("Endpoints", (f"{CORE}.Endpoints", "subsets"), endpoints), AGE),
    "endpointslices.discovery.k8s.io": (
        NAME,
        column("AddressType", (f"{DISCOVERY}.EndpointSlice", "addressType"), path("addressType")),
        column("Ports", (f"{DISCOVERY}.EndpointSlice", "ports"), slice_ports),
        column("Endpoints", (f"{DISCOVERY}.EndpointSlice", "endpoints"), slice_endpoints),
        AGE,
    ),
    "ingresses.networking.k8s.io": (
        NAME,
        column(
            "Class",
            "The name of the IngressClass resource that should be used for additional configuration",
            path("spec", "ingressClassName", default=NONE),
        ),
        column("Hosts", "Hosts that incoming requests are matched against before the ingress rule", hosts),
        column("Address", "Address is a list containing ingress points for the load-balancer", balancer),
        column(
            "Ports", "Ports of TLS configurations that open", lambda it: "80, 443" if at(it, "spec", "tls") else "80"
        ),
        AGE,
    ),
    "ingressclasses.networking.k8s.io": (
        NAME,
        column("Controller", "Controller that is responsible for handling this class", path("spec", "controller")),
        column("Parameters", "A reference to a resource with additional parameters", parameters),
        AGE,
    ),
    "networkpolicies.networking.k8s.io": (
        NAME,
        column(
            "Pod-Selector",
            (f"{NETWORK}.NetworkPolicySpec", "podSelector"),
            lambda it: selector(at(it, "spec", "podSelector")),
        ),
        AGE,
    ),
    "ipaddresses.networking.k8s.io": (NAME, column("ParentRef", (f"{NETWORK}.IPAddressSpec", "parentRef"), parent)),
    "servicecidrs.networking.k8s.io": (NAME, column("CIDRs", (f"{NETWORK}.ServiceCIDRSpec", "cidrs"), cidrs), AGE),
}
