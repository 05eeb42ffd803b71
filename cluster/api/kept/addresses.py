"""Allocation of addresses and ports for Services (pkg/registry/core/service/ipallocator, portallocator): a random free one, as
upstream starts its search at a random place."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

SERVICES = IPv4Network("10.96.0.0/12")
NODE_PORTS = range(30000, 32768)
FIRST_FREE_PORT = 30086  # those below are reserved for requests by number (KEP-3668)
TRIES = 16
T = TypeVar("T")


class Exhausted(LookupError):
    """Raised when no address or port is left."""


def cluster_ip(is_taken: Callable[[str], bool], taken: Callable[[], set[str]], network: IPv4Network = SERVICES) -> str:
    """A free address above the range reserved for requested addresses, else one from that range (KEP-3070). `taken`: returns all
    taken addresses, called if random tries find none."""
    lower, upper = bands(network.num_addresses)

    def at(place: int) -> str:
        return str(network[place])

    return free(upper, lower, at, is_taken, taken)


def node_port(is_taken: Callable[[int], bool], taken: Callable[[], set[int]]) -> int:
    upper, lower = range(FIRST_FREE_PORT, NODE_PORTS.stop), range(NODE_PORTS.start, FIRST_FREE_PORT)
    return free(upper, lower, lambda port: port, is_taken, taken)


def free(
    upper: Sequence[int],
    lower: Sequence[int],
    at: Callable[[int], T],
    is_taken: Callable[[T], bool],
    taken: Callable[[], set[T]],
) -> T:
    for _ in range(TRIES if upper else 0):
        found = at(upper[secrets.randbelow(len(upper))])
        if not is_taken(found):
            return found
    held = taken()
    left: Iterator[T] = (at(place) for places in (upper, lower) for place in places)
    for found in left:
        if found not in held:
            return found
    raise Exhausted("range is full")


def in_range(address: str, network: IPv4Network = SERVICES) -> bool:
    """Whether a Service can have an address: in the network, but not its network or broadcast address."""
    try:
        found = IPv4Address(address)
    except ValueError:
        return False
    return found in network and found not in (network.network_address, network.broadcast_address)


def bands(size: int) -> tuple[range, range]:
    """(lower, upper): the first min(max(16, size / 16), 256) addresses are the lower band, which is used last."""
    lower = min(max(16, size // 16), 256)
    start = lower + 1 if size > 2 * lower else 1
    return range(1, start), range(start, size - 1)
