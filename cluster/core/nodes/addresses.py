"""IP addresses of nodes and pods, derived from their names and uids. There are 65,024 different pod addresses, so they may
repeat; nothing is sent to them."""

import zlib

from cluster.core.objects import Pod

POD_NETWORK = "10.244"
NODE_NETWORK = "172.18"
LAST_HOST = 254


def pod_address(uid: str) -> str:
    try:
        number = int(uid[-4:], 16)
    except ValueError:  # a uid that is no UUID
        number = zlib.crc32(uid.encode()) & 0xFFFF
    return f"{POD_NETWORK}.{number >> 8}.{number % LAST_HOST + 1}"


def address_of(pod: Pod) -> str:
    """The pod's IPv4 address: from the status that a client has written, or derived from the uid; "" while there is none."""
    if pod.reported is None:
        return "" if pod.started_at is None else pod_address(pod.uid)
    told = (pod.reported.get("podIP"), *(each.get("ip") for each in pod.reported.get("podIPs") or ()))
    return next((str(each) for each in told if each and ":" not in each), "")


def node_address(name: str) -> str:
    """An address derived from the node's name: node-1 and node-2 of one pool have consecutive addresses."""
    pool = name.rstrip("0123456789")
    number = int(name[len(pool) :] or 0)
    last = number + 1 if number < LAST_HOST else zlib.crc32(name.encode()) % LAST_HOST + 1
    return f"{NODE_NETWORK}.{zlib.crc32(pool.encode()) % 256}.{last}"
