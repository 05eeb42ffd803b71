"""The demo's authority and its server's certificate: for whom, how long, and who can read the keys."""

import ipaddress
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from cluster.api.auth import certificates, kubeconfig

NOW = datetime.now(UTC)


def read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_the_certificate_is_for_this_machine_by_all_its_names(tmp_path: Path) -> None:
    ca, file, key = certificates.ensure(tmp_path / "tls")
    names = read(file).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]
    read(file).verify_directly_issued_by(read(ca))
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(file, key)


def test_only_their_owner_reads_the_keys(tmp_path: Path) -> None:
    certificates.ensure(tmp_path / "tls")
    for name in ("ca.key", "server.key"):
        assert stat.S_IMODE((tmp_path / "tls" / name).stat().st_mode) == 0o600
    config = tmp_path / "kubeconfig"
    config.touch(0o644)
    kubeconfig.write(config, "x")
    assert stat.S_IMODE(config.stat().st_mode) == 0o600


def test_what_still_lasts_is_kept(tmp_path: Path) -> None:
    before = [each.read_bytes() for each in certificates.ensure(tmp_path, now=NOW)]
    assert [each.read_bytes() for each in certificates.ensure(tmp_path, now=NOW + timedelta(days=700))] == before


def test_a_certificate_is_renewed_before_it_ends_and_kubeconfigs_stay_good(tmp_path: Path) -> None:
    ca, file, _ = certificates.ensure(tmp_path, now=NOW)
    authority, old = ca.read_bytes(), file.read_bytes()
    later = NOW + certificates.SERVER_LIFETIME - certificates.RENEWED_BEFORE + timedelta(days=1)
    certificates.ensure(tmp_path, now=later)
    assert ca.read_bytes() == authority
    assert file.read_bytes() != old
    assert read(file).not_valid_after_utc > later + timedelta(days=800)
    read(file).verify_directly_issued_by(read(ca))


def test_an_authority_that_ends_is_made_anew(tmp_path: Path) -> None:
    ca, file, _ = certificates.ensure(tmp_path, now=NOW)
    authority = ca.read_bytes()
    certificates.ensure(tmp_path, now=NOW + certificates.AUTHORITY_LIFETIME)
    assert ca.read_bytes() != authority
    read(file).verify_directly_issued_by(read(ca))


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    _, file, _ = certificates.ensure(tmp_path)
    file.write_text("x")
    certificates.ensure(tmp_path)
    assert read(file)


@pytest.mark.parametrize("name", ["server.key", "server.crt"])
def test_a_damaged_certificate_of_the_server_is_made_again(tmp_path: Path, name: str) -> None:
    ca, file, key = certificates.ensure(tmp_path)
    authority = ca.read_bytes()
    (tmp_path / name).write_bytes(b"damaged")
    assert certificates.ensure(tmp_path) == (ca, file, key)
    assert (ca.read_bytes(), certificates.fits(key, file)) == (authority, True)


def test_a_damaged_authority_is_told_of_and_not_made_anew(tmp_path: Path) -> None:
    certificates.ensure(tmp_path)
    (tmp_path / "ca.crt").write_bytes(b"damaged")
    with pytest.raises(
        certificates.Damaged, match=f"^{tmp_path / 'ca.crt'} is damaged. Put a copy of it back, or delete "
    ):
        certificates.ensure(tmp_path)
    assert (tmp_path / "ca.crt").read_bytes() == b"damaged"


def test_a_damaged_key_of_the_authority_is_told_of_once_it_is_needed(tmp_path: Path) -> None:
    certificates.ensure(tmp_path)
    (tmp_path / "ca.key").write_bytes(b"damaged")
    certificates.ensure(tmp_path)
    (tmp_path / "server.key").unlink()
    with pytest.raises(
        certificates.Damaged, match=f"^{tmp_path / 'ca.key'} is damaged. Put a copy of it back, or delete "
    ):
        certificates.ensure(tmp_path)
