"""Addresses and ports that a Service is given (pkg/registry/core/service/ipallocator, portallocator)."""

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv4Network

SERVICES = IPv4Network("10.96.0.0/12")
NODE_PORTS = range(30000, 32768)
FIRST_FREE_PORT = 30086  # those below are kept for who names one (KEP-3668)


class Exhausted(LookupError):
    """Raised when no address or port is left."""


def cluster_ip(taken: Collection[str], network: IPv4Network = SERVICES) -> str:
    """The first free address behind those that are kept for who names one, else one of these (KEP-3070)."""
    for place in _upper_then_lower(network.num_addresses):
        found = str(network[place])
        if found not in taken:
            return found
    raise Exhausted("range is full")


def in_range(address: str, network: IPv4Network = SERVICES) -> bool:
    """Whether a Service can have an address: neither the network's own nor its broadcast."""
    try:
        found = IPv4Address(address)
    except ValueError:
        return False
    return found in network and found not in (network.network_address, network.broadcast_address)


def node_port(taken: Collection[int]) -> int:
    upper, lower = range(FIRST_FREE_PORT, NODE_PORTS.stop), range(NODE_PORTS.start, FIRST_FREE_PORT)
    found = next((port for ports in (upper, lower) for port in ports if port not in taken), None)
    if found is None:
        raise Exhausted("range is full")
    return found


def _upper_then_lower(size: int) -> Iterator[int]:
    """min(max(16, size / 16), 256) addresses at the beginning come last."""
    lower = min(max(16, size // 16), 256)
    start = lower + 1 if size > 2 * lower else 1
    yield from range(start, size - 1)
    yield from range(1, start)
