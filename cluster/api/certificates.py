"""A certificate authority of the demo's own, and the server's certificate from it: made once, kept beside the data."""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEARS = timedelta(days=3650)
HOSTS = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")


def ensure(folder: Path) -> tuple[Path, Path, Path]:
    """(CA certificate, server certificate, server key), all PEM files; the key is readable by its owner only."""
    files = (folder / "ca.crt", folder / "server.crt", folder / "server.key")
    if not all(each.exists() for each in files):
        folder.mkdir(parents=True, exist_ok=True)
        make(*files)
    return files


def make(ca_file: Path, certificate_file: Path, key_file: Path) -> None:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rollstage-ca")])
    ca = signed(authority, authority, ca_key.public_key(), ca_key, is_ca=True)
    server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rollstage")])
    certificate = signed(server, authority, key.public_key(), ca_key, is_ca=False)
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)


def signed(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    names = [*map(x509.DNSName, HOSTS), *(x509.IPAddress(ipaddress.ip_address(each)) for each in ADDRESSES)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + YEARS)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if not is_ca:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())
