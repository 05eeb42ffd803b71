"""Rollstage's own certificate authority and a server certificate issued by it: created once, stored beside the data, and renewed
before they expire. Kubeconfigs trust the authority, so they outlive the server's certificate."""

import ipaddress
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.core.management import CommandError

AUTHORITY_LIFETIME = timedelta(days=3650)
SERVER_LIFETIME = timedelta(days=825)
RENEWED_BEFORE = timedelta(days=60)
HOSTS = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")
Key = ec.EllipticCurvePrivateKey


class Damaged(CommandError):
    """Raised for an unusable certificate or key of the authority. It is not replaced, as clients that trust the authority would
    not trust another. Ends a command with a one-line message."""

    def __init__(self, file: Path) -> None:
        then = "Rollstage then makes another authority, which only new kubeconfigs trust."
        super().__init__(f"{file} is damaged. Put a copy of it back, or delete {file.parent}: {then}")


def ensure(folder: Path, *, now: datetime | None = None, names: Sequence[str] = ()) -> tuple[Path, Path, Path]:
    """(CA certificate, server certificate, server key), all PEM files; keys are readable by their owner only. `names`: host names
    and addresses for the server's certificate beside this machine's own. Raises Damaged."""
    now = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca_file, ca_key_file, file, key_file = (folder / name for name in ("ca.crt", "ca.key", "server.crt", "server.key"))
    if ca_file.exists() and end_of(ca_file) is None:
        raise Damaged(ca_file)
    if not lasts(ca_file, now + SERVER_LIFETIME) or not ca_key_file.exists():
        if lasts(ca_file, now + RENEWED_BEFORE) and lasts(file, now + RENEWED_BEFORE) and key_file.exists():
            return ca_file, file, key_file  # from before the authority's key was kept
        make_authority(ca_file, ca_key_file, now)
        file.unlink(missing_ok=True)
    if not lasts(file, now + RENEWED_BEFORE) or not fits(key_file, file) or not is_for(file, names):
        if not fits(ca_key_file, ca_file):
            raise Damaged(ca_key_file)
        make_server(ca_file, ca_key_file, file, key_file, now, names)
    return ca_file, file, key_file


def lasts(file: Path, until: datetime) -> bool:
    """Whether a certificate is readable and valid until then."""
    end = end_of(file)
    return end is not None and end > until


def end_of(file: Path) -> datetime | None:
    """The end of a certificate's validity; None if the file is missing or unreadable."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None


def fits(key_file: Path, file: Path) -> bool:
    """Whether a key is readable and belongs to the certificate."""
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return key.public_key() == x509.load_pem_x509_certificate(file.read_bytes()).public_key()


def is_for(file: Path, names: Sequence[str]) -> bool:
    found = x509.load_pem_x509_certificate(file.read_bytes()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return {general_name(each) for each in names} <= set(found.value)


def general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def make_authority(ca_file: Path, ca_key_file: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rollstage-ca")])
    builder = unsigned(name, name, key, now, AUTHORITY_LIFETIME).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    write_key(ca_key_file, key)
    replace(ca_file, lambda file: file.write_bytes(pem(builder.sign(key, hashes.SHA256()))))


def make_server(
    ca_file: Path, ca_key_file: Path, file: Path, key_file: Path, now: datetime, more: Sequence[str] = ()
) -> None:
    authority = x509.load_pem_x509_certificate(ca_file.read_bytes())
    ca_key = serialization.load_pem_private_key(ca_key_file.read_bytes(), None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [general_name(each) for each in dict.fromkeys((*HOSTS, *ADDRESSES, *more))]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rollstage")])
    builder = (
        unsigned(subject, authority.subject, key, now, SERVER_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    write_key(key_file, key)
    replace(file, lambda new: new.write_bytes(pem(builder.sign(ca_key, hashes.SHA256()))))


def unsigned(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + lifetime)
    )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def write_key(file: Path, key: Key) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    def write(new: Path) -> None:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(text)

    replace(file, write)


def replace(file: Path, write: Callable[[Path], object]) -> None:
    """Writes a file atomically, as another process may start at the same time."""
    new = file.with_name(f".{file.name}.{os.getpid()}")
    write(new)
    new.replace(file)
