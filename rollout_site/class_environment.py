"""`manage.py class` chooses its data folder, addresses and settings before Django reads them."""

import argparse
import ipaddress
import os
import socket
import sys
from pathlib import Path

from rollout_site.demo_environment import check_folder, check_port, free_port, hold_folder, leave_at_once_on_signals

EVERYWHERE = "0.0.0.0"  # noqa: S104 a class is on the network
SOMEWHERE = ("192.0.2.1", 9)  # nothing is sent there: only the source address is read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="Class", help="what the class is called (default: Class)")
    parser.add_argument("--students", type=int, default=40, help="how many seats there are at most (default: 40)")
    parser.add_argument("--host", default=EVERYWHERE, help=f"the address to listen on (default: {EVERYWHERE}, all)")
    parser.add_argument("--address", default="", help="what students type, if the address that was found is wrong")
    parser.add_argument("--port", type=int, default=8000, help="the page's port (default: 8000)")
    parser.add_argument(
        "--api-port", type=int, default=8443, help="the port of the Kubernetes API and of the encrypted page "
        "(default: 8443, or the next free one)"
    )  # fmt: skip
    parser.add_argument(
        "--data", type=Path, default=Path("var") / "class", help="where everything is kept (default: var/class/)"
    )


def prepare(arguments: list[str]) -> None:
    """Sets the environment. Exits with a one-line message where the class can't run."""
    leave_at_once_on_signals()
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _ = parser.parse_known_args(arguments)
    data = options.data.resolve()
    os.umask(0o077)
    check_folder(data)
    hold_folder(data)
    check_port(options.port, options.host)
    api_port = free_port(options.api_port, options.host)
    name = options.address or lan_address(options.host)
    os.environ["ROLLSTAGE_DATA"] = str(data)
    os.environ["ROLLSTAGE_ANONYMOUS"] = os.environ["ROLLSTAGE_REGISTRATION"] = "none"
    os.environ["ROLLSTAGE_ADDRESS"] = f"http://{in_url(name)}:{options.port}"
    os.environ["ROLLSTAGE_API_ADDRESS"] = f"https://{in_url(name)}:{api_port}"
    os.environ["ROLLSTAGE_API_CA"] = str(data / "tls" / "ca.crt")
    os.environ["ALLOWED_HOSTS"] = ",".join(in_url(each) for each in names_of_this_machine(name))
    for variable in ("DATABASE_URL", "REDIS_URL", "HTTPS"):  # a team server's
        os.environ.pop(variable, None)


def lan_address(host: str) -> str:
    """The address at which others on the network reach this machine."""
    if host not in (EVERYWHERE, "::"):
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(SOMEWHERE)
            return str(probe.getsockname()[0])
        except OSError:
            return own_address()


def own_address() -> str:
    """Without a route to other networks: the address of the host's name, or the loopback address."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"


def names_of_this_machine(name: str) -> list[str]:
    """The allowed host names; a request with any other is an attack."""
    host = socket.gethostname()
    return list(dict.fromkeys([name, "localhost", "127.0.0.1", "::1", host, f"{host.partition('.')[0]}.local"]))


def in_url(name: str) -> str:
    """The name as part of a URL: an IPv6 address in brackets. Exits for an invalid host name."""
    try:
        return f"[{name}]" if ipaddress.ip_address(name).version == 6 else name
    except ValueError:
        if any(each in name for each in "/:,@ ") or not name:
            sys.exit(f"Rollstage can't use {name!r} as its address. Name a host or an IP address with --address.")
        return name
