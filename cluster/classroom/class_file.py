"""DATA/class.json of `manage.py class`: the addresses that scripts and the teacher need to find the class again, readable by its
owner only."""

import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings

from cluster.api.auth import kubeconfig
from cluster.classroom import addresses
from cluster.models import Classroom


def path() -> Path:
    return Path(settings.DATA_DIR) / "class.json"


def write(room: Classroom, address: str) -> dict[str, str]:
    """Writes the file; returns its contents."""
    told = {
        "name": room.name,
        "address": address,
        "code": room.code,
        "join_url": addresses.join_url(address, room),
        "teacher_url": addresses.teacher_url(address, room),
    }
    kubeconfig.write(path(), json.dumps(told, indent=2) + "\n")
    return told


def renew(room: Classroom) -> None:
    """Rewrites the file after a change of the code, for the class that this process was started for."""
    if settings.PUBLIC_ADDRESS and path().exists():
        write(room, settings.PUBLIC_ADDRESS)


def fingerprint() -> str:
    """SHA-256 of the server's certificate in browsers' notation; "" where another server terminates TLS."""
    if not settings.API_CA:
        return ""
    file = Path(settings.API_CA).with_name("server.crt")
    digest = x509.load_pem_x509_certificate(file.read_bytes()).fingerprint(hashes.SHA256())
    return digest.hex(":").upper()
