"""Kubeconfig files for kubectl: API address, certificate authority, token and namespace in one file, readable by its owner
only."""

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cluster import documents
from cluster.spaces import DEFAULT_CLUSTER

NAME = "rollstage"


def text(*, server: str, ca: Path | None, user: str, token: str, namespace: str) -> str:
    """The kubeconfig as YAML. Without `ca` the client must already trust the issuer of the server's certificate."""
    cluster = {"server": server}
    if ca:
        cluster["certificate-authority-data"] = base64.b64encode(ca.read_bytes()).decode()
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": NAME, "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": user, "namespace": namespace}}],
        "current-context": NAME,
    }
    return documents.dump(config)


def cluster_address(server: str, cluster: str) -> str:
    """The address of a cluster's API on a server; that of the default cluster is the server's root."""
    root = re.sub("/clusters/[^/]+/?$", "", server.rstrip("/"))
    return root if cluster == DEFAULT_CLUSTER else f"{root}/clusters/{cluster}"


def write(file: Path, content: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(content)


def token_in(file: Path) -> str | None:
    """The token in an existing kubeconfig; None without one."""
    return found_in(file, lambda config: config["users"][0]["user"]["token"])


def server_in(file: Path) -> str | None:
    """The API's address in an existing kubeconfig; None without one."""
    return found_in(file, lambda config: config["clusters"][0]["cluster"]["server"])


def found_in(file: Path, look: Callable[[Any], str]) -> str | None:
    try:
        return look(documents.load_documents(file.read_text())[0].manifest)
    except (OSError, ValueError, documents.DocumentError, LookupError, TypeError):
        return None
